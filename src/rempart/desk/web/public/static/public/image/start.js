// Where the script of the frame begins. The same text runs twice: in the frame, and in the worker that the frame makes of it.

import { show } from "./frame.js";
import { work } from "./worker.js";

if (typeof document === "undefined") {
  work();
} else {
  const source = new Blob([document.currentScript.textContent], { type: "text/javascript" });
  show(() => {
    const address = URL.createObjectURL(source), worker = new Worker(workerAddress(address));
    worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
    return worker;
  });
}

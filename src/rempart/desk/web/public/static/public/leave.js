// Leave quickly: the button, or the Shift key three times. The page goes blank at once, then another page takes its place.

const button = document.getElementById("leave");
const WITHIN = 1500;
let presses = [];

function leave() {
  document.title = "";
  document.documentElement.hidden = true;
  document.body.replaceChildren();
  // Our own way out makes the browser forget what it kept; if it is slow, go without it.
  window.location.replace(button.href);
  setTimeout(() => window.location.replace(button.dataset.neutral), 2000);
}

if (button) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  window.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") {
      presses = [];
      return;
    }
    const now = Date.now();
    presses = [...presses.filter((at) => now - at < WITHIN), now];
    if (presses.length >= 3) {
      presses = [];
      leave();
    }
  });
  document.querySelectorAll("[data-with-script]").forEach((words) => {
    words.hidden = false;
  });
}

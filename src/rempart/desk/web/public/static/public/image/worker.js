// The worker: reads one file after the other, so that the page stays alive. What comes in is a file or a picture of a video; what
// goes out is how far it is, fingerprints, and a preview of eight by eight pixels.

import { Refusal, blurred, opened, picturePdqs, seen } from "./picture.js";
import { hexOf, sha256 } from "./sha256.js";
import { trueReader } from "./truth.js";

const PIECE = 1 << 21; // bytes
const TELL = 100; // milliseconds between two words on how far it is

let checked = null;

// What the page may ask, one thing at a time.
const TASKS = {
  async truth() {
    return Boolean(await reader());
  },
  async exact({ file }) {
    return exactOf(file);
  },
  async picture({ file }) {
    const bitmap = await opened(file);
    const preview = blurred(bitmap), pdqs = await picturePdqs(bitmap, await sure());
    bitmap.close();
    return { sha256: await exactOf(file), pdqs, preview };
  },
  async second({ bitmap, second }) {
    const { whole } = await seen(bitmap, await sure());
    const preview = second ? null : blurred(bitmap);
    bitmap.close();
    return { pdq: [hexOf(whole.hash), whole.quality, second], preview };
  },
};

function reader() {
  checked ??= trueReader();
  return checked;
}

async function sure() {
  const found = await reader();
  if (!found) throw new Refusal("doubtful");
  return found;
}

// SHA-256 of the file, in hexadecimal, told as it goes.
async function exactOf(file) {
  const hash = sha256();
  let told = 0;
  for (let at = 0; at < file.size; at += PIECE) {
    let bytes;
    try {
      bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    } catch {
      throw new Refusal("unreadable");
    }
    hash.add(bytes);
    if (performance.now() - told > TELL) {
      told = performance.now();
      postMessage({ part: (at + bytes.length) / file.size });
    }
  }
  return hexOf(hash.digest());
}

export function work() {
  addEventListener("message", async ({ data }) => {
    try {
      postMessage({ answer: await TASKS[data.task](data) });
    } catch (error) {
      postMessage({ reason: error instanceof Refusal ? error.reason : "unreadable" });
    }
  });
}

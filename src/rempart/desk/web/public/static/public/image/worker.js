// The worker: reads one file after the other, so that the page stays alive. What comes in is a file or a picture of a video; what
// goes out is how far it is, fingerprints, and a preview of eight by eight pixels.

import { Refusal, blurred, opened, picturePdqs, seen } from "./picture.js";
import { hexOf, sha256 } from "./sha256.js";
import { trueReader } from "./truth.js";

const PIECE = 1 << 21; // bytes
const TELL = 100; // milliseconds between two words on how far it is
const SEEN = 0.6; // how far a picture is when its pixels were read, and not yet its bytes

let checked = null;

// What the page may ask, one thing at a time.
const TASKS = {
  async truth() {
    return Boolean(await reader());
  },
  async exact({ file }) {
    return exactOf(file, teller());
  },
  async picture({ file }) {
    const bitmap = await opened(file);
    const preview = blurred(bitmap), pdqs = await picturePdqs(bitmap, await sure(), teller(0, SEEN));
    bitmap.close();
    return { sha256: await exactOf(file, teller(SEEN)), pdqs, preview };
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

// Says how far it is, now and then: of a work that is a part of the whole.
function teller(from = 0, to = 1) {
  let told = -TELL;
  return (part) => {
    if (performance.now() - told < TELL) return;
    told = performance.now();
    postMessage({ part: from + (to - from) * part });
  };
}

// SHA-256 of the file, in hexadecimal, told as it goes.
async function exactOf(file, tell) {
  const hash = sha256();
  for (let at = 0; at < file.size; at += PIECE) {
    let bytes;
    try {
      bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    } catch {
      throw new Refusal("unreadable");
    }
    hash.add(bytes);
    tell((at + bytes.length) / file.size);
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

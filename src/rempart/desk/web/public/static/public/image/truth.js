// Does this browser tell the truth about pixels? Some alter what is read back, so that nobody is recognised by it: the fingerprint
// would be wrong and look perfect. So before the first file, two known pictures are read and compared with what they are.

import { READERS, opened, seen, strips } from "./picture.js";
import { hexOf } from "./sha256.js";

// A JPEG of 88 × 104 pixels as a camera held sideways writes it (EXIF orientation 6). tests/web/public/image/known.py makes it.
const KNOWN_JPEG = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCABYAGgDAREAAhEBAxEB/8QAGgAAAwEBAQEAAAAAAAAAAAAABwgJBQYECv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAdAQACAwEBAQEBAAAAAAAAAAAHCAUGCQQDAgoA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AHhZwnFBo2V8qpLH6CDIDGw/aoHhu84oNYxLKCqhOWrynnOLyz6JS526R8yLliBISCjvCb5VGEE4rPWHJoHhNG5znKIVQmJwwvFZnIYgn5yxANwkDdhOQcGSctBQaVQA0JA/CcB3KvUxYhHlAQgo/GYaTK9VVBnIUEnJ5W8ztnkBIQqk+TplJK+PoTuQo7+FNpvYJwCGJZQXPgubdGBXFWH55zIFPOgPb1qexcUAG5dXHrAtaVhvUOogx8QQtmGNQm4BgHj2IAgBuC5knVC6tbjxAJE1gyNaG58zEEsK+RJVV4mwY7rY+ESMgeM7C0GII0qTPw6QGCQaMljtJIKxOg/aRNUHJAqUwLAUGtSsUyaHAZeGGIUMBqCKNZSUqkFfD8pQTtRlLXWz0RvGVFKYJN0AUDi9NgeDVhIX8qhdGkzlOAQdoKPBbAUMGNChJfvs8rYMwrrjB1KY1ma5D1WAPG0r7Sg5BHw3cQaKojxVF4ljylRTB4DLLA4ksgCiADiYBUTk66o7SqOjZuvY4ZiBtDFVBgYRZ1KDpoqy/CcjRijSj2OZN2gpXFBWD500umlY9vWB6mLIJIKkAWoyBX4ZKLgRoQCrpiHQHBsKUghuKuPCqCHCd89IwLAeg5AODsxUPgxDcKab1TECWIP1VL0sCwGlFggjuyziKRRqAcsUybgonCuAzL/KEoiQh3XOrgXcrSYR3mjTzvgurYLI1FBQ6zNIU2Mh2FODdl0SkHh6mNZ4jMnaNxNFUnQJANKOKb//Z";
const KNOWN_PDQ = "5cbedc8e0377dd82fc88237da74189d0d29998d8dc91727887c712f483ce8717";
const KNOWN_WIDTH = 88, KNOWN_HEIGHT = 104, KNOWN_BLOCK = 8, KNOWN_SEED = 10;
const NEAR = 6; // levels: what a decoder that rounds otherwise may differ by

// Numbers that look like chance, the same in every browser: 32 bits each.
function chanceFrom(seed) {
  let chance = seed;
  return () => (chance = (Math.imul(chance, 1664525) + 1013904223) >>> 0);
}

// Red, green and blue of the known picture, block by block.
const KNOWN_LEVELS = Uint8Array.from({ length: (3 * KNOWN_WIDTH * KNOWN_HEIGHT) / KNOWN_BLOCK ** 2 }, ((next) => () => next() >>> 24)(chanceFrom(KNOWN_SEED)));

function knownPixel(x, y) {
  const block = Math.floor(y / KNOWN_BLOCK) * (KNOWN_WIDTH / KNOWN_BLOCK) + Math.floor(x / KNOWN_BLOCK);
  return KNOWN_LEVELS.subarray(3 * block, 3 * block + 3);
}

// The first way to read pixels that gives both pictures as they are; null if none does.
export async function trueReader() {
  for (const reader of READERS) {
    try {
      if ((await givesEverything(reader)) && (await givesKnownPicture(reader))) return reader;
    } catch {
      // A way that this browser does not have: the next one.
    }
  }
  return null;
}

// Chance colours, drawn and read back: every bit must be there.
async function givesEverything(reader) {
  const drawn = new ImageData(64, 64), expected = new Uint32Array(drawn.data.buffer);
  const next = chanceFrom(1);
  expected.forEach((_, at) => {
    expected[at] = (next() | 0xff000000) >>> 0;
  });
  const bitmap = await createImageBitmap(drawn, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  let isSame = true, at = 0;
  await strips(bitmap, reader, (pixels) => {
    for (const pixel of pixels) isSame &&= pixel === expected[at++];
  });
  return isSame && at === expected.length;
}

// A file, decoded and turned upright: its pixels must be near, and its fingerprint the same.
async function givesKnownPicture(reader) {
  const bytes = Uint8Array.from(atob(KNOWN_JPEG), (sign) => sign.charCodeAt(0));
  const bitmap = await opened(new Blob([bytes], { type: "image/jpeg" }));
  if (bitmap.width !== KNOWN_WIDTH || bitmap.height !== KNOWN_HEIGHT) return false;
  let isNear = true, at = 0;
  await strips(bitmap, reader, (pixels) => {
    for (const pixel of pixels) {
      const known = knownPixel(at % KNOWN_WIDTH, Math.floor(at / KNOWN_WIDTH));
      at++;
      isNear &&= [...known].every((level, channel) => Math.abs(((pixel >>> (8 * channel)) & 255) - level) <= NEAR);
    }
  });
  const { whole } = await seen(bitmap, reader);
  return isNear && hexOf(whole.hash) === KNOWN_PDQ;
}

// From a picture file to its upright pixels, read a strip of rows at a time, and from them to its fingerprints.
//
// The norm is that of the engine: the orientation that a camera wrote is applied, colour profiles are not, transparency is none of
// the picture. What cannot be read surely is refused with a word, never guessed.

import { decimator, pdq } from "./pdq.js";
import { hexOf } from "./sha256.js";
import { plane, views } from "./variants.js";
import { isWhole } from "./whole.js";

export const MOST_PIXELS = 50_000_000;
const STRIP = 1 << 20; // pixels read back at once
const BLURRED = 8; // pixels each way of a preview: too few to show anything

// Why a file has no fingerprint; `reason` is a word for the page.
export class Refusal extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

// The decoded picture, upright.
export async function opened(file) {
  await checkHeader(file);
  let bitmap;
  try {
    if (!isWhole(new Uint8Array(await file.arrayBuffer()))) throw new Refusal("unreadable");
    bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none", imageOrientation: "from-image" });
  } catch {
    throw new Refusal("unreadable");
  }
  if (bitmap.width * bitmap.height > MOST_PIXELS) throw new Refusal("too_large");
  return bitmap;
}

// What the first bytes say, before anything is decoded: too many pixels, and the colours for printing, which each browser turns
// into its own screen colours. A JPEG's size is in its frame header (ITU-T T.81, B.2.2), a PNG's in its first chunk.
async function checkHeader(file) {
  const head = new DataView(await file.slice(0, 1 << 18).arrayBuffer());
  if (!head.byteLength) throw new Refusal("unreadable");
  if (head.byteLength > 24 && head.getUint32(0) === 0x89504e47) checkSize(head.getUint32(16), head.getUint32(20));
  if (head.byteLength < 12 || head.getUint16(0) !== 0xffd8) return;
  for (let at = 2; at + 10 <= head.byteLength; at += 2 + head.getUint16(at + 2)) {
    const marker = head.getUint16(at);
    if (marker < 0xffc0 || marker === 0xffda) return;
    if (marker > 0xffcf || [0xffc4, 0xffc8, 0xffcc].includes(marker)) continue;
    checkSize(head.getUint16(at + 7), head.getUint16(at + 5));
    if (head.getUint8(at + 9) > 3) throw new Refusal("colours");
    return;
  }
}

function checkSize(width, height) {
  if (width * height > MOST_PIXELS) throw new Refusal("too_large");
}

// Two ways to read pixels back from a strip of the picture, drawn upright. A browser that protects against recognition by its canvas
// may alter what the first one gives.
export const READERS = [
  (drawn, width, count) => drawn.getImageData(0, 0, width, count).data,
  async (drawn, width, count) => {
    const frame = new VideoFrame(drawn.canvas, { timestamp: 0 }), data = new Uint8Array(4 * width * count);
    await frame.copyTo(data, { format: "RGBA", rect: { x: 0, y: 0, width, height: count } });
    frame.close();
    return data;
  },
];

function stripOf(bitmap) {
  const rows = Math.max(4, Math.floor(STRIP / bitmap.width / 4) * 4);
  return Math.min(rows, bitmap.height);
}

// each(pixels, count): 32-bit RGBA of that many rows, from the top.
export async function strips(bitmap, reader, each) {
  const { width, height } = bitmap, rows = stripOf(bitmap);
  const drawn = new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true });
  drawn.globalCompositeOperation = "copy";
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    drawn.drawImage(bitmap, 0, -top);
    each(new Uint32Array((await reader(drawn, width, count)).buffer), count);
  }
}

// { whole: { hash, quality }, grey }: the fingerprint everybody computes, and the plane for the views. tell(part): how far it is.
export async function seen(bitmap, reader, tell = () => {}) {
  const { width, height } = bitmap, small = plane(width, height), down = decimator(width, height);
  const luma = new Float32Array(width * stripOf(bitmap));
  let done = 0;
  await strips(bitmap, reader, (pixels, count) => {
    small.add(pixels, luma, count);
    down.rows(luma, 0, width, count);
    tell((done += count) / height);
  });
  if (!small.isOpaque()) throw new Refusal("transparent");
  return { whole: pdq(down.small()), grey: small.grey() };
}

// [[hexadecimal, quality, name]…], the whole first.
export async function picturePdqs(bitmap, reader, tell) {
  const { whole, grey } = await seen(bitmap, reader, tell);
  const luma = Float32Array.from(grey.levels);
  const pdqOf = ({ left, top, right, bottom }) => {
    const down = decimator(right - left, bottom - top);
    down.rows(luma, top * grey.width + left, grey.width, bottom - top);
    return pdq(down.small());
  };
  const all = [[whole.hash, whole.quality, "whole"], ...views(grey, pdqOf)];
  return all.map(([hash, quality, name]) => [hexOf(hash), quality, name]);
}

// Eight by eight pixels, to be shown blurred.
export function blurred(bitmap) {
  const canvas = new OffscreenCanvas(BLURRED, BLURRED), drawn = canvas.getContext("2d");
  drawn.imageSmoothingQuality = "high";
  drawn.drawImage(bitmap, 0, 0, BLURRED, BLURRED);
  return canvas.transferToImageBitmap();
}

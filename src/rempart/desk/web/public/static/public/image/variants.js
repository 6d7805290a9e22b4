// The views of a picture that a bank keeps: the engine's default bank set, bit for bit, without what only an upload is asked.
//
// The specification is src/rempart/engine/variants/ and degenerate.py. All arithmetic is on whole numbers.

const LONGEST_SIDE = 768;
const MOST_KEPT = 9; // the whole included
const LEAST_QUALITY = 50;
const LEAST_SIDE = 32;
const TOLERANCE = 8, SHARE = 98; // a line has one colour when 98 % of it is within 8 grey levels of its lower median
const TRIM_ROUNDS = 3, LEAST_SHARE = 6, NOTICED = 64;
const MOST_DEGENERATE = 4.5;
// Left, top, right, bottom, in fortieths of the sides. The order is that in which there is room.
const PARTS = {
  "centre-90": [2, 2, 38, 38],
  "centre-80": [4, 4, 36, 36],
  "centre-60": [8, 8, 32, 32],
  "top-left": [0, 0, 20, 20],
  "top-right": [20, 0, 40, 20],
  "bottom-left": [0, 20, 20, 40],
  "bottom-right": [20, 20, 40, 40],
  "centre-45": [11, 11, 29, 29],
};

// Luminance for the whole and the small grey plane for the views, both in one pass over the pixels.
// add(pixels, luma, count): that many rows of 32-bit RGBA pixels in, their luminance out; grey() once all were given.
// isOpaque() is false when some pixel was not: a canvas has then altered its colours.
export function plane(width, height) {
  const factor = Math.ceil(Math.max(width, height) / LONGEST_SIDE);
  const columns = Math.ceil(width / factor), rows = Math.ceil(height / factor);
  const levels = new Uint8Array(columns * rows), sums = new Int32Array(3 * columns);
  let row = 0, opaque = -1;
  const add = (pixels, luma, count) => {
    for (let one = 0; one < count; one++) {
      opaque &= summed(pixels, luma, one * width, width, factor, sums);
      row++;
      if (row % factor && row < height) continue;
      const tall = ((row - 1) % factor) + 1;
      reduced(sums, levels, (Math.ceil(row / factor) - 1) * columns, tall, factor, width);
    }
  };
  return { add, isOpaque: () => opaque >>> 24 === 255, grey: () => ({ levels, width: columns, height: rows }) };
}

// One row: its luminance, and what it adds to the sums of its blocks. Pixels are little-endian: red is the lowest byte.
function summed(pixels, luma, start, width, factor, sums) {
  let opaque = -1;
  for (let left = 0, block = 0; left < width; left += factor, block += 3) {
    const last = start + Math.min(left + factor, width);
    let reds = 0, greens = 0, blues = 0;
    for (let at = start + left; at < last; at++) {
      const pixel = pixels[at], red = pixel & 255, green = (pixel >> 8) & 255, blue = (pixel >> 16) & 255;
      opaque &= pixel;
      reds += red;
      greens += green;
      blues += blue;
      luma[at] = red * 0.299 + green * 0.587 + blue * 0.114;
    }
    sums[block] += reds;
    sums[block + 1] += greens;
    sums[block + 2] += blues;
  }
  return opaque;
}

// The means of a row of blocks, rounded as Pillow's Image.reduce rounds (its multiplier of 24 bits included), then their grey.
function reduced(sums, levels, start, tall, factor, width) {
  for (let at = 0, left = 0; left < width; at++, left += factor) {
    const count = tall * Math.min(factor, width - left), half = count >> 1;
    const multiplier = Math.floor(Math.fround(2 ** 32 / (256 * count)));
    const mean = (sum) => (count === 1 ? sum : Math.imul(sum + half, multiplier) >>> 24);
    const red = mean(sums[3 * at]), green = mean(sums[3 * at + 1]), blue = mean(sums[3 * at + 2]);
    levels[start + at] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
  }
  sums.fill(0);
}

// [[hash, quality, name]…] of the views beside the whole, as many as are kept. pdqOf: hash and quality of a box of the plane.
export function views(grey, pdqOf) {
  const whole = { left: 0, top: 0, right: grey.width, bottom: grey.height };
  const inner = trimmed(grey, whole), isTrimmed = isWorthIt(whole, inner);
  const last = isTrimmed ? inner : whole;
  const wanted = Object.entries(PARTS).map(([name, part]) => [isTrimmed ? `trimmed/${name}` : name, partOf(last, part)]);
  if (isTrimmed) wanted.unshift(["trimmed", inner]);
  const kept = [];
  for (const [name, box] of wanted) {
    if (kept.length === MOST_KEPT - 1) break;
    if (Math.min(box.right - box.left, box.bottom - box.top) < LEAST_SIDE) continue;
    const { hash, quality } = pdqOf(box);
    if (quality >= LEAST_QUALITY && !isDegenerate(hash)) kept.push([hash, quality, name]);
  }
  return kept;
}

function partOf(box, [left, top, right, bottom]) {
  const nearest = (length, fortieths) => Math.floor((2 * length * fortieths + 40) / 80);
  const width = box.right - box.left, height = box.bottom - box.top;
  return {
    left: box.left + nearest(width, left),
    top: box.top + nearest(height, top),
    right: box.left + nearest(width, right),
    bottom: box.top + nearest(height, bottom),
  };
}

// Without the lines of one colour at the edges: top and bottom, then left and right, and again until none is left.
function trimmed(grey, box) {
  let now = box;
  for (let round = 0; round < TRIM_ROUNDS; round++) {
    const before = now;
    const [top, bottom] = spanOf(now.top, now.bottom, (row) => hasOneColour(grey.levels, row * grey.width + now.left, 1, now.right - now.left));
    now = { ...now, top, bottom };
    const [left, right] = spanOf(now.left, now.right, (column) => hasOneColour(grey.levels, now.top * grey.width + column, grey.width, now.bottom - now.top));
    now = { ...now, left, right };
    if (before.top === top && before.bottom === bottom && before.left === left && before.right === right) break;
  }
  return now;
}

// First line that is not of one colour, and the one after the last; all lines if there is none.
function spanOf(first, last, isFlat) {
  let from = first, to = last;
  while (from < to && isFlat(from)) from++;
  if (from === to) return [first, last];
  while (isFlat(to - 1)) to--;
  return [from, to];
}

function hasOneColour(levels, start, step, length) {
  const counts = new Int32Array(256);
  for (let at = 0; at < length; at++) counts[levels[start + at * step]]++;
  let median = 0, before = counts[0];
  const middle = (length - 1) >> 1;
  while (before <= middle) before += counts[++median];
  let near = 0;
  for (let level = Math.max(0, median - TOLERANCE); level <= Math.min(255, median + TOLERANCE); level++) near += counts[level];
  return 100 * near >= SHARE * length;
}

function isWorthIt(whole, part) {
  const width = part.right - part.left, height = part.bottom - part.top;
  const isOther = NOTICED * (whole.right - width) >= whole.right || NOTICED * (whole.bottom - height) >= whole.bottom;
  return isOther && Math.min(width, height) >= LEAST_SIDE && LEAST_SHARE * width >= whole.right && LEAST_SHARE * height >= whole.bottom;
}

// Does the table of 16 × 16 signs repeat itself? Compared with itself, shifted by up to three rows and columns: 24 shifts, whose
// agreement is a coin toss for a distinct picture.
function isDegenerate(hash) {
  const sign = (row, column) => (hash[2 * row + (column >> 3)] >> (7 - (column & 7))) & 1;
  let total = 0;
  for (let down = 0; down <= 3; down++) {
    for (let right = down ? -3 : 1; right <= 3; right++) {
      const compared = (16 - down) * (16 - Math.abs(right));
      let agreeing = 0;
      for (let row = 0; row < 16 - down; row++) {
        for (let column = Math.max(0, -right); column < 16 - Math.max(0, right); column++) {
          agreeing += sign(row, column) ^ sign(row + down, column + right) ^ 1;
        }
      }
      total = Math.fround(total + Math.fround((2 * agreeing - compared) ** 2 / compared));
    }
  }
  return Math.fround(Math.sqrt(Math.fround(total / 24))) > MOST_DEGENERATE;
}

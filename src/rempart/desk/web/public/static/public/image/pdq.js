// PDQ of a picture's pixels: the bits and the quality of the engine's pipeline "full", on every picture.
//
// Sources: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019, and for the order of
// operations src/rempart/engine/pdq/arithmetic.py, which is the specification. Every number is a float32 and every operation
// rounds once: a double operation on two float32 followed by Math.fround, or by a store in a Float32Array, is just that.

const SIDE = 64; // the picture is brought down to SIDE × SIDE
const FREQUENCIES = 16; // of which the lowest FREQUENCIES × FREQUENCIES are kept, the mean left out
const SMALLEST = 5; // pixels; below, a picture has no fingerprint
const fround = Math.fround;

// Luminance, one float32 a pixel, of RGBA bytes as a canvas gives them. Transparency is ignored.
export function luminance(rgba) {
  const luma = new Float32Array(rgba.length >> 2);
  for (let pixel = 0, at = 0; pixel < luma.length; pixel++, at += 4) {
    luma[pixel] = rgba[at] * 0.299 + rgba[at + 1] * 0.587 + rgba[at + 2] * 0.114;
  }
  return luma;
}

// A rectangle of a picture: its luminance, and the width of a row of it in memory.
export function whole(luma, width, height) {
  return { luma, stride: width, left: 0, top: 0, width, height };
}

// { hash: 32 bytes in printed order, quality: 0 to 100 } of a rectangle.
export function pdq(area) {
  const { frequencies, quality } = analysed(area);
  return { hash: bits(frequencies), quality };
}

// The 16 × 16 lowest frequencies and the quality: what bits() and turned() read.
export function analysed(area) {
  if (Math.min(area.width, area.height) < SMALLEST) {
    return { frequencies: new Float32Array(FREQUENCIES * FREQUENCIES), quality: 0 };
  }
  const small = area.width === SIDE && area.height === SIDE ? copied(area) : decimated(area);
  return { frequencies: transformed(small), quality: qualityOf(small) };
}

function copied(area) {
  const small = new Float32Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++) {
    const from = (area.top + row) * area.stride + area.left;
    small.set(area.luma.subarray(from, from + SIDE), row * SIDE);
  }
  return small;
}

// Two box filters along each axis, in turn, then the 64 × 64 centres. Only what a later step reads is kept.
function decimated(area) {
  const { width, height } = area;
  const across = widthOfFilter(width), down = widthOfFilter(height);
  const columns = centres(width), rows = centres(height);
  const once = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (area.top + row) * area.stride + area.left;
    filterRow(area.luma.subarray(from, from + width), once.subarray(row * width, (row + 1) * width), across);
  }
  const twice = filterColumns(once, width, height, down, every(height));
  const line = new Float32Array(width);
  const narrow = new Float32Array(height * SIDE);
  for (let row = 0; row < height; row++) {
    filterRow(twice.subarray(row * width, (row + 1) * width), line, across);
    for (let column = 0; column < SIDE; column++) narrow[row * SIDE + column] = line[columns[column]];
  }
  return filterColumns(narrow, SIDE, height, down, rows);
}

function widthOfFilter(length) {
  return Math.floor((length + 2 * SIDE - 1) / (2 * SIDE));
}

function centres(length) {
  return Int32Array.from({ length: SIDE }, (_, at) => Math.floor(((2 * at + 1) * length) / (2 * SIDE)));
}

function every(length) {
  return Int32Array.from({ length }, (_, at) => at);
}

// Running mean along a row; at the ends, of what there is. The sum is carried along, and so are its roundings.
function filterRow(from, into, size) {
  const length = from.length, ahead = (size + 2) >> 1, behind = size - ahead;
  let total = fround(0);
  for (let entering = 0; entering < length + ahead - 1; entering++) {
    if (entering < length) total = fround(total + from[entering]);
    if (entering >= size) total = fround(total - from[entering - size]);
    const here = entering - ahead + 1;
    if (here >= behind && here + ahead <= length) {
      // The long middle of the row: whole windows, one in and one out.
      into[here] = total / size;
      const last = length - ahead;
      for (let at = here + 1; at <= last; at++) {
        total = fround(total + from[at + ahead - 1]);
        total = fround(total - from[at - behind - 1]);
        into[at] = total / size;
      }
      entering = last + ahead - 1;
    } else if (here >= 0) {
      into[here] = total / (Math.min(length, here + ahead) - Math.max(0, here - behind));
    }
  }
}

// The same down every column at once; only the rows wanted (ascending) are given back.
function filterColumns(from, width, height, size, wanted) {
  const ahead = (size + 2) >> 1, behind = size - ahead;
  const total = new Float32Array(width), into = new Float32Array(wanted.length * width);
  for (let entering = 0, next = 0; next < wanted.length; entering++) {
    if (entering < height) add(total, from, entering * width);
    if (entering >= size) subtract(total, from, (entering - size) * width);
    const here = entering - ahead + 1;
    // A picture of less than 64 rows gives some of them twice.
    for (; here === wanted[next]; next++) {
      divide(total, Math.min(height, here + ahead) - Math.max(0, here - behind), into, next * width);
    }
  }
  return into;
}

function add(total, from, offset) {
  for (let column = 0; column < total.length; column++) total[column] += from[offset + column];
}

function subtract(total, from, offset) {
  for (let column = 0; column < total.length; column++) total[column] -= from[offset + column];
}

function divide(total, by, into, offset) {
  for (let column = 0; column < total.length; column++) into[offset + column] = total[column] / by;
}

// How much there is to see: steps between neighbours in hundredths of the full range, each cut to a whole number.
function qualityOf(small) {
  let sum = 0;
  const step = (one, other) => Math.abs(Math.trunc(fround(fround(fround(one - other) * 100) / 255)));
  for (let line = 0; line < SIDE; line++) {
    for (let at = 0; at < SIDE - 1; at++) {
      sum += step(small[line * SIDE + at], small[line * SIDE + at + 1]) + step(small[at * SIDE + line], small[(at + 1) * SIDE + line]);
    }
  }
  return Math.min(100, Math.floor(sum / 90));
}

const COSINES = cosines();

// Rows 1 to 16 of the 64-point cosine transform (DCT-II).
function cosines() {
  const scale = fround(Math.sqrt(2 / SIDE));
  return Float32Array.from({ length: FREQUENCIES * SIDE }, (_, at) => {
    const row = Math.floor(at / SIDE) + 1, column = at % SIDE;
    return scale * Math.cos((Math.PI / 2 / SIDE) * row * (2 * column + 1));
  });
}

// Two-dimensional cosine transform; sums are taken from the first term to the last.
function transformed(small) {
  const half = new Float32Array(FREQUENCIES * SIDE), frequencies = new Float32Array(FREQUENCIES * FREQUENCIES);
  for (let row = 0; row < FREQUENCIES; row++) {
    for (let term = 0; term < SIDE; term++) {
      const weight = COSINES[row * SIDE + term];
      for (let column = 0; column < SIDE; column++) half[row * SIDE + column] += fround(weight * small[term * SIDE + column]);
    }
    for (let column = 0; column < FREQUENCIES; column++) {
      let sum = 0;
      for (let term = 0; term < SIDE; term++) sum = fround(sum + fround(half[row * SIDE + term] * COSINES[column * SIDE + term]));
      frequencies[row * FREQUENCIES + column] = sum;
    }
  }
  return frequencies;
}

// A bit is set where the frequency is above the lower median. Bit 0, the lowest frequency, is the last one printed.
export function bits(frequencies) {
  const median = Float32Array.from(frequencies).sort()[frequencies.length / 2 - 1];
  const hash = new Uint8Array(frequencies.length / 8);
  frequencies.forEach((frequency, bit) => {
    if (frequency > median) hash[hash.length - 1 - (bit >> 3)] |= 1 << (bit & 7);
  });
  return hash;
}

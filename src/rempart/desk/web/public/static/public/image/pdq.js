// PDQ of a picture's pixels: the bits and the quality of the engine's pipeline "full", on every picture.
//
// Sources: Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019, and for the order of
// operations src/rempart/engine/pdq/arithmetic.py, which is the specification. Every number is a float32 and every operation
// rounds once: a double operation on two float32 followed by Math.fround, or by a store in a Float32Array, is just that.

const SIDE = 64; // the picture is brought down to SIDE × SIDE
const FREQUENCIES = 16; // of which the lowest FREQUENCIES × FREQUENCIES are kept, the mean left out
const SMALLEST = 5; // pixels; below, a picture has no fingerprint
const AT_ONCE = 4; // rows: each is a chain of additions that wait for one another, so four chains are as fast as one
const fround = Math.fround;

// { hash: 32 bytes in printed order, quality: 0 to 100 } of 64 × 64 luminances, as a decimator gives them; null: no fingerprint.
export function pdq(small) {
  if (!small) return { hash: new Uint8Array(FREQUENCIES * FREQUENCIES / 8), quality: 0 };
  return { hash: bitsOf(transformed(small)), quality: qualityOf(small) };
}

// Takes a picture's rows of luminance from the top, any number at a time, and keeps only the few that a later step reads.
// rows(luma, start, stride, count); small() once all were given.
export function decimator(width, height) {
  if (Math.min(width, height) < SMALLEST) return { rows() {}, small: () => null };
  return width === SIDE && height === SIDE ? copier() : filters(width, height);
}

// The reference does not filter a picture of 64 × 64.
function copier() {
  const small = new Float32Array(SIDE * SIDE);
  let filled = 0;
  return {
    rows(luma, start, stride, count) {
      for (let row = 0; row < count; row++, filled += SIDE) small.set(luma.subarray(start + row * stride, start + row * stride + SIDE), filled);
    },
    small: () => small,
  };
}

// Two box filters along each axis, in turn: across, down, across, down; then the 64 × 64 centres.
function filters(width, height) {
  const across = windowOf(width), down = windowOf(height), columns = centresOf(width);
  const once = new Float32Array(AT_ONCE * width), twice = new Float32Array(AT_ONCE * width);
  const narrow = new Float32Array((height + AT_ONCE) * SIDE);
  let waiting = 0, done = 0;
  const narrowed = () => {
    filterRows(twice, 0, width, width, across, narrow, done * SIDE, SIDE, columns);
    done += waiting;
    waiting = 0;
  };
  const below = columnFilter(width, height, down, twice, () => {
    if (++waiting === AT_ONCE) narrowed();
    return waiting * width;
  });
  return {
    rows(luma, start, stride, count) {
      for (let row = 0; row < count; row += AT_ONCE) {
        const some = Math.min(AT_ONCE, count - row);
        filterRows(luma, start + row * stride, some === AT_ONCE ? stride : 0, width, across, once, 0, width);
        if (some < AT_ONCE) oneByOne(luma, start + row * stride, stride, some, width, across, once);
        for (let one = 0; one < some; one++) below.add(once, one * width);
      }
    },
    small() {
      below.end();
      if (waiting) narrowed();
      return decimatedRows(narrow, height, down);
    },
  };
}

// Fewer rows than are filtered at once: each alone.
function oneByOne(luma, start, stride, count, width, across, into) {
  const four = new Float32Array(AT_ONCE * width);
  for (let row = 0; row < count; row++) {
    filterRows(luma, start + row * stride, 0, width, across, four, 0, width);
    into.set(four.subarray(0, width), row * width);
  }
}

function windowOf(length) {
  return Math.floor((length + 2 * SIDE - 1) / (2 * SIDE));
}

function centresOf(length) {
  return Int32Array.from({ length: SIDE }, (_, at) => Math.floor(((2 * at + 1) * length) / (2 * SIDE)));
}

// Running means along four rows; at the ends, of what there is. The sum is carried along, and so are its roundings.
// With columns (ascending), only those are given back; a picture of less than 64 columns gives some of them twice.
function filterRows(from, start, stride, length, size, into, place, step, columns) {
  const ahead = (size + 2) >> 1, behind = size - ahead;
  const start2 = start + stride, start3 = start2 + stride, start4 = start3 + stride;
  let one = fround(0), two = fround(0), three = fround(0), four = fround(0), next = 0;
  for (let entering = 0; entering < length + ahead - 1; entering++) {
    if (entering < length) {
      one = fround(one + from[start + entering]);
      two = fround(two + from[start2 + entering]);
      three = fround(three + from[start3 + entering]);
      four = fround(four + from[start4 + entering]);
    }
    const leaving = entering - size, here = entering - ahead + 1;
    if (leaving >= 0) {
      one = fround(one - from[start + leaving]);
      two = fround(two - from[start2 + leaving]);
      three = fround(three - from[start3 + leaving]);
      four = fround(four - from[start4 + leaving]);
    }
    if (here < 0 || (columns && here !== columns[next])) continue;
    const inside = Math.min(length, here + ahead) - Math.max(0, here - behind);
    do {
      const at = place + (columns ? next++ : here);
      into[at] = one / inside;
      into[at + step] = two / inside;
      into[at + 2 * step] = three / inside;
      into[at + 3 * step] = four / inside;
    } while (columns && here === columns[next]);
  }
}

// The same down every column at once, as the rows come: each filtered row is written into `into`, and told by full(), which
// says where to write the next.
function columnFilter(width, height, size, into, full) {
  const ahead = (size + 2) >> 1, behind = size - ahead;
  const total = new Float32Array(width), ring = new Float32Array(size * width), nothing = new Float32Array(width);
  let entering = 0, place = 0;
  const add = (row, start) => {
    const here = entering - ahead + 1, slot = (entering % size) * width;
    const inside = Math.min(height, here + ahead) - Math.max(0, here - behind);
    for (let column = 0; column < width; column++) {
      const value = row[start + column];
      const sum = fround(fround(total[column] + value) - ring[slot + column]);
      ring[slot + column] = value;
      total[column] = sum;
      into[place + column] = sum / inside;
    }
    entering++;
    if (here >= 0) place = full();
  };
  return {
    add,
    end() {
      while (entering < height + ahead - 1) add(nothing, 0);
    },
  };
}

// The last filter: down the 64 columns that are left, whose rows are all there.
function decimatedRows(narrow, height, size) {
  const rows = centresOf(height), small = new Float32Array(SIDE * SIDE), filtered = new Float32Array(SIDE);
  let here = 0, next = 0;
  const last = columnFilter(SIDE, height, size, filtered, () => {
    for (; here === rows[next]; next++) small.set(filtered, next * SIDE);
    here++;
    return 0;
  });
  for (let row = 0; row < height; row++) last.add(narrow, row * SIDE);
  last.end();
  return small;
}

// How much there is to see: steps between neighbours in hundredths of the full range, each cut to a whole number.
function qualityOf(small) {
  let sum = 0;
  const rise = (one, other) => Math.abs(Math.trunc(fround(fround(fround(one - other) * 100) / 255)));
  for (let line = 0; line < SIDE; line++) {
    for (let at = 0; at < SIDE - 1; at++) {
      sum += rise(small[line * SIDE + at], small[line * SIDE + at + 1]) + rise(small[at * SIDE + line], small[(at + 1) * SIDE + line]);
    }
  }
  return Math.min(100, Math.floor(sum / 90));
}

// Rows 1 to 16 of the 64-point cosine transform (DCT-II).
const COSINES = Float32Array.from({ length: FREQUENCIES * SIDE }, (_, at) => {
  const row = Math.floor(at / SIDE) + 1, column = at % SIDE;
  return fround(Math.sqrt(2 / SIDE)) * Math.cos((Math.PI / 2 / SIDE) * row * (2 * column + 1));
});

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
function bitsOf(frequencies) {
  const median = Float32Array.from(frequencies).sort()[frequencies.length / 2 - 1];
  const hash = new Uint8Array(frequencies.length / 8);
  frequencies.forEach((frequency, bit) => {
    if (frequency > median) hash[hash.length - 1 - (bit >> 3)] |= 1 << (bit & 7);
  });
  return hash;
}

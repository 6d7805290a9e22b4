// SHA-256 of a file of any size, a piece at a time: the browser's own needs the whole file in memory.
//
// Source: NIST, FIPS 180-4.

const BLOCK = 64; // bytes
const ROUNDS = 64;

// The first 32 bits of the fractional parts of square and cube roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3).
const PRIMES = Array.from({ length: 312 }, (_, at) => at).filter((n) => n > 1 && !Array.from({ length: n }, (_, at) => at).some((d) => d > 1 && n % d === 0));
const INITIAL = PRIMES.slice(0, 8).map((prime) => fractionOf(prime, 2n));
const CONSTANTS = Int32Array.from(PRIMES.slice(0, ROUNDS), (prime) => fractionOf(prime, 3n));

// 32 bits after the point of a root, in whole numbers: no browser's Math.cbrt has a say in it.
function fractionOf(prime, root) {
  const target = BigInt(prime) << (32n * root);
  let low = 0n, high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** root > target) high = middle;
    else low = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

// add(bytes) as often as there are pieces, then digest() once: 32 bytes.
export function sha256() {
  const state = Int32Array.from(INITIAL), words = new Int32Array(ROUNDS), rest = new Uint8Array(BLOCK);
  let length = 0;
  const add = (bytes) => {
    let at = 0;
    const held = length % BLOCK;
    length += bytes.length;
    if (held) {
      at = Math.min(BLOCK - held, bytes.length);
      rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK) return;
      mixed(state, words, rest, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) mixed(state, words, bytes, at);
    rest.set(bytes.subarray(at));
  };
  const digest = () => {
    const end = new Uint8Array(((length + 8) % BLOCK < 8 ? 2 : 1) * BLOCK - (length % BLOCK) + 0);
    const last = new DataView(end.buffer), bits = length * 8;
    end[0] = 0x80;
    last.setUint32(end.length - 8, Math.floor(bits / 2 ** 32));
    last.setUint32(end.length - 4, bits >>> 0);
    add(end);
    const made = new DataView(new ArrayBuffer(32));
    state.forEach((word, at) => made.setInt32(4 * at, word));
    return new Uint8Array(made.buffer);
  };
  return { add, digest };
}

// One block into the state.
function mixed(state, words, bytes, start) {
  for (let at = 0, from = start; at < 16; at++, from += 4) {
    words[at] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
  }
  for (let at = 16; at < ROUNDS; at++) {
    const old = words[at - 15], late = words[at - 2];
    const one = ((old >>> 7) | (old << 25)) ^ ((old >>> 18) | (old << 14)) ^ (old >>> 3);
    const two = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
    words[at] = (words[at - 16] + one + words[at - 7] + two) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let at = 0; at < ROUNDS; at++) {
    const one = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + one + ((e & f) ^ (~e & g)) + CONSTANTS[at] + words[at]) | 0;
    const two = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (two + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, at) => {
    state[at] += word;
  });
}

export function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

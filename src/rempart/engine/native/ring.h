// The ring: 256 bits cut into sixteen chunks, and what one chunk near the question says about the whole hash.
//
// Lemma (cycle lemma; pigeonring: Qin & Xiao, VLDB 2018). Let d[0..15] be the distances of two hashes, chunk by chunk, and
// their sum at most r. Then some start s has every running sum within its share: d[s] + … + d[s+l-1] <= l*r/16 for all l,
// indices modulo 16. Proof: take s after the highest of the partial sums P[i] = d[0] + … + d[i-1] - i*r/16; from there the
// path only goes down or stays, and going round the ring once more lowers it, since the total is at most r.
//
// So it is enough to look, in each of the sixteen tables, at the buckets r/16 bits away or less, and among them at the rows
// whose next two chunks keep the budgets of two and of three chunks.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The tables are written in little-endian order."
#endif

namespace ring {

constexpr int CHUNKS = 16;
constexpr int HASH_BYTES = 32;
constexpr int BITS_OF_CHUNK = 16;
constexpr int WIDEST_RADIUS = 47;     // the same number as in index/interface.py
constexpr int HEAVIEST_FLIP = 2;      // WIDEST_RADIUS / CHUNKS
constexpr int FLIPS = 1 + 16 + 120;   // chunks at most HEAVIEST_FLIP bits from a given one

// What a function answers to Python. The numbers are repeated in index/compiled.py.
enum Status : int32_t { FINE = 0, DAMAGED = 1, NO_MEMORY = 2, TOO_MANY = 3 };

// One segment, as Python shows it. Rows of table t are sorted by their chunk t; `offsets` says where each bucket starts.
struct Ring {
    const uint8_t* hashes;             // rows * 32 bytes
    uint64_t rows;                     // below 2^32
    const uint32_t* offsets[CHUNKS];   // 65537
    const uint16_t* near[CHUNKS];      // rows: chunk t + 1 of each
    const uint16_t* far[CHUNKS];       // rows: chunk t + 2
    const uint32_t* row_of[CHUNKS];    // rows: which row of `hashes` it is
};

struct Hash {
    uint64_t word[4];
};

struct Hit {
    uint32_t question;
    uint32_t row;
    uint16_t distance;
};

// Chunk t is made of one bit of each of the sixteen printed words: column (5i + t) mod 16 of word i. The printed words are
// rows of a cosine transform, whose bits go together: taken as chunks they would fill some buckets three times too much.
// The sixteen columns differ, so that a chunk is the OR of the words, masked.
struct ChunkMasks {
    uint64_t mask[CHUNKS][4];
};

constexpr ChunkMasks chunk_masks() {
    ChunkMasks made{};
    for (int chunk = 0; chunk < CHUNKS; chunk++)
        for (int row = 0; row < 16; row++)
            made.mask[chunk][row / 4] |= uint64_t(1) << (16 * (row % 4) + (5 * row + chunk) % 16);
    return made;
}

constexpr ChunkMasks MASKS = chunk_masks();

inline Hash load_hash(const uint8_t* bytes) {
    Hash hash;
    __builtin_memcpy(&hash, bytes, HASH_BYTES);
    return hash;
}

inline uint16_t chunk_of(const Hash& hash, int chunk) {
    const uint64_t* mask = MASKS.mask[chunk % CHUNKS];
    uint64_t folded = (hash.word[0] & mask[0]) | (hash.word[1] & mask[1]) | (hash.word[2] & mask[2]) | (hash.word[3] & mask[3]);
    folded |= folded >> 32;
    return uint16_t(folded | folded >> 16);
}

// Every way to flip 0, 1, then 2 bits of a chunk; first[w] is where those of w bits begin.
struct Flips {
    uint16_t mask[FLIPS];
    int first[HEAVIEST_FLIP + 2];
};

constexpr Flips all_flips() {
    Flips made{};
    int count = 1;  // the first flips nothing
    made.first[1] = count;
    for (int one = 0; one < BITS_OF_CHUNK; one++) made.mask[count++] = uint16_t(1 << one);
    made.first[2] = count;
    for (int one = 0; one < BITS_OF_CHUNK; one++)
        for (int other = 0; other < one; other++) made.mask[count++] = uint16_t(1 << one | 1 << other);
    made.first[3] = count;
    return made;
}

constexpr Flips FLIP = all_flips();

// How many bits may differ in the first chunk, the first two, the first three.
struct Budgets {
    int radius;
    int first, second, third;

    explicit Budgets(int r) : radius(r), first(r / CHUNKS), second(2 * r / CHUNKS), third(3 * r / CHUNKS) {}
    int flips() const { return FLIP.first[first + 1]; }
};

}  // namespace ring

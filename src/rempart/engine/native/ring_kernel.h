// What each kernel offers, and the small parts they share. One kernel is one .cpp: it says its instructions (KERNEL), how it
// compares 32 sketches at once, and includes the .inl files, which hold everything else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ring.h"

namespace ring {

constexpr int BLOCK_ROWS = 32;      // rows compared at once, in every kernel
constexpr int MOST_LINES = 64;      // fetched ahead of one bucket
constexpr int BLOCKS = 256;         // blocks kept of one step before they must be looked at
constexpr int ROOM = BLOCKS - 1;     // the last place takes what is written before it is known to be kept
constexpr int CANDIDATES = 64;      // rows kept of one step before they must be compared whole
constexpr int STEPS = 32;           // steps on their way at once; a power of two

struct Bucket {
    uint32_t begin, end;
};

// Rows of a table, from `position` on, whose bit is set in `mask`: they keep the budget of two chunks.
struct Block {
    uint32_t position;
    uint32_t mask;
    uint32_t tag;                   // the caller's: what they were compared with
};

// One table asked one question. Memory is far: a step asks for what it will need, and others take their turn meanwhile.
struct Step {
    uint32_t question;
    int32_t table;
    uint16_t chunk, near, far;      // of the question: chunks t, t + 1, t + 2
    int32_t blocks, candidates;
    Bucket bucket[FLIPS];
    Block block[BLOCKS];
    uint32_t candidate[CANDIDATES]; // a position in the table; once named, a row
};

// Questions of a join, sorted by their chunk of one table as the rows are.
struct SortedQuestions {
    std::vector<uint32_t> offsets;  // 65537
    std::vector<uint32_t> question;
    std::vector<uint32_t> sketch;   // their next two chunks
};

struct Kernel {
    // Asks `count` questions, in order; hits are numbered from `first`.
    Status (*lookup)(const Ring&, const uint8_t* questions, uint32_t first, uint32_t count, const Budgets&, Step* steps,
                     std::vector<Hit>& hits);
    // Asks the buckets [begin, end) of one table every question that concerns them.
    Status (*join)(const Ring&, int table, Bucket range, const uint8_t* questions, const SortedQuestions&, const Budgets&,
                   std::vector<Hit>& hits);
    // Compares every row: no table is needed.
    void (*scan)(const uint8_t* hashes, uint64_t rows, const uint8_t* question, uint32_t number, int radius,
                 std::vector<Hit>& hits);
};

extern const Kernel PORTABLE;
#if defined(__x86_64__)
extern const Kernel AVX2;
extern const Kernel AVX512;
#endif

// How many lines of 64 bytes are asked for ahead of a bucket, at most: those of four buckets of the usual size. Natural hashes
// fill some buckets two and three times as full, and questions come to the full ones more often.
inline int lines_of_bucket(uint64_t rows) {
    double usual = double(rows) / 65536;
    return std::min(MOST_LINES, 2 + int(4 * usual * sizeof(uint16_t) / 64));
}

// The table that reports a pair: the start of the lemma, after the highest partial sum, the first if several are equally
// high. Every pair has one, and that table finds it: no pair is missed, none is told twice.
inline int reporting_table(const Hash& difference, int radius, int (*count_bits)(uint64_t)) {
    int height = 0, highest = 0, table = 0;
    for (int chunk = 0; chunk + 1 < CHUNKS; chunk++) {
        height += CHUNKS * count_bits(chunk_of(difference, chunk)) - radius;
        if (height > highest) {
            highest = height;
            table = chunk + 1;
        }
    }
    return table;
}

}  // namespace ring

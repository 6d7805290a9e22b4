// The kernel for any processor: plain C++ on vectors of the compiler's.
#include <cstring>

#include "ring_kernel.h"

#define KERNEL

namespace ring {
namespace portable {

using Lanes = uint16_t __attribute__((vector_size(16)));  // eight chunks
constexpr int VECTORS = BLOCK_ROWS / 8;

struct Sketches {
    Lanes asked, limit;
};

static inline int count_bits(uint64_t word) {
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return int((word * 0x0101010101010101u) >> 56);
}

static inline Sketches sketches(uint16_t near, int limit) { return {near - Lanes{}, uint16_t(limit) - Lanes{}}; }

// All ones in the lanes where at most `limit` bits differ.
static inline Lanes within(const uint16_t* near, const Sketches& asked) {
    Lanes bits;
    std::memcpy(&bits, near, sizeof bits);
    bits ^= asked.asked;
    bits -= (bits >> 1) & 0x5555;
    bits = (bits & 0x3333) + ((bits >> 2) & 0x3333);
    bits = (bits + (bits >> 4)) & 0x0f0f;
    bits = (bits + (bits >> 8)) & 0x001f;
    return Lanes(bits <= asked.limit);
}

static inline uint32_t near_mask(const uint16_t* near, const Sketches& asked) {
    Lanes found[VECTORS], any{};
    for (int vector = 0; vector < VECTORS; vector++) any |= found[vector] = within(near + 8 * vector, asked);
    uint64_t halves[2];
    std::memcpy(halves, &any, sizeof halves);
    if (!(halves[0] | halves[1])) return 0;
    uint32_t mask = 0;
    for (int row = 0; row < BLOCK_ROWS; row++) mask |= uint32_t(found[row / 8][row % 8] & 1) << row;
    return mask;
}

#include "ring_search.inl"
#include "ring_join.inl"
#include "ring_linear.inl"

}  // namespace portable

const Kernel PORTABLE = {portable::lookup, portable::join, portable::linear};

}  // namespace ring

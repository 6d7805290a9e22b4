// The kernel for x86 processors that count bits in vectors of 64 bytes: Intel's since 2019, AMD's since 2022.
#if defined(__x86_64__)
#include <immintrin.h>

#include "ring_kernel.h"

#define KERNEL __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,avx512bitalg,popcnt,bmi,bmi2,lzcnt")))

namespace ring {
namespace avx512 {

struct Sketches {
    __m512i asked, limit;
};

KERNEL static inline int count_bits(uint64_t word) { return __builtin_popcountll(word); }

KERNEL static inline Sketches sketches(uint16_t near, int limit) {
    return {_mm512_set1_epi16(short(near)), _mm512_set1_epi16(short(limit))};
}

KERNEL static inline uint32_t near_mask(const uint16_t* near, const Sketches& asked) {
    __m512i bits = _mm512_xor_si512(_mm512_loadu_si512(near), asked.asked);
    return _mm512_cmple_epu16_mask(_mm512_popcnt_epi16(bits), asked.limit);
}

#include "ring_search.inl"
#include "ring_join.inl"
#include "ring_linear.inl"

}  // namespace avx512

const Kernel AVX512 = {avx512::lookup, avx512::join, avx512::linear};

}  // namespace ring
#endif

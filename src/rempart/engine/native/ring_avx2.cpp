// The kernel for x86 processors since 2013. Its population count looks four bits up at a time.
#if defined(__x86_64__)
#include <immintrin.h>

#include "ring_kernel.h"

#define KERNEL __attribute__((target("avx2,popcnt,bmi,lzcnt")))

namespace ring {
namespace avx2 {

struct Sketches {
    __m256i asked, limit;
};

KERNEL static inline int count_bits(uint64_t word) { return __builtin_popcountll(word); }

KERNEL static inline Sketches sketches(uint16_t near, int limit) {
    return {_mm256_set1_epi16(short(near)), _mm256_set1_epi8(char(limit + 1))};
}

// How many bits differ in each of sixteen chunks.
KERNEL static inline __m256i differing(const uint16_t* near, __m256i asked) {
    const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(15);
    __m256i bits = _mm256_xor_si256(_mm256_loadu_si256((const __m256i*)near), asked);
    __m256i bytes = _mm256_add_epi8(_mm256_shuffle_epi8(counts, _mm256_and_si256(bits, low)),
                                    _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low)));
    return _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1));
}

KERNEL static inline uint32_t near_mask(const uint16_t* near, const Sketches& asked) {
    __m256i packed = _mm256_packus_epi16(differing(near, asked.asked), differing(near + 16, asked.asked));
    __m256i ordered = _mm256_permute4x64_epi64(packed, 0xD8);  // packing went by halves
    return uint32_t(_mm256_movemask_epi8(_mm256_cmpgt_epi8(asked.limit, ordered)));
}

#include "ring_search.inl"
#include "ring_join.inl"
#include "ring_linear.inl"

}  // namespace avx2

const Kernel AVX2 = {avx2::lookup, avx2::join, avx2::linear};

}  // namespace ring
#endif

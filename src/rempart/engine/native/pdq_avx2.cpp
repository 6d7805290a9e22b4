// PDQ with AVX2 and fused multiply-add: eight numbers at once.
#if defined(__x86_64__)
#include "pdq.h"

#include <cstring>
#include <immintrin.h>

// Only what follows is compiled for these processors: the standard library's functions, above, are shared with all.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

namespace {

using rempart::pdq::Divisor;
using rempart::pdq::THOUSAND;

constexpr int LANES = 8;
typedef __m256 Lane;

// First within each half of a vector, four by four; then the halves themselves.
inline void transpose(Lane (&lines)[LANES]) {
    Lane halves[LANES];
    for (int line = 0; line < LANES; line += 4) {
        const Lane low01 = _mm256_unpacklo_ps(lines[line], lines[line + 1]);
        const Lane high01 = _mm256_unpackhi_ps(lines[line], lines[line + 1]);
        const Lane low23 = _mm256_unpacklo_ps(lines[line + 2], lines[line + 3]);
        const Lane high23 = _mm256_unpackhi_ps(lines[line + 2], lines[line + 3]);
        halves[line] = _mm256_shuffle_ps(low01, low23, 0x44);
        halves[line + 1] = _mm256_shuffle_ps(low01, low23, 0xEE);
        halves[line + 2] = _mm256_shuffle_ps(high01, high23, 0x44);
        halves[line + 3] = _mm256_shuffle_ps(high01, high23, 0xEE);
    }
    for (int line = 0; line < 4; line++) {
        lines[line] = _mm256_permute2f128_ps(halves[line], halves[line + 4], 0x20);
        lines[line + 4] = _mm256_permute2f128_ps(halves[line], halves[line + 4], 0x31);
    }
}

// As in the AVX-512 kernel.
inline Lane divided(Lane value, const Divisor &by) {
    return _mm256_fmadd_ps(value, _mm256_set1_ps(by.inverse), _mm256_mul_ps(value, _mm256_set1_ps(by.rest)));
}

// As in the AVX-512 kernel. The upper half is loaded 8 bytes on, not 12, so that nothing is read beyond the eight pixels.
inline Lane luminance_of_rgb(const uint8_t *from) {
    const __m256i red_green = _mm256_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1,  //
                                               4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1, 13, -1, 14, -1);
    const __m256i blue = _mm256_setr_epi8(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1,  //
                                          6, -1, -1, -1, 9, -1, -1, -1, 12, -1, -1, -1, 15, -1, -1, -1);
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from + 8));
    const __m256i pixels = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    const __m256i two = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, red_green), _mm256_set1_epi32(587 << 16 | 299));
    const __m256i one = _mm256_madd_epi16(_mm256_shuffle_epi8(pixels, blue), _mm256_set1_epi32(114));
    return divided(_mm256_cvtepi32_ps(_mm256_add_epi32(two, one)), THOUSAND);
}

inline Lane luminance_of_grey(const uint8_t *from) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(from))));
}

}  // namespace

#include "pdq_kernel.h"

namespace rempart::pdq {
const Kernel avx2 = {shrink, quality, transform, luminance};
}

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

// PDQ with AVX-512: sixteen numbers at once.
#if defined(__x86_64__)
#include "pdq.h"

#include <cstring>
#include <immintrin.h>

// Only what follows is compiled for these processors: the standard library's functions, above, are shared with all.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC's own header means it (its bug 105593)
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,fma,prefer-vector-width=512")
#endif

namespace {

constexpr int LANES = 16;
typedef __m512 Lane;

// First within each quarter of a vector, four by four; then the quarters themselves.
inline void transpose(Lane (&lines)[LANES]) {
    Lane quarters[LANES];
    for (int line = 0; line < LANES; line += 4) {
        const Lane low01 = _mm512_unpacklo_ps(lines[line], lines[line + 1]);
        const Lane high01 = _mm512_unpackhi_ps(lines[line], lines[line + 1]);
        const Lane low23 = _mm512_unpacklo_ps(lines[line + 2], lines[line + 3]);
        const Lane high23 = _mm512_unpackhi_ps(lines[line + 2], lines[line + 3]);
        quarters[line] = _mm512_shuffle_ps(low01, low23, 0x44);
        quarters[line + 1] = _mm512_shuffle_ps(low01, low23, 0xEE);
        quarters[line + 2] = _mm512_shuffle_ps(high01, high23, 0x44);
        quarters[line + 3] = _mm512_shuffle_ps(high01, high23, 0xEE);
    }
    for (int line = 0; line < 4; line++) {
        const Lane even01 = _mm512_shuffle_f32x4(quarters[line], quarters[line + 4], 0x88);
        const Lane odd01 = _mm512_shuffle_f32x4(quarters[line], quarters[line + 4], 0xDD);
        const Lane even23 = _mm512_shuffle_f32x4(quarters[line + 8], quarters[line + 12], 0x88);
        const Lane odd23 = _mm512_shuffle_f32x4(quarters[line + 8], quarters[line + 12], 0xDD);
        lines[line] = _mm512_shuffle_f32x4(even01, even23, 0x88);
        lines[line + 4] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
        lines[line + 8] = _mm512_shuffle_f32x4(even01, even23, 0xDD);
        lines[line + 12] = _mm512_shuffle_f32x4(odd01, odd23, 0xDD);
    }
}

// Two steps that round as a division would (Markstein): the product with the inverse, then its remainder taken in. Right for
// every divisor below a million, because no quotient of a 24-bit number lies closer to a tie than that.
inline Lane divided(Lane value, float by, float inverse) {
    const Lane factor = _mm512_set1_ps(inverse), product = _mm512_mul_ps(value, factor);
    return _mm512_fmadd_ps(_mm512_fnmadd_ps(product, _mm512_set1_ps(by), value), factor, product);
}

// 299, 587 and 114 thousandths: whole numbers up to the one division, which rounds once, as float64 followed by float32 does.
inline Lane luminance_of_rgb(const uint8_t *from) {
    const __m512i apart = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);  // four pixels to a quarter
    const __m512i red_green = _mm512_broadcast_i32x4(_mm_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
    const __m512i blue = _mm512_broadcast_i32x4(_mm_setr_epi8(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
    const __m512i pixels = _mm512_permutexvar_epi32(apart, _mm512_maskz_loadu_epi32(0x0FFF, from));
    const __m512i two = _mm512_madd_epi16(_mm512_shuffle_epi8(pixels, red_green), _mm512_set1_epi32(587 << 16 | 299));
    const __m512i one = _mm512_madd_epi16(_mm512_shuffle_epi8(pixels, blue), _mm512_set1_epi32(114));
    return divided(_mm512_cvtepi32_ps(_mm512_add_epi32(two, one)), 1000.0f, 0.001f);
}

inline Lane luminance_of_grey(const uint8_t *from) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(from))));
}

}  // namespace

#include "pdq_kernel.h"

namespace rempart::pdq {
const Kernel avx512 = {shrink, quality, transform, luminance};
}

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

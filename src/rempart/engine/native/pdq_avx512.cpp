// PDQ with AVX-512: sixteen numbers at once.
#if defined(__x86_64__)
#include "pdq.h"

#include <cstring>
#include <immintrin.h>

// Only what follows is compiled for these processors: the standard library's functions, above, are shared with all.
#if defined(__clang__)
#define INSTRUCTIONS "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni,fma"
#pragma clang attribute push(__attribute__((target(INSTRUCTIONS))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC's own header means it (its bug 105593)
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vnni,fma,prefer-vector-width=512")
#endif

namespace {

using rempart::pdq::Divisor;
using rempart::pdq::THOUSAND;

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

// Rounds as a division would: the inverse is known to twice the precision, so the sum that is rounded is the quotient to 2^-47 of
// it, and no quotient of two 24-bit numbers, the divisor below a million, lies that close to where rounding turns.
inline Lane divided(Lane value, const Divisor &by) {
    return _mm512_fmadd_ps(value, _mm512_set1_ps(by.inverse), _mm512_mul_ps(value, _mm512_set1_ps(by.rest)));
}

// 299, 587 and 114 thousandths: whole numbers up to the one division, which rounds once, as float64 followed by float32 does.
// The instruction takes weights up to 127, so 299 is 4 x 74 + 3, and so on.
inline Lane luminance_of_rgb(const uint8_t *from) {
    alignas(64) static const int8_t FOUR_BYTES_EACH[64] = {
        0,  1,  2,  48, 3,  4,  5,  48, 6,  7,  8,  48, 9,  10, 11, 48,  //
        12, 13, 14, 48, 15, 16, 17, 48, 18, 19, 20, 48, 21, 22, 23, 48,  //
        24, 25, 26, 48, 27, 28, 29, 48, 30, 31, 32, 48, 33, 34, 35, 48,  //
        36, 37, 38, 48, 39, 40, 41, 48, 42, 43, 44, 48, 45, 46, 47, 48};
    const __m512i packed = _mm512_maskz_loadu_epi32(0x0FFF, from);  // 48 bytes, and nothing beyond them
    const __m512i pixels = _mm512_permutexvar_epi8(_mm512_load_si512(FOUR_BYTES_EACH), packed);
    const __m512i fourths = _mm512_set1_epi32(28 << 16 | 127 << 8 | 74), rest = _mm512_set1_epi32(2 << 16 | 79 << 8 | 3);
    const __m512i quarter = _mm512_dpbusd_epi32(_mm512_setzero_si512(), pixels, fourths);
    const __m512i thousandths = _mm512_dpbusd_epi32(_mm512_slli_epi32(quarter, 2), pixels, rest);
    return divided(_mm512_cvtepi32_ps(thousandths), THOUSAND);
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

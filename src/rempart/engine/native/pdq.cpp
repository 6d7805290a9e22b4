// PDQ for Python: a picture or many of its rectangles in, frequencies, quality and bits out.
#include "pdq.h"

#include "exported.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rempart::pdq {

static int window_of(int length) { return (length + 2 * SIDE - 1) / (2 * SIDE); }

Axis::Axis(int length)
    : length(length), window(window_of(length)), late((window + 2) / 2 - 1), steps(length + 2 * late + WIDEST),
      divisor(steps) {
    for (int step = 0; step < steps; step++) {
        const int line = step - late;
        const bool is_line = line >= 0 && line < length;
        divisor[step] = is_line ? Divisor::of(float(inside(line))) : Divisor{};
    }
    for (int place = 0; place < SIDE; place++) kept[place] = int((2 * place + 1) * int64_t(length) / (2 * SIDE)) + 2 * late;
}

int Axis::inside(int line) const { return std::min(length, line + late + 1) - std::max(0, line - (window - late - 1)); }

Cosines::Cosines() {
    const double pi = 3.14159265358979323846, scale = float(std::sqrt(2.0 / SIDE));
    for (int row = 0; row < FREQUENCIES; row++)
        for (int column = 0; column < SIDE; column++)
            rows[row][column] = columns[column][row] = float(scale * std::cos(pi / 2.0 / SIDE * (row + 1) * (2 * column + 1)));
}

const Cosines cosines;

static const Kernel &kernel_of(int32_t bit) {
#if defined(__x86_64__)
    // Two sets of instructions more than the index's kernels ask for; every processor with their population count has them.
    const bool has_more = __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
    if (bit == 4 && has_more) return avx512;
    if (bit >= 2 && __builtin_cpu_supports("fma")) return avx2;
#endif
    (void)bit;
    return portable;
}

static const int SMALLEST = 5;  // pixels; the reference has no fingerprint for less

static void measure(const Kernel &kernel, const Picture &picture, bool is_dihedral, float *frequency, int32_t *quality) {
    std::memset(frequency, 0, sizeof(float[FREQUENCIES][FREQUENCIES]));
    *quality = 0;
    if (picture.height < SMALLEST || picture.width < SMALLEST) return;
    alignas(64) float small[SIDE][SIDE];
    if (picture.height == SIDE && picture.width == SIDE && !is_dihedral)
        kernel.luminance(picture, &small[0][0]);  // the reference does not filter what has that size already
    else
        kernel.shrink(picture, small);
    *quality = kernel.quality(small);
    kernel.transform(small, *reinterpret_cast<float(*)[FREQUENCIES][FREQUENCIES]>(frequency));
}

static void bits_of(const float *frequency, uint8_t *bits) {
    constexpr int COUNT = FREQUENCIES * FREQUENCIES;
    float sorted[COUNT];
    std::memcpy(sorted, frequency, sizeof sorted);
    std::nth_element(sorted, sorted + COUNT / 2 - 1, sorted + COUNT);
    const float median = sorted[COUNT / 2 - 1];
    for (int byte = 0; byte < COUNT / 8; byte++) {
        const float *eight = frequency + COUNT - 8 - 8 * byte;  // the lowest frequency is printed last
        uint8_t value = 0;
        for (int bit = 0; bit < 8; bit++) value |= uint8_t(eight[bit] > median) << bit;
        bits[byte] = value;
    }
}

}  // namespace rempart::pdq

using namespace rempart::pdq;

// One picture. kind: see Kind. kernel: as rempart_kernels() numbers them. Returns 0, or 1 for want of memory.
REMPART_EXPORT int32_t rempart_pdq(const uint8_t *pixels, int32_t kind, int32_t height, int32_t width, int64_t stride,
                                   int32_t is_dihedral, int32_t kernel, float *frequency, int32_t *quality) {
    try {
        measure(kernel_of(kernel), Picture{pixels, stride, kind, height, width}, is_dihedral != 0, frequency, quality);
        return 0;
    } catch (const std::bad_alloc &) {
        return 1;
    }
}

// Rectangles of one picture: count x (left, top, right, bottom), all inside. frequency: count x 256; quality: count.
REMPART_EXPORT int32_t rempart_pdq_regions(const uint8_t *pixels, int32_t kind, int64_t stride, const int32_t *boxes,
                                           int32_t count, int32_t kernel, float *frequency, int32_t *quality) {
    try {
        for (int32_t number = 0; number < count; number++, boxes += 4) {
            Picture region{pixels, stride, kind, boxes[3] - boxes[1], boxes[2] - boxes[0]};
            region.pixels += boxes[1] * stride + int64_t(boxes[0]) * region.pixel_bytes();
            measure(kernel_of(kernel), region, false, frequency, quality + number);
            frequency += FREQUENCIES * FREQUENCIES;
        }
        return 0;
    } catch (const std::bad_alloc &) {
        return 1;
    }
}

// rows: height x width floats.
REMPART_EXPORT void rempart_pdq_luminance(const uint8_t *rgb, int32_t height, int32_t width, int64_t stride, int32_t kernel,
                                          float *rows) {
    kernel_of(kernel).luminance(Picture{rgb, stride, RGB, height, width}, rows);
}

// count x 256 frequencies to count x 32 bytes.
REMPART_EXPORT void rempart_pdq_bits(const float *frequency, int32_t count, uint8_t *bits) {
    for (int32_t number = 0; number < count; number++)
        bits_of(frequency + size_t(number) * FREQUENCIES * FREQUENCIES, bits + size_t(number) * FREQUENCIES * FREQUENCIES / 8);
}

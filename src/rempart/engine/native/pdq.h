// PDQ, as the kernels see it: where the pixels are, what is measured along one side, and what each kernel offers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace rempart::pdq {

constexpr int SIDE = 64;         // the picture is brought down to SIDE x SIDE
constexpr int FREQUENCIES = 16;  // of which FREQUENCIES x FREQUENCIES are kept
constexpr int WIDEST = 16;       // numbers that the widest kernel handles at once

enum Kind : int32_t { RGB = 0, GREY = 1, LUMINANCE = 2 };  // 3 bytes, 1 byte, 1 float a pixel

struct Picture {
    const uint8_t *pixels;
    int64_t stride;  // bytes from one row to the next
    int32_t kind, height, width;

    int pixel_bytes() const { return kind == RGB ? 3 : kind == GREY ? 1 : 4; }
};

// Memory aligned for every kernel. Throws std::bad_alloc.
template <class T> struct Aligned {
    explicit Aligned(size_t count) : start(static_cast<T *>(std::aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64))) {
        if (!start) throw std::bad_alloc();
    }
    T *get() const { return start.get(); }
    T &operator[](size_t at) const { return start.get()[at]; }

  private:
    struct Free {
        void operator()(T *memory) const { std::free(memory); }
    };
    std::unique_ptr<T, Free> start;
};

// A whole number to divide by: itself, the float nearest its inverse, and what that float leaves out of it. All zero where there
// is nothing to divide.
struct Divisor {
    float by, inverse, rest;

    static constexpr Divisor of(float number) {
        const float inverse = 1.0f / number;
        return {number, inverse, float(1.0 / double(number) - double(inverse))};
    }
};

constexpr Divisor THOUSAND = Divisor::of(1000.0f);

// The box filter along one side. A step takes one line in; the mean around line `step - late` comes out of it, since the
// window reaches `late` lines ahead. Before the first line and after the last, zeros go through, which changes no sum.
struct Axis {
    int length, window, late, steps;
    Aligned<Divisor> divisor;  // by step: how many lines are in the window; zero where there is no line
    int kept[SIDE];                   // the step, of the second filter, that gives each of the 64 lines kept

    explicit Axis(int length);
    int inside(int line) const;  // how many lines the window around this one holds
};

// What a kernel does. All kernels round in the same order, and so give the same bits.
struct Kernel {
    void (*shrink)(const Picture &, float (&small)[SIDE][SIDE]);
    int (*quality)(const float (&small)[SIDE][SIDE]);
    void (*transform)(const float (&small)[SIDE][SIDE], float (&frequency)[FREQUENCIES][FREQUENCIES]);
    void (*luminance)(const Picture &, float *rows);  // height x width, without gaps
};

extern const Kernel portable;
#if defined(__x86_64__)
extern const Kernel avx2, avx512;
#endif

// Rows 1 to 16 of the 64-point cosine transform, and the same turned.
struct Cosines {
    alignas(64) float rows[FREQUENCIES][SIDE], columns[SIDE][FREQUENCIES];
    Cosines();
};
extern const Cosines cosines;

}  // namespace rempart::pdq

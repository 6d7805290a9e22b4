// The body of every PDQ kernel, included once by each after it has defined its vectors:
//   LANES, Lane                      so many floats side by side
//   transpose(Lane (&)[LANES])       rows become columns
//   divided(Lane, Divisor)           the quotient, correctly rounded; 0 where the divisor is
//   luminance_of_rgb(bytes)          of LANES pixels
//   luminance_of_grey(bytes)
//
// The reference filters rows, columns, rows, columns over the whole picture. Here one block of LANES x LANES pixels goes through
// three of those passes while it is in registers, turned between them so that each running sum has a lane of its own. Every sum
// takes the same numbers in, in the same order, as the reference does: that is why the bits are the same.
#include <cstring>

#if defined(__clang__)
#define EACH_LANE _Pragma("unroll")
#else
#define EACH_LANE _Pragma("GCC unroll 16")
#endif

namespace {

using namespace rempart::pdq;

inline Lane load(const float *from) { return *reinterpret_cast<const Lane *>(from); }
inline void store(float *to, Lane value) { *reinterpret_cast<Lane *>(to) = value; }

// The lines that went into a running sum, for as long as its window holds them.
struct Ring {
    int window, mask;
    Aligned<float> lines;

    explicit Ring(int window) : window(window), mask(capacity(window) - 1), lines(size_t(mask + 1) * LANES) {}
    void clear() { std::memset(lines.get(), 0, size_t(mask + 1) * sizeof(Lane)); }

  private:
    static int capacity(int window) {
        int capacity = 2 * LANES;
        while (capacity < window + LANES) capacity *= 2;
        return capacity;
    }
};

struct Work {
    const Axis across, down;
    const int blocks, strips, slots;  // blocks across, strips down; rows of pixels remembered, more than the window holds
    Aligned<float> sums, history;     // of the second pass, down columns: blocks x LANES, and blocks x slots x LANES
    Aligned<float> kept;              // of the third pass: strips x LANES rows, 64 columns
    Aligned<uint8_t> nothing;         // a row of zeros
    int block_of[SIDE + 1];           // the block in which each kept column comes out
    Divisor inside_of[SIDE];          // and how many lines its window holds

    explicit Work(const Picture &picture)
        : across(picture.width), down(picture.height), blocks((picture.width + 2 * across.late + LANES - 1) / LANES),
          strips((picture.height + down.late + LANES - 1) / LANES), slots((down.window + LANES) / LANES * LANES),
          sums(size_t(blocks) * LANES), history(size_t(blocks) * slots * LANES), kept(size_t(strips) * LANES * SIDE),
          nothing(size_t(picture.width + LANES) * picture.pixel_bytes()) {
        std::memset(sums.get(), 0, size_t(blocks) * sizeof(Lane));
        std::memset(history.get(), 0, size_t(blocks) * slots * sizeof(Lane));
        std::memset(nothing.get(), 0, size_t(picture.width + LANES) * picture.pixel_bytes());
        for (int column = 0; column < SIDE; column++) {
            block_of[column] = across.kept[column] / LANES;
            inside_of[column] = Divisor::of(float(across.inside(across.kept[column] - 2 * across.late)));
        }
        block_of[SIDE] = -1;
    }
};

// LANES rows of the picture on their way from left to right.
struct Strip {
    int number = 0, column = 0;  // column: of the 64, the next to be kept
    const uint8_t *rows[LANES];
    Ring first, third;  // of the first and third passes, along rows
    Lane first_sum{}, third_sum{};
    int entering = 0, leaving[LANES];  // the slot of the history where the first row goes, and those of the rows that leave
    Lane columns[SIDE];

    explicit Strip(const Work &work) : first(work.across.window), third(work.across.window) {}

    void start(const Picture &picture, const Work &work, int strip) {
        number = strip;
        column = 0;
        first_sum = third_sum = Lane{};
        first.clear();
        third.clear();
        entering = strip * LANES % work.slots;
        for (int lane = 0; lane < LANES; lane++) {
            const int row = strip * LANES + lane, turn = work.down.window / work.slots + 1;
            rows[lane] = row < picture.height ? picture.pixels + row * picture.stride : work.nothing.get();
            leaving[lane] = (row - work.down.window + turn * work.slots) % work.slots;
        }
    }
};

template <int KIND> inline Lane luminance_of(const uint8_t *from) {
    if (KIND == RGB) return luminance_of_rgb(from);
    if (KIND == GREY) return luminance_of_grey(from);
    Lane value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

// A block of pixels, one row a lane; zeros outside the picture.
template <int KIND> inline void take(const Picture &picture, const Strip &strip, int column, Lane (&lines)[LANES]) {
    constexpr int SIZE = KIND == RGB ? 3 : KIND == GREY ? 1 : 4;
    const int64_t offset = int64_t(column) * SIZE;
    if (column + LANES <= picture.width) {
        EACH_LANE
        for (int lane = 0; lane < LANES; lane++) lines[lane] = luminance_of<KIND>(strip.rows[lane] + offset);
        return;
    }
    const int inside = picture.width > column ? picture.width - column : 0;
    for (int lane = 0; lane < LANES; lane++) {
        uint8_t edge[LANES * SIZE] = {0};
        if (inside) std::memcpy(edge, strip.rows[lane] + offset, size_t(inside) * SIZE);
        lines[lane] = luminance_of<KIND>(edge);
    }
}

// Each filter takes one line of a block in and gives the mean (or, the third, the sum) that comes out.

inline Lane filter_row_once(const Work &work, Ring &ring, int step, Lane line, Lane &sum) {
    store(&ring.lines[size_t(step & ring.mask) * LANES], line);
    sum = sum + line - load(&ring.lines[size_t((step - ring.window) & ring.mask) * LANES]);
    return divided(sum, work.across.divisor[step]);
}

inline Lane filter_column_once(const Work &work, const Strip &strip, float *history, int lane, Lane line, Lane &sum) {
    const int step = strip.number * LANES + lane;
    store(history + size_t(strip.entering + lane) * LANES, line);
    sum = sum + line - load(history + size_t(strip.leaving[lane]) * LANES);
    return divided(sum, work.down.divisor[step]);
}

inline Lane filter_row_twice(Ring &ring, int step, Lane line, Lane &sum) {
    store(&ring.lines[size_t(step & ring.mask) * LANES], line);
    sum = sum + line - load(&ring.lines[size_t((step - ring.window) & ring.mask) * LANES]);
    return sum;
}

inline void keep_columns(const Work &work, Strip &strip, int block, const Lane (&lines)[LANES]) {
    for (; work.block_of[strip.column] == block; strip.column++) {
        strip.columns[strip.column] = divided(lines[work.across.kept[strip.column] % LANES], work.inside_of[strip.column]);
    }
}

template <int KIND> inline void advance(const Picture &picture, Work &work, Strip &strip, int block) {
    Lane lines[LANES], first = strip.first_sum, third = strip.third_sum, second = load(&work.sums[size_t(block) * LANES]);
    float *history = &work.history[size_t(block) * work.slots * LANES];
    const int step = block * LANES;
    take<KIND>(picture, strip, step, lines);
    transpose(lines);
    EACH_LANE
    for (int lane = 0; lane < LANES; lane++) lines[lane] = filter_row_once(work, strip.first, step + lane, lines[lane], first);
    transpose(lines);
    EACH_LANE
    for (int lane = 0; lane < LANES; lane++) lines[lane] = filter_column_once(work, strip, history, lane, lines[lane], second);
    transpose(lines);
    EACH_LANE
    for (int lane = 0; lane < LANES; lane++) lines[lane] = filter_row_twice(strip.third, step + lane, lines[lane], third);
    keep_columns(work, strip, block, lines);
    strip.first_sum = first;
    strip.third_sum = third;
    store(&work.sums[size_t(block) * LANES], second);
}

void finish(Work &work, const Strip &strip) {
    for (int column = 0; column < SIDE; column += LANES) {
        Lane lines[LANES];
        std::memcpy(lines, strip.columns + column, sizeof lines);
        transpose(lines);
        for (int lane = 0; lane < LANES; lane++)
            store(&work.kept[(size_t(strip.number) * LANES + lane) * SIDE + column], lines[lane]);
    }
}

template <int KIND> void filter_strips(const Picture &picture, Work &work) {
    Strip strip(work);
    for (int number = 0; number < work.strips; number++) {
        strip.start(picture, work, number);
        for (int block = 0; block < work.blocks; block++) advance<KIND>(picture, work, strip, block);
        finish(work, strip);
    }
}

// The second filter down columns, of the 64 columns kept, and the 64 rows kept of it.
void filter_columns_twice(const Work &work, float (&small)[SIDE][SIDE]) {
    float sum[SIDE] = {0};
    const int computed = work.strips * LANES, last = work.down.kept[SIDE - 1];
    for (int step = 0, row = 0; step <= last; step++) {
        if (step < computed)
            for (int column = 0; column < SIDE; column++) sum[column] += work.kept[size_t(step) * SIDE + column];
        const int gone = step - work.down.window;
        if (gone >= 0 && gone < computed)
            for (int column = 0; column < SIDE; column++) sum[column] -= work.kept[size_t(gone) * SIDE + column];
        for (; row < SIDE && work.down.kept[row] == step; row++) {
            const float inside = float(work.down.inside(int((2 * row + 1) * int64_t(work.down.length) / (2 * SIDE))));
            for (int column = 0; column < SIDE; column++) small[row][column] = sum[column] / inside;
        }
    }
}

void shrink(const Picture &picture, float (&small)[SIDE][SIDE]) {
    Work work(picture);
    if (picture.kind == RGB)
        filter_strips<RGB>(picture, work);
    else if (picture.kind == GREY)
        filter_strips<GREY>(picture, work);
    else
        filter_strips<LUMINANCE>(picture, work);
    filter_columns_twice(work, small);
}

// Whole hundredths of the full range between two neighbours. Luminance that is no number, or beyond any range, is no step.
inline int step(float one, float other) {
    float hundredths = (one - other) * 100 / 255;
    hundredths = hundredths < 1000 ? hundredths : 0;
    hundredths = hundredths > -1000 ? hundredths : 0;
    const int whole = int(hundredths);
    return whole < 0 ? -whole : whole;
}

int quality(const float (&small)[SIDE][SIDE]) {
    int total = 0;
    for (int row = 0; row < SIDE - 1; row++)
        for (int column = 0; column < SIDE; column++) total += step(small[row][column], small[row + 1][column]);
    for (int row = 0; row < SIDE; row++)
        for (int column = 0; column < SIDE - 1; column++) total += step(small[row][column], small[row][column + 1]);
    return total / 90 < 100 ? total / 90 : 100;
}

// Sums of 64 products, first to last: of GROUP rows by LANES columns at a time. factors is rows x 64, lines 64 x columns.
template <int COLUMNS>
inline void multiply(const float (*factors)[SIDE], const float (*lines)[COLUMNS], float (*products)[COLUMNS]) {
    constexpr int GROUP = 8;
    for (int column = 0; column < COLUMNS; column += LANES) {
        for (int row = 0; row < FREQUENCIES; row += GROUP) {
            Lane sums[GROUP] = {};
            for (int term = 0; term < SIDE; term++) {
                const Lane line = load(&lines[term][column]);
                EACH_LANE
                for (int one = 0; one < GROUP; one++) sums[one] = sums[one] + line * factors[row + one][term];
            }
            for (int one = 0; one < GROUP; one++) store(&products[row + one][column], sums[one]);
        }
    }
}

void transform(const float (&small)[SIDE][SIDE], float (&frequency)[FREQUENCIES][FREQUENCIES]) {
    alignas(64) float half[FREQUENCIES][SIDE], whole[FREQUENCIES][FREQUENCIES];
    multiply<SIDE>(cosines.rows, small, half);
    multiply<FREQUENCIES>(half, cosines.columns, whole);
    std::memcpy(frequency, whole, sizeof whole);
}

inline Lane luminance_of_any(const Picture &picture, const uint8_t *from) {
    if (picture.kind == RGB) return luminance_of<RGB>(from);
    return picture.kind == GREY ? luminance_of<GREY>(from) : luminance_of<LUMINANCE>(from);
}

void luminance(const Picture &picture, float *rows) {
    for (int row = 0; row < picture.height; row++, rows += picture.width) {
        const uint8_t *from = picture.pixels + row * picture.stride;
        int column = 0;
        for (; column + LANES <= picture.width; column += LANES) {
            const Lane value = luminance_of_any(picture, from + int64_t(column) * picture.pixel_bytes());
            std::memcpy(rows + column, &value, sizeof value);
        }
        uint8_t edge[LANES * 4] = {0};
        std::memcpy(edge, from + int64_t(column) * picture.pixel_bytes(), size_t(picture.width - column) * picture.pixel_bytes());
        const Lane value = luminance_of_any(picture, edge);
        std::memcpy(rows + column, &value, size_t(picture.width - column) * sizeof(float));
    }
}

}  // namespace

// The body of every PDQ kernel, included once by each after it has defined its vectors:
//   LANES, Lane                      so many floats side by side
//   transpose(Lane (&)[LANES])       rows become columns
//   divided(Lane, by, inverse)       the quotient, correctly rounded; 0 where inverse is 0
//   luminance_of_rgb(bytes)          of LANES pixels
//   luminance_of_grey(bytes)
//
// The reference filters rows, columns, rows, columns over the whole picture. Here one block of LANES x LANES pixels goes through
// three of those passes while it is in registers, turned between them so that each running sum has a lane of its own. Every sum
// takes the same numbers in, in the same order, as the reference does: that is why the bits are the same.
#include <cstring>

namespace {

using namespace rempart::pdq;

inline Lane load(const float *from) { return *reinterpret_cast<const Lane *>(from); }
inline void store(float *to, Lane value) { *reinterpret_cast<Lane *>(to) = value; }

// Running sums over the last `window` lines: a ring of what went in.
struct Ring {
    int window, mask;
    Aligned<float> lines;

    explicit Ring(int window) : window(window), mask(capacity(window) - 1), lines(size_t(capacity(window)) * LANES) {}
    void clear() { std::memset(lines.get(), 0, size_t(mask + 1) * sizeof(Lane)); }
    float *entering(int step) { return &lines[size_t(step & mask) * LANES]; }
    const float *leaving(int step) { return &lines[size_t((step - window) & mask) * LANES]; }

  private:
    static int capacity(int window) {
        int capacity = 2 * LANES;
        while (capacity < window + LANES) capacity *= 2;
        return capacity;
    }
};

struct Work {
    const Axis across, down;
    const int blocks, strips, slots;  // blocks across, strips down; rows of pixels remembered, of which slots is the number
    Ring first, third;                // of the first and third passes, along rows
    Aligned<float> sums, history;     // of the second pass, down columns: blocks x LANES, and blocks x slots x LANES
    Aligned<float> kept;              // of the third pass: strips x LANES rows, 64 columns
    int block_of[SIDE + 1];           // the block in which each kept column comes out

    Work(int height, int width)
        : across(width), down(height), blocks((width + 2 * across.late + LANES - 1) / LANES),
          strips((height + down.late + LANES - 1) / LANES), slots((down.window + 2 * LANES - 1) / LANES * LANES),
          first(across.window), third(across.window), sums(size_t(blocks) * LANES), history(size_t(blocks) * slots * LANES),
          kept(size_t(strips) * LANES * SIDE) {
        std::memset(sums.get(), 0, size_t(blocks) * sizeof(Lane));
        for (int column = 0; column < SIDE; column++) block_of[column] = across.kept[column] / LANES;
        block_of[SIDE] = blocks;
    }
};

inline Lane luminance_of(const Picture &picture, const uint8_t *from) {
    if (picture.kind == RGB) return luminance_of_rgb(from);
    if (picture.kind == GREY) return luminance_of_grey(from);
    Lane value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

// LANES pixels of one row from this column on; zeros outside the picture.
inline Lane pixels_at(const Picture &picture, int row, int column) {
    if (row >= picture.height || column >= picture.width) return Lane{};
    const int size = picture.pixel_bytes();
    const uint8_t *from = picture.pixels + row * picture.stride + int64_t(column) * size;
    if (column + LANES <= picture.width) return luminance_of(picture, from);
    uint8_t edge[LANES * 4] = {0};
    std::memcpy(edge, from, size_t(picture.width - column) * size);
    return luminance_of(picture, edge);
}

inline void filter_rows_once(Work &work, int block, Lane (&lines)[LANES], Lane &sum) {
    for (int lane = 0; lane < LANES; lane++) {
        const int step = block * LANES + lane;
        store(work.first.entering(step), lines[lane]);
        sum = sum + lines[lane] - load(work.first.leaving(step));
        lines[lane] = divided(sum, work.across.divisor[step], work.across.inverse[step]);
    }
}

inline void filter_columns_once(Work &work, int strip, int block, Lane (&lines)[LANES]) {
    float *history = &work.history[size_t(block) * work.slots * LANES];
    Lane sum = load(&work.sums[size_t(block) * LANES]);
    for (int lane = 0; lane < LANES; lane++) {
        const int step = strip * LANES + lane, gone = step - work.down.window;
        store(history + size_t(step % work.slots) * LANES, lines[lane]);
        sum = sum + lines[lane];
        if (gone >= 0) sum = sum - load(history + size_t(gone % work.slots) * LANES);
        lines[lane] = divided(sum, work.down.divisor[step], work.down.inverse[step]);
    }
    store(&work.sums[size_t(block) * LANES], sum);
}

// The sums of the second filter along rows; they are divided only where a column is kept.
inline void filter_rows_twice(Work &work, int block, Lane (&lines)[LANES], Lane &sum) {
    for (int lane = 0; lane < LANES; lane++) {
        const int step = block * LANES + lane;
        store(work.third.entering(step), lines[lane]);
        sum = sum + lines[lane] - load(work.third.leaving(step));
        lines[lane] = sum;
    }
}

void filter_strip(const Picture &picture, Work &work, int strip) {
    Lane first{}, third{}, lines[LANES], columns[SIDE];
    work.first.clear();
    work.third.clear();
    for (int block = 0, column = 0; block < work.blocks; block++) {
        for (int lane = 0; lane < LANES; lane++) lines[lane] = pixels_at(picture, strip * LANES + lane, block * LANES);
        transpose(lines);
        filter_rows_once(work, block, lines, first);
        transpose(lines);
        filter_columns_once(work, strip, block, lines);
        transpose(lines);
        filter_rows_twice(work, block, lines, third);
        for (; work.block_of[column] == block; column++) {
            const int centre = int((2 * column + 1) * int64_t(work.across.length) / (2 * SIDE)), inside = work.across.inside(centre);
            columns[column] = divided(lines[work.across.kept[column] % LANES], float(inside), 1 / float(inside));
        }
    }
    for (int column = 0; column < SIDE; column += LANES) {
        std::memcpy(lines, columns + column, sizeof lines);
        transpose(lines);
        for (int lane = 0; lane < LANES; lane++)
            store(&work.kept[(size_t(strip) * LANES + lane) * SIDE + column], lines[lane]);
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
    Work work(picture.height, picture.width);
    for (int strip = 0; strip < work.strips; strip++) filter_strip(picture, work, strip);
    filter_columns_twice(work, small);
}

// Whole hundredths of the full range between two neighbours. Luminance that is no number, or beyond any range, is no step.
inline int step(float one, float other) {
    const float hundredths = (one - other) * 100 / 255;
    return hundredths > -1000 && hundredths < 1000 ? std::abs(int(hundredths)) : 0;
}

int quality(const float (&small)[SIDE][SIDE]) {
    int total = 0;
    for (int row = 0; row < SIDE - 1; row++)
        for (int column = 0; column < SIDE; column++) total += step(small[row][column], small[row + 1][column]);
    for (int row = 0; row < SIDE; row++)
        for (int column = 0; column < SIDE - 1; column++) total += step(small[row][column], small[row][column + 1]);
    return total / 90 < 100 ? total / 90 : 100;
}

void transform(const float (&small)[SIDE][SIDE], float (&frequency)[FREQUENCIES][FREQUENCIES]) {
    float turned[SIDE][FREQUENCIES];  // so that the inner loops run along memory
    for (int row = 0; row < FREQUENCIES; row++)
        for (int term = 0; term < SIDE; term++) turned[term][row] = cosines[row][term];
    for (int row = 0; row < FREQUENCIES; row++) {
        float half[SIDE] = {0}, whole[FREQUENCIES] = {0};
        for (int term = 0; term < SIDE; term++)
            for (int column = 0; column < SIDE; column++) half[column] += cosines[row][term] * small[term][column];
        for (int term = 0; term < SIDE; term++)
            for (int column = 0; column < FREQUENCIES; column++) whole[column] += half[term] * turned[term][column];
        std::memcpy(frequency[row], whole, sizeof whole);
    }
}

void luminance(const Picture &picture, float *rows) {
    for (int row = 0; row < picture.height; row++, rows += picture.width) {
        int column = 0;
        for (; column + LANES <= picture.width; column += LANES) {
            const Lane value = pixels_at(picture, row, column);
            std::memcpy(rows + column, &value, sizeof value);
        }
        const Lane value = pixels_at(picture, row, column);
        std::memcpy(rows + column, &value, size_t(picture.width - column) * sizeof(float));
    }
}

}  // namespace

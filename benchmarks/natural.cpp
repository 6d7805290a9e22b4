// PDQ-like fingerprints of random crops of real pictures: what a bank of millions would hold, without millions of pictures.
//
// A crop is averaged over areas to 64 x 64 through the picture's summed luminance, then taken through PDQ's published
// second half: cosine transform, median, and the quality of its gradients. Each row depends on the seed and on its own
// number only: the same on any number of threads, and on any machine (no fused multiply-add, see natural.py).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif

namespace {

constexpr int SIDE = 64, LOW = 16, BITS = LOW * LOW;
constexpr int LOWEST_QUALITY = 50, TRIES = 20;
constexpr double SMALLEST = 0.15, ASPECTS = 0.7;

struct Picture {
    const uint32_t* sums;  // (height + 1) x (width + 1): luminance summed from the top left corner
    int height, width;
};

// SplitMix64: a state of its own for every row.
struct Chance {
    uint64_t state;
    Chance(uint64_t seed, uint64_t row) : state((row + 1) * 0x9E3779B97F4A7C15u ^ seed * 0xD1B54A32D192ED03u) {}
    double next() {
        state += 0x9E3779B97F4A7C15u;
        uint64_t x = state;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
        return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1p-53;
    }
};

struct Cosines {
    float of[LOW][SIDE];
    Cosines() {
        for (int i = 0; i < LOW; i++)
            for (int j = 0; j < SIDE; j++)
                of[i][j] = static_cast<float>(std::sqrt(2.0 / SIDE) * std::cos(M_PI / (2 * SIDE) * (i + 1) * (2 * j + 1)));
    }
};

// The ends of SIDE intervals that share out [start, start + length), all of one pixel or more.
struct Cuts {
    int at[SIDE + 1];
    Cuts(double start, double length) {
        for (int i = 0; i <= SIDE; i++) at[i] = static_cast<int>(start) + static_cast<int>(length * i / SIDE);
    }
};

using Block = float[SIDE][SIDE];
typedef float Lanes __attribute__((vector_size(4 * LOW)));  // as many as there are low frequencies

double within(double share, int whole) { return std::min(std::max(share * whole, static_cast<double>(SIDE)), static_cast<double>(whole)); }

FOR_EVERY_PROCESSOR void average(const Picture& picture, const Cuts& rows, const Cuts& columns, Block& block) {
    float shares[SIDE];
    for (int j = 0; j < SIDE; j++) shares[j] = 1.0f / static_cast<float>(columns.at[j + 1] - columns.at[j]);
    for (int i = 0; i < SIDE; i++) {
        const uint32_t* top = picture.sums + static_cast<size_t>(rows.at[i]) * (picture.width + 1);
        const uint32_t* bottom = picture.sums + static_cast<size_t>(rows.at[i + 1]) * (picture.width + 1);
        const float share = 1.0f / static_cast<float>(rows.at[i + 1] - rows.at[i]);
        int32_t sums[SIDE + 1];  // of what lies in these rows, left of each cut
        for (int j = 0; j <= SIDE; j++) sums[j] = static_cast<int32_t>(bottom[columns.at[j]] - top[columns.at[j]]);
        for (int j = 0; j < SIDE; j++) block[i][j] = static_cast<float>(sums[j + 1] - sums[j]) * share * shares[j];
    }
}

// Where the crop lies and how wide it is: 15 to 100 % of each side, small crops more often, of many aspects.
void cut_out(const Picture& picture, Chance& chance, Block& block) {
    const double size = SMALLEST + (1 - SMALLEST) * chance.next() * chance.next();
    const double aspect = std::exp((chance.next() - 0.5) * ASPECTS);
    const double height = within(size * aspect, picture.height), width = within(size / aspect, picture.width);
    const Cuts rows(std::floor(chance.next() * (picture.height - height)), height);
    const Cuts columns(std::floor(chance.next() * (picture.width - width)), width);
    average(picture, rows, columns, block);
}

FOR_EVERY_PROCESSOR int quality_of(const Block& block) {
    constexpr float PERCENT = 100.0f / 255;
    int gradients = 0;
    for (int i = 0; i + 1 < SIDE; i++)
        for (int j = 0; j < SIDE; j++) gradients += static_cast<int>(std::fabs(block[i][j] - block[i + 1][j]) * PERCENT);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j + 1 < SIDE; j++) gradients += static_cast<int>(std::fabs(block[i][j] - block[i][j + 1]) * PERCENT);
    return std::min(100, gradients / 90);
}

// Every sum runs in one order, lane by lane: the same rounding whatever the width of the processor's registers.
FOR_EVERY_PROCESSOR void transform(const Cosines& cosines, const Block& block, float* low) {
    float down[SIDE][LOW];  // [column][row frequency]
    for (int k = 0; k < SIDE; k += LOW) {
        Lanes sums[LOW] = {};
        for (int j = 0; j < SIDE; j++) {
            Lanes line;
            std::memcpy(&line, &block[j][k], sizeof line);
            for (int i = 0; i < LOW; i++) sums[i] += cosines.of[i][j] * line;
        }
        for (int i = 0; i < LOW; i++)
            for (int lane = 0; lane < LOW; lane++) down[k + lane][i] = sums[i][lane];
    }
    Lanes sums[LOW] = {};  // [column frequency][row frequency]
    for (int k = 0; k < SIDE; k++) {
        Lanes line;
        std::memcpy(&line, down[k], sizeof line);
        for (int j = 0; j < LOW; j++) sums[j] += cosines.of[j][k] * line;
    }
    for (int i = 0; i < LOW; i++)
        for (int j = 0; j < LOW; j++) low[i * LOW + j] = sums[j][i];
}

// A mirrored picture has the same transform with every odd cosine of its columns turned over. `j` counts from cosine 1.
void mirror(float* low) {
    for (int i = 0; i < LOW; i++)
        for (int j = 0; j < LOW; j += 2) low[i * LOW + j] = -low[i * LOW + j];
}

// Ordered as the numbers are, once their bits are read as a whole number.
int32_t order_of(float number) {
    int32_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return bits < 0 ? bits ^ 0x7FFFFFFF : bits;
}

// The largest value that at least half of the others reach: found bit by bit, with no branch that chance decides.
FOR_EVERY_PROCESSOR int32_t median(const int32_t* orders) {
    int64_t found = INT32_MIN;
    for (int64_t step = int64_t{1} << 31; step; step >>= 1) {
        const auto tried = static_cast<int32_t>(std::min<int64_t>(found + step, INT32_MAX));
        int reached = 0;
        for (int i = 0; i < BITS; i++) reached += orders[i] >= tried;
        if (reached > BITS / 2) found += step;
    }
    return static_cast<int32_t>(found);
}

// Bit 0, the lowest frequency, is the last bit printed.
void print(const float* low, uint8_t* row) {
    int32_t orders[BITS];
    for (int bit = 0; bit < BITS; bit++) orders[bit] = order_of(low[bit]);
    const int32_t middle = median(orders);
    std::memset(row, 0, BITS / 8);
    for (int bit = 0; bit < BITS; bit++) row[(BITS - 1 - bit) / 8] |= static_cast<uint8_t>((orders[bit] > middle) << (bit % 8));
}

// A row not made yet, and the picture that its next crop is of.
struct Pending {
    Chance chance;
    uint64_t row;
    size_t picture;
};

// One crop: false if it shows too little, and another must be tried.
bool try_crop(const Cosines& cosines, const Picture& picture, Chance& chance, bool is_last_try, uint8_t* row) {
    Block block;
    cut_out(picture, chance, block);
    if (!is_last_try && quality_of(block) < LOWEST_QUALITY) return false;
    float low[BITS];
    transform(cosines, block, low);
    if (chance.next() < 0.5) mirror(low);
    print(low, row);
    return true;
}

// All crops of one picture follow each other, so that it is read from memory once: this is most of the speed.
void make_rows(const Cosines& cosines, const std::vector<Picture>& pictures, std::vector<Pending> pending, uint8_t* rows) {
    for (int tries = 1; !pending.empty(); tries++) {
        for (Pending& one : pending) one.picture = static_cast<size_t>(one.chance.next() * static_cast<double>(pictures.size()));
        std::sort(pending.begin(), pending.end(), [](const Pending& a, const Pending& b) { return a.picture < b.picture; });
        std::vector<Pending> again;
        for (Pending& one : pending)
            if (!try_crop(cosines, pictures[one.picture], one.chance, tries == TRIES, rows + 32 * one.row)) again.push_back(one);
        pending.swap(again);
    }
}

}  // namespace

// Rows `first` to `first + count` of the endless list that these pictures and this seed name, 32 bytes each.
extern "C" void natural_hashes(const uint32_t* const* sums, const int32_t* heights, const int32_t* widths, uint64_t pictures,
                               uint64_t seed, uint64_t first, uint64_t count, uint32_t threads, uint8_t* rows) {
    std::vector<Picture> all;
    for (uint64_t i = 0; i < pictures; i++) all.push_back({sums[i], heights[i], widths[i]});
    const Cosines cosines;
    std::vector<std::thread> workers;
    for (uint32_t worker = 0; worker < threads; worker++)
        workers.emplace_back([&, worker] {
            std::vector<Pending> mine;
            for (uint64_t i = count * worker / threads; i < count * (worker + 1) / threads; i++)
                mine.push_back({Chance(seed, first + i), i, 0});
            make_rows(cosines, all, std::move(mine), rows);
        });
    for (std::thread& worker : workers) worker.join();
}

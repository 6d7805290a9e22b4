// PDQ for any processor: four numbers at once, in the compiler's own vectors.
#include "pdq.h"

#include <cstring>

namespace {

using rempart::pdq::Divisor;

constexpr int LANES = 4;
typedef float Lane __attribute__((vector_size(16)));

inline void transpose(Lane (&lines)[LANES]) {
    const Lane a = lines[0], b = lines[1], c = lines[2], d = lines[3];
    for (int line = 0; line < LANES; line++) lines[line] = Lane{a[line], b[line], c[line], d[line]};
}

inline Lane divided(Lane value, const Divisor &by) { return by.by == 0 ? Lane{} : value / by.by; }

inline Lane luminance_of_rgb(const uint8_t *from) {
    Lane thousandths;
    for (int lane = 0; lane < LANES; lane++, from += 3) thousandths[lane] = float(299 * from[0] + 587 * from[1] + 114 * from[2]);
    return thousandths / 1000.0f;
}

inline Lane luminance_of_grey(const uint8_t *from) {
    return Lane{float(from[0]), float(from[1]), float(from[2]), float(from[3])};
}

}  // namespace

#include "pdq_kernel.h"

namespace rempart::pdq {
const Kernel portable = {shrink, quality, transform, luminance};
}

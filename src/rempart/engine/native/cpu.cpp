// Which kernels this processor can run, and which interface this library speaks.
#include "exported.h"

#include <cstdint>

// Raised whenever a function exported by this library changes: a library left from an older build is then not used.
static const int32_t INTERFACE = 1;

REMPART_EXPORT int32_t rempart_interface() { return INTERFACE; }

// The name of the sources this was compiled from, as sources.py says it: a library left behind by a change is told apart.
#ifndef REMPART_SOURCES
#define REMPART_SOURCES ""
#endif
REMPART_EXPORT const char* rempart_sources() { return REMPART_SOURCES; }

// Bit 0: portable (always). Bit 1: AVX2. Bit 2: AVX-512 with its population counts.
REMPART_EXPORT int32_t rempart_kernels() {
    int32_t kernels = 1;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi")) kernels |= 2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vpopcntdq") &&
        __builtin_cpu_supports("avx512bitalg"))
        kernels |= 4;
#endif
    return kernels;
}

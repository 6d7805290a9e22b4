// Building one table: rows sorted by their chunk, in two steps, so that each writes to few places at once.
//
// Step one deals the rows into 256 drawers by the upper half of their chunk; step two puts each drawer, which by then fits in
// the processor's cache, in order by the lower half. Both keep the order of rows: the bytes of a table do not depend on the
// number of threads.
#include <cstring>

#include "exported.h"
#include "parallel.h"
#include "ring.h"

namespace {

using namespace ring;

constexpr int DRAWERS = 256;
constexpr int SLICES_PER_THREAD = 4;  // so that a thread that was held up does not hold up the rest

struct Record {
    uint32_t row;
    uint16_t chunk, near, far;
};
static_assert(sizeof(Record) == 12, "index/compiled.py reserves twelve bytes a row");

struct Counts {
    uint64_t of[DRAWERS];
};

struct Table {
    uint32_t* offsets;
    uint16_t* near;
    uint16_t* far;
    uint32_t* row_of;
};

struct Slice {
    uint64_t begin, end;
};

Slice slice_of(uint64_t rows, uint64_t slices, uint64_t number) {
    return {rows * number / slices, rows * (number + 1) / slices};
}

void count_drawers(const uint8_t* hashes, Slice slice, int table, Counts& counts) {
    std::memset(&counts, 0, sizeof counts);
    for (uint64_t row = slice.begin; row < slice.end; row++)
        counts.of[chunk_of(load_hash(hashes + HASH_BYTES * row), table) >> 8]++;
}

// From how many each slice puts into each drawer, to where it puts the first; `starts` gets where each drawer begins.
void counts_to_places(std::vector<Counts>& slices, uint64_t* starts) {
    uint64_t place = 0;
    for (int drawer = 0; drawer < DRAWERS; drawer++) {
        starts[drawer] = place;
        for (Counts& slice : slices) {
            uint64_t count = slice.of[drawer];
            slice.of[drawer] = place;
            place += count;
        }
    }
    starts[DRAWERS] = place;
}

void deal(const uint8_t* hashes, Slice slice, int table, Counts& places, Record* records) {
    for (uint64_t row = slice.begin; row < slice.end; row++) {
        Hash hash = load_hash(hashes + HASH_BYTES * row);
        uint16_t chunk = chunk_of(hash, table);
        records[places.of[chunk >> 8]++] = {uint32_t(row), chunk, chunk_of(hash, table + 1), chunk_of(hash, table + 2)};
    }
}

void sort_drawer(const Record* records, int drawer, uint64_t begin, uint64_t end, const Table& table) {
    uint32_t places[DRAWERS] = {};
    for (uint64_t at = begin; at < end; at++) places[records[at].chunk & 255]++;
    uint32_t place = uint32_t(begin);
    for (int low = 0; low < 256; low++) {
        uint32_t count = places[low];
        table.offsets[drawer * 256 + low] = places[low] = place;
        place += count;
    }
    for (uint64_t at = begin; at < end; at++) {
        const Record& record = records[at];
        uint32_t to = places[record.chunk & 255]++;
        table.near[to] = record.near;
        table.far[to] = record.far;
        table.row_of[to] = record.row;
    }
}

Status build(const uint8_t* hashes, uint64_t rows, int number, int threads, Record* records, const Table& table) {
    std::vector<Counts> slices(uint64_t(threads) * SLICES_PER_THREAD);
    uint64_t starts[DRAWERS + 1];
    Status status = in_parallel(threads, slices.size(), [&](uint64_t task, int) {
        count_drawers(hashes, slice_of(rows, slices.size(), task), number, slices[task]);
        return FINE;
    });
    if (status != FINE) return status;
    counts_to_places(slices, starts);
    status = in_parallel(threads, slices.size(), [&](uint64_t task, int) {
        deal(hashes, slice_of(rows, slices.size(), task), number, slices[task], records);
        return FINE;
    });
    if (status != FINE) return status;
    table.offsets[DRAWERS * 256] = uint32_t(rows);
    return in_parallel(threads, DRAWERS, [&](uint64_t drawer, int) {
        sort_drawer(records, int(drawer), starts[drawer], starts[drawer + 1], table);
        return FINE;
    });
}

}  // namespace

// `scratch` has twelve bytes a row. Answers FINE or NO_MEMORY.
REMPART_EXPORT int32_t rempart_ring_build(const uint8_t* hashes, uint64_t rows, int32_t number, int32_t threads, void* scratch,
                                          uint32_t* offsets, uint16_t* near, uint16_t* far, uint32_t* row_of) {
    try {
        return build(hashes, rows, number, threads, static_cast<Record*>(scratch), {offsets, near, far, row_of});
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
}

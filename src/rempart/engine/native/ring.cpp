// What Python calls: one question, many, a join, a linear scan, and the list of hits that three of them answer.
#include "ring.h"

#include <algorithm>
#include <memory>

#include "exported.h"
#include "parallel.h"
#include "ring_kernel.h"

namespace {

using namespace ring;

constexpr uint64_t QUESTIONS_OF_TASK = 256;      // of lookup_many: one thread asks these before it takes others
constexpr uint64_t QUESTIONS_OF_PASS = 1 << 20;  // of a join: what is sorted at a time, 130 MB for the sixteen tables
constexpr uint32_t BUCKETS = 1u << BITS_OF_CHUNK;
constexpr uint32_t BUCKETS_OF_TASK = BUCKETS / 16;

// Hits of each thread, side by side; they are joined only when Python copies them.
struct Hits {
    std::vector<std::vector<Hit>> of_worker;
};

const Kernel& kernel_of(int32_t bit) {
#if defined(__x86_64__)
    if (bit == 4) return AVX512;
    if (bit == 2) return AVX2;
#endif
    return PORTABLE;
}

// Runs `search(hits)`; a list of hits that could not be finished is not given out.
template <class Search>
int32_t collect(int threads, Hits** answer, const Search& search) {
    *answer = nullptr;
    try {
        auto hits = std::make_unique<Hits>();
        hits->of_worker.resize(size_t(std::max(threads, 1)));
        Status status = search(*hits);
        if (status == FINE) *answer = hits.release();
        return status;
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
}

Status ask_many(const Ring& ring, const uint8_t* questions, uint64_t count, const Budgets& budgets, const Kernel& kernel,
                int threads, Hits& hits) {
    uint64_t tasks = (count + QUESTIONS_OF_TASK - 1) / QUESTIONS_OF_TASK;
    std::vector<std::unique_ptr<Step[]>> steps(hits.of_worker.size());
    for (auto& belt : steps) belt.reset(new Step[STEPS]);
    return in_parallel(threads, tasks, [&](uint64_t task, int worker) {
        uint64_t first = task * QUESTIONS_OF_TASK;
        uint32_t some = uint32_t(std::min(count - first, QUESTIONS_OF_TASK));
        return kernel.lookup(ring, questions + HASH_BYTES * first, uint32_t(first), some, budgets, steps[worker].get(),
                             hits.of_worker[worker]);
    });
}

void sort_questions(const uint8_t* questions, uint32_t count, int table, SortedQuestions& sorted) {
    sorted.offsets.assign(BUCKETS + 1, 0);
    sorted.question.resize(count);
    sorted.sketch.resize(count);
    for (uint32_t at = 0; at < count; at++) sorted.offsets[chunk_of(load_hash(questions + HASH_BYTES * at), table) + 1]++;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) sorted.offsets[bucket + 1] += sorted.offsets[bucket];
    std::vector<uint32_t> places(sorted.offsets.begin(), sorted.offsets.end() - 1);
    for (uint32_t at = 0; at < count; at++) {
        Hash hash = load_hash(questions + HASH_BYTES * at);
        uint32_t place = places[chunk_of(hash, table)]++;
        sorted.question[place] = at;
        sorted.sketch[place] = chunk_of(hash, table + 1) | uint32_t(chunk_of(hash, table + 2)) << 16;
    }
}

Status join_pass(const Ring& ring, const uint8_t* questions, uint32_t count, const Budgets& budgets, const Kernel& kernel,
                 int threads, Hits& hits, std::vector<SortedQuestions>& sorted) {
    Status status = in_parallel(threads, CHUNKS, [&](uint64_t table, int) {
        sort_questions(questions, count, int(table), sorted[table]);
        return FINE;
    });
    if (status != FINE) return status;
    constexpr uint64_t TASKS_OF_TABLE = BUCKETS / BUCKETS_OF_TASK;
    return in_parallel(threads, CHUNKS * TASKS_OF_TABLE, [&](uint64_t task, int worker) {
        int table = int(task / TASKS_OF_TABLE);
        uint32_t begin = uint32_t(task % TASKS_OF_TABLE) * BUCKETS_OF_TASK;
        return kernel.join(ring, table, {begin, begin + BUCKETS_OF_TASK}, questions, sorted[table], budgets,
                           hits.of_worker[worker]);
    });
}

// The questions are numbered within a pass; here they get their numbers among all.
Status join_all(const Ring& ring, const uint8_t* questions, uint64_t count, const Budgets& budgets, const Kernel& kernel,
                int threads, Hits& hits) {
    std::vector<SortedQuestions> sorted(CHUNKS);
    for (uint64_t first = 0; first < count; first += QUESTIONS_OF_PASS) {
        std::vector<size_t> known;
        for (auto& list : hits.of_worker) known.push_back(list.size());
        uint32_t some = uint32_t(std::min(count - first, QUESTIONS_OF_PASS));
        Status status = join_pass(ring, questions + HASH_BYTES * first, some, budgets, kernel, threads, hits, sorted);
        if (status != FINE) return status;
        for (size_t worker = 0; worker < known.size(); worker++) {
            auto& list = hits.of_worker[worker];
            for (size_t at = known[worker]; at < list.size(); at++) list[at].question += uint32_t(first);
        }
    }
    return FINE;
}

Status scan_all(const uint8_t* hashes, uint64_t rows, const uint8_t* questions, uint64_t count, int radius, const Kernel& kernel,
                int threads, Hits& hits) {
    return in_parallel(threads, count, [&](uint64_t number, int worker) {
        kernel.scan(hashes, rows, questions + HASH_BYTES * number, uint32_t(number), radius, hits.of_worker[worker]);
        return FINE;
    });
}

// Copies hits to arrays of `room`; TOO_MANY where they do not fit. `found` tells how many there are.
int32_t give(const std::vector<Hit>& hits, uint64_t room, uint32_t* rows, uint16_t* distances, uint64_t* found) {
    *found = hits.size();
    if (hits.size() > room) return TOO_MANY;
    for (size_t at = 0; at < hits.size(); at++) {
        rows[at] = hits[at].row;
        distances[at] = hits[at].distance;
    }
    return FINE;
}

}  // namespace

// How much room rempart_ring_lookup needs to work in.
REMPART_EXPORT uint64_t rempart_ring_scratch() { return sizeof(Step) * STEPS; }

// One question. `scratch` is one thread's own. Where there are more than `room` hits: TOO_MANY, and rempart_ring_many is asked.
REMPART_EXPORT int32_t rempart_ring_lookup(const Ring* ring, const uint8_t* question, int32_t radius, int32_t kernel, void* scratch,
                                           uint64_t room, uint32_t* rows, uint16_t* distances, uint64_t* found) {
    try {
        std::vector<Hit> hits;
        Step* steps = static_cast<Step*>(scratch);
        Status status = kernel_of(kernel).lookup(*ring, question, 0, 1, Budgets(radius), steps, hits);
        return status == FINE ? give(hits, room, rows, distances, found) : status;
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
}

REMPART_EXPORT int32_t rempart_scan(const uint8_t* hashes, uint64_t count, const uint8_t* question, int32_t radius, int32_t kernel,
                                    uint64_t room, uint32_t* rows, uint16_t* distances, uint64_t* found) {
    try {
        std::vector<Hit> hits;
        kernel_of(kernel).scan(hashes, count, question, 0, radius, hits);
        return give(hits, room, rows, distances, found);
    } catch (const std::bad_alloc&) {
        return NO_MEMORY;
    }
}

REMPART_EXPORT int32_t rempart_ring_many(const Ring* ring, const uint8_t* questions, uint64_t count, int32_t radius, int32_t kernel,
                                         int32_t threads, Hits** answer) {
    return collect(threads, answer, [&](Hits& hits) {
        return ask_many(*ring, questions, count, Budgets(radius), kernel_of(kernel), threads, hits);
    });
}

REMPART_EXPORT int32_t rempart_ring_join(const Ring* ring, const uint8_t* questions, uint64_t count, int32_t radius, int32_t kernel,
                                         int32_t threads, Hits** answer) {
    return collect(threads, answer, [&](Hits& hits) {
        return join_all(*ring, questions, count, Budgets(radius), kernel_of(kernel), threads, hits);
    });
}

REMPART_EXPORT int32_t rempart_scan_many(const uint8_t* hashes, uint64_t rows, const uint8_t* questions, uint64_t count,
                                         int32_t radius, int32_t kernel, int32_t threads, Hits** answer) {
    return collect(threads, answer, [&](Hits& hits) {
        return scan_all(hashes, rows, questions, count, radius, kernel_of(kernel), threads, hits);
    });
}

REMPART_EXPORT uint64_t rempart_hits_count(const Hits* hits) {
    uint64_t count = 0;
    for (const auto& list : hits->of_worker) count += list.size();
    return count;
}

// Copies them to three arrays of rempart_hits_count(), in no order.
REMPART_EXPORT void rempart_hits_copy(const Hits* hits, int64_t* questions, uint32_t* rows, uint16_t* distances) {
    uint64_t at = 0;
    for (const auto& list : hits->of_worker)
        for (const Hit& hit : list) {
            questions[at] = hit.question;
            rows[at] = hit.row;
            distances[at++] = hit.distance;
        }
}

REMPART_EXPORT void rempart_hits_free(Hits* hits) { delete hits; }

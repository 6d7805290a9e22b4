// Threads that begin and end within one call: nothing runs between calls, so that a process may fork at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#include "ring.h"

namespace ring {

// The tasks 0 … count-1, each once, on at most `threads` threads: `work(task, worker)` answers a Status. The first answer
// that is not FINE stops the rest. Where the system refuses a thread, those that could start do all the work.
template <class Work>
Status in_parallel(int threads, uint64_t count, const Work& work) {
    std::atomic<uint64_t> next{0};
    std::atomic<int32_t> outcome{FINE};
    auto run = [&](int worker) {
        try {
            for (uint64_t task; outcome == FINE && (task = next++) < count;)
                if (Status status = work(task, worker); status != FINE) outcome = status;
        } catch (const std::bad_alloc&) {
            outcome = NO_MEMORY;
        }
    };
    std::vector<std::thread> others;
    try {
        for (int worker = 1; worker < threads && uint64_t(worker) < count; worker++) others.emplace_back(run, worker);
    } catch (const std::system_error&) {
    } catch (const std::bad_alloc&) {
    }
    run(0);
    for (std::thread& other : others) other.join();
    return Status(outcome.load());
}

}  // namespace ring

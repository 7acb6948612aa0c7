// SPDX-License-Identifier: MIT
// The thread pool: workers take chunk indices from one atomic counter. They spin for a moment
// before they sleep, because a training step of a small GPT runs several hundred loops of a few
// microseconds each, and waking a sleeping thread takes longer than such a loop.
#include "tensor/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tensor/error.h"

#if defined(__x86_64__)
#define GRADUS_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define GRADUS_PAUSE() __asm__ volatile("yield")
#else
#define GRADUS_PAUSE() ((void)0)
#endif

namespace gradus {
namespace {

constexpr int kSpins = 20000;  // about 0.5 ms of waiting before a worker sleeps

thread_local bool inside_loop = false;

struct Loop {
    Index n = 0, grain = 1, chunks = 0;
    void (*body)(void*, Index, Index) = nullptr;
    void* context = nullptr;
};

// Waits a moment. Every 256th time it lets other threads run: with more threads than processors,
// the thread being waited for may need this processor.
void pause(int spin) {
    GRADUS_PAUSE();
    if (spin % 256 == 255) std::this_thread::yield();
}

class Workers {
 public:
    // Starts `count` threads, or as many as the system allows.
    explicit Workers(int count) {
        threads_.reserve(static_cast<std::size_t>(count));
        try {
            for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
        } catch (const std::system_error&) {  // EAGAIN
        } catch (const std::bad_alloc&) {
        }
    }
    int count() const { return static_cast<int>(threads_.size()); }
    ~Workers() {
        {
            std::lock_guard lock(mutex_);
            stop_ = true;
            generation_.fetch_add(1);
        }
        wake_.notify_all();
        for (auto& thread : threads_) thread.join();
    }

    void run(const Loop& loop) {
        loop_ = loop;
        next_.store(0, std::memory_order_relaxed);
        busy_.store(static_cast<int>(threads_.size()), std::memory_order_relaxed);
        generation_.fetch_add(1);  // publishes loop_ (seq_cst: ordered with sleepers_)
        if (sleepers_.load() > 0) {
            std::lock_guard lock(mutex_);
            wake_.notify_all();
        }
        take_chunks();
        for (int spin = 0; busy_.load(std::memory_order_acquire) > 0; ++spin) pause(spin);
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

 private:
    void take_chunks() {
        inside_loop = true;
        for (;;) {
            const Index chunk = next_.fetch_add(1, std::memory_order_relaxed);
            if (chunk >= loop_.chunks) break;
            const Index begin = chunk * loop_.grain;
            try {
                loop_.body(loop_.context, begin, std::min(loop_.n, begin + loop_.grain));
            } catch (...) {
                std::lock_guard lock(mutex_);
                if (!error_) error_ = std::current_exception();
                next_.store(loop_.chunks, std::memory_order_relaxed);
            }
        }
        inside_loop = false;
    }

    void work() {
        for (std::uint64_t seen = 0;;) {
            for (int spin = 0; spin < kSpins && generation_.load() == seen; ++spin) pause(spin);
            if (generation_.load() == seen) {
                std::unique_lock lock(mutex_);
                sleepers_.fetch_add(1);
                wake_.wait(lock, [&] { return generation_.load() != seen; });
                sleepers_.fetch_sub(1);
            }
            ++seen;  // one loop at a time: run() returns only after every worker has finished it
            if (stop_) return;
            take_chunks();
            busy_.fetch_sub(1, std::memory_order_release);
        }
    }

    Loop loop_;
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<Index> next_{0};
    std::atomic<int> busy_{0}, sleepers_{0};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::exception_ptr error_;
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
};

int default_threads() {
    if (const char* text = std::getenv("GRADUS_THREADS")) {
        const int n = std::atoi(text);
        if (n >= 1 && n <= 1024) return n;
    }
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
    return std::max(1u, std::thread::hardware_concurrency());
}

std::mutex workers_mutex;  // one loop at a time in the whole program; others wait their turn
std::unique_ptr<Workers> workers;
std::atomic<int> threads_wanted{0};  // 0: not decided yet

void start_workers() {  // under the lock
    workers = std::make_unique<Workers>(threads_wanted - 1);
    // Each thread takes memory for its stack, and the last ones have left none: half is given back.
    if (const int allowed = workers->count(); allowed < threads_wanted - 1) {
        workers.reset();
        workers = std::make_unique<Workers>(allowed / 2);
    }
    threads_wanted = workers->count() + 1;
}

}  // namespace

int threads() {
    if (const int n = threads_wanted) return n;  // no lock: the body of a loop may call this
    std::lock_guard lock(workers_mutex);
    if (threads_wanted == 0) threads_wanted = default_threads();
    return threads_wanted;
}

void set_threads(int n) {
    require(n >= 1 && n <= 1024, "threads: {} is not between 1 and 1024", n);
    require(!inside_loop, "threads: cannot be changed from inside a loop");
    std::lock_guard lock(workers_mutex);
    if (n == threads_wanted) return;
    workers.reset();
    threads_wanted = n;
}

int start_threads() {
    const int wanted = threads();
    require(!inside_loop, "threads: cannot be started from inside a loop");
    std::lock_guard lock(workers_mutex);
    if (!workers && wanted > 1) start_workers();
    return threads_wanted;
}

void parallel_chunks(Index n, Index grain, void (*body)(void*, Index, Index), void* context) {
    if (n <= 0) return;
    if (grain < 1) grain = 1;
    const Index chunks = (n + grain - 1) / grain;
    if (chunks == 1 || inside_loop || threads() == 1) {  // nothing to split, or already split
        for (Index begin = 0; begin < n; begin += grain)
            body(context, begin, std::min(n, begin + grain));
        return;
    }
    std::lock_guard lock(workers_mutex);
    if (!workers) start_workers();
    workers->run({n, grain, chunks, body, context});
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "tensor/parallel.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <future>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tensor/matmul.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

TEST_CASE("parallel_for visits every index exactly once") {
    const SavedSettings saved;
    for (int count = 1; count <= 4; ++count) {
        set_threads(count);
        CHECK(threads() == count);
        for (Index n :
             {Index{0}, Index{1}, Index{2}, Index{7}, Index{64}, Index{1000}, Index{4097}}) {
            for (Index grain : {Index{1}, Index{3}, Index{64}, Index{1000}, Index{100000}}) {
                std::vector<int> visits(static_cast<std::size_t>(n), 0);
                parallel_for(n, grain, [&](Index begin, Index end) {
                    for (Index i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
                });
                int wrong = 0;
                for (const int v : visits) wrong += v != 1;
                CAPTURE(count);
                CAPTURE(n);
                CAPTURE(grain);
                CHECK(wrong == 0);
            }
        }
    }
}

TEST_CASE("chunks depend on length and grain, not on the number of threads") {
    const SavedSettings saved;
    std::vector<std::set<std::pair<Index, Index>>> seen;
    for (int count = 1; count <= 4; ++count) {
        set_threads(count);
        std::mutex mutex;
        std::set<std::pair<Index, Index>> chunks;
        parallel_for(1000, 64, [&](Index begin, Index end) {
            const std::lock_guard lock(mutex);
            chunks.emplace(begin, end);
        });
        seen.push_back(chunks);
    }
    CHECK(seen[0].size() == 16);
    CHECK(seen[0].count({960, 1000}) == 1);
    for (const auto& chunks : seen) CHECK(chunks == seen[0]);
}

TEST_CASE("a reduction by chunks has the same bits at any number of threads") {
    const SavedSettings saved;
    double results[4];
    for (int count = 1; count <= 4; ++count) {
        set_threads(count);
        std::vector<double> partial(100, 0.0);
        parallel_for(100000, 1000, [&](Index begin, Index end) {
            for (Index i = begin; i < end; ++i)
                partial[static_cast<std::size_t>(begin / 1000)] += std::sin(static_cast<double>(i));
        });
        double sum = 0;
        for (const double p : partial) sum += p;
        results[count - 1] = sum;
    }
    for (const double r : results) CHECK(r == results[0]);
}

TEST_CASE("several threads take part in a loop that waits for them") {
    const SavedSettings saved;
    set_threads(3);
    std::atomic<int> arrived{0};
    std::mutex mutex;
    std::set<std::thread::id> ids;
    parallel_for(3, 1, [&](Index, Index) {  // each chunk waits until all three are running
        ++arrived;
        while (arrived.load() < 3) std::this_thread::yield();
        const std::lock_guard lock(mutex);
        ids.insert(std::this_thread::get_id());
    });
    CHECK(ids.size() == 3);
}

TEST_CASE("a loop inside a loop runs all its indices, at any number of threads") {
    const SavedSettings saved;
    for (int count = 1; count <= 3; ++count) {
        set_threads(count);
        std::vector<int> visits(40 * 50, 0);
        parallel_for(40, 3, [&](Index begin, Index end) {
            for (Index i = begin; i < end; ++i)
                parallel_for(50, 4, [&, i](Index inner_begin, Index inner_end) {
                    for (Index j = inner_begin; j < inner_end; ++j)
                        ++visits[static_cast<std::size_t>(i * 50 + j)];
                });
        });
        int wrong = 0;
        for (const int v : visits) wrong += v != 1;
        CAPTURE(count);
        CHECK(wrong == 0);
    }
}

TEST_CASE("a body may ask how many threads there are") {
    const SavedSettings saved;
    for (int count = 1; count <= 3; ++count) {
        set_threads(count);
        std::atomic<int> wrong{0};
        parallel_for(10, 1, [&](Index, Index) { wrong += threads() != count; });
        CHECK(wrong == 0);
    }
}

TEST_CASE("an exception in a body reaches the caller, and the next loop works") {
    const SavedSettings saved;
    for (int count = 1; count <= 4; ++count) {
        set_threads(count);
        CAPTURE(count);
        for (int round = 0; round < 20; ++round) {
            CHECK_THROWS_WITH_AS(parallel_for(100, 1,
                                              [&](Index begin, Index) {
                                                  if (begin == 37)
                                                      throw std::runtime_error("chunk 37");
                                              }),
                                 "chunk 37", std::runtime_error);
            std::atomic<Index> sum{0};
            parallel_for(100, 1, [&](Index begin, Index) { sum += begin; });
            CHECK(sum == 4950);
        }
    }
}

TEST_CASE("when every chunk throws, one exception arrives") {
    const SavedSettings saved;
    set_threads(4);
    CHECK_THROWS_AS(parallel_for(50, 1, [](Index, Index) { throw std::logic_error("each"); }),
                    std::logic_error);
}

TEST_CASE("an exception in an inner loop passes through the outer one") {
    const SavedSettings saved;
    for (int count = 1; count <= 3; ++count) {
        set_threads(count);
        CHECK_THROWS_AS(parallel_for(10, 1,
                                     [](Index, Index) {
                                         parallel_for(10, 1, [](Index begin, Index) {
                                             if (begin == 5) throw std::runtime_error("inner");
                                         });
                                     }),
                        std::runtime_error);
    }
}

TEST_CASE("two threads of a program may open loops at once") {
    const SavedSettings saved;
    set_threads(2);
    std::atomic<Index> sum{0};
    const auto work = [&] {
        for (int round = 0; round < 50; ++round)
            parallel_for(100, 7, [&](Index begin, Index end) {
                for (Index i = begin; i < end; ++i) sum += i;
            });
    };
    std::thread other(work);
    work();
    other.join();
    CHECK(sum == 2 * 50 * 4950);
}

TEST_CASE("a grain below 1 counts as 1, and an empty loop calls nothing") {
    std::atomic<int> calls{0};
    parallel_for(3, 0, [&](Index begin, Index end) { calls += end == begin + 1; });
    parallel_for(3, -5, [&](Index begin, Index end) { calls += end == begin + 1; });
    CHECK(calls == 6);
    parallel_for(0, 4, [&](Index, Index) { calls = 99; });
    parallel_for(-2, 4, [&](Index, Index) { calls = 99; });
    CHECK(calls == 6);
}

TEST_CASE("a number of threads out of range is refused and changes nothing") {
    const int before = threads();
    CHECK(before >= 1);
    CHECK_THROWS_WITH_AS(set_threads(0), "threads: 0 is not between 1 and 1024",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(set_threads(-3), "threads: -3 is not between 1 and 1024",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(set_threads(1025), "threads: 1025 is not between 1 and 1024",
                         std::invalid_argument);
    CHECK(threads() == before);
}

TEST_CASE("the number of threads cannot be changed from inside a loop") {
    const SavedSettings saved;
    set_threads(2);
    CHECK_THROWS_WITH_AS(parallel_for(4, 1, [](Index, Index) { set_threads(3); }),
                         "threads: cannot be changed from inside a loop", std::invalid_argument);
    CHECK(threads() == 2);
}

TEST_CASE("threads may be changed between loops many times") {
    const SavedSettings saved;
    for (int round = 0; round < 20; ++round) {
        set_threads(1 + round % 4);
        std::atomic<Index> sum{0};
        parallel_for(64, 1, [&](Index begin, Index) { sum += begin; });
        CHECK(sum == 2016);
    }
}

TEST_CASE("threads that the system refuses are done without, with the same result") {
    if (kSanitized) return;  // sanitizers reserve terabytes of address space
    const SavedSettings saved;
    const auto sum = [] {
        std::vector<double> partial(100);
        parallel_for(100, 1, [&](Index begin, Index) {
            partial[static_cast<std::size_t>(begin)] = std::sin(static_cast<double>(begin));
        });
        return std::accumulate(partial.begin(), partial.end(), 0.0);
    };
    set_threads(3);
    CHECK(start_threads() == 3);
    const double expected = sum();
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
    // Less than the stacks of 1000 threads (8 MiB each, unless `ulimit -s` says otherwise).
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit low{pages * 4096 + (256u << 20), before.rlim_max};
    set_threads(1000);
    REQUIRE(::setrlimit(RLIMIT_AS, &low) == 0);
    const int there = start_threads();
    ::setrlimit(RLIMIT_AS, &before);
    CHECK(there >= 1);
    CHECK(there < 1000);
    CHECK(threads() == there);
    CHECK(sum() == expected);
    set_threads(3);
    CHECK(start_threads() == 3);
}

TEST_CASE("two threads multiply in different precisions at once") {
    const Tensor a = uniform({65, 33}, 1), b = uniform({33, 40}, 2);
    const Tensor exact = matmul_forward(a, b).clone();
    Tensor rounded;
    {
        const Bf16Autocast guard;
        rounded = matmul_forward(a, b).clone();
    }
    CHECK(!same_bits(exact, rounded));
    const auto differing = [&](bool bf16, const Tensor& expected) {
        const Bf16Autocast precision(bf16);
        int wrong = 0;
        for (int i = 0; i < 50; ++i) wrong += !same_bits(matmul_forward(a, b), expected);
        return wrong;
    };
    std::future<int> other =
        std::async(std::launch::async, [&] { return differing(true, rounded); });
    CHECK(differing(false, exact) == 0);
    CHECK(other.get() == 0);
}

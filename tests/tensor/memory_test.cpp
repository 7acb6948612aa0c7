// SPDX-License-Identifier: MIT
#include "tensor/memory.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

#include "tensor/elementwise.h"
#include "tensor/softmax.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

// Under AddressSanitizer the pool keeps nothing, so that use after free stays visible.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kPools = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kPools = false;
#else
constexpr bool kPools = true;
#endif
#else
constexpr bool kPools = true;
#endif

bool aligned(const void* block) {
    return reinterpret_cast<std::uintptr_t>(block) % 64 == 0;
}

}  // namespace

TEST_CASE("every block is aligned to 64 bytes and may be written to its last byte") {
    for (const std::size_t bytes : {0, 1, 4, 63, 64, 65, 100, 256, 257, 1000, 4096, 5000, 100003}) {
        CAPTURE(bytes);
        auto* block = static_cast<unsigned char*>(pool_allocate(bytes));
        REQUIRE(block != nullptr);
        CHECK(aligned(block));
        for (std::size_t i = 0; i < bytes; ++i) block[i] = static_cast<unsigned char>(i);
        pool_free(block, bytes);
    }
    for (Index n : {1, 3, 17, 1000}) CHECK(aligned(Tensor({n}).data()));
}

TEST_CASE("blocks are rounded up by at most a quarter") {
    for (std::size_t bytes = 64; bytes < 200000; bytes += bytes / 7 + 1) {
        const std::size_t before = memory_stats().live_bytes;
        void* block = pool_allocate(bytes);
        const std::size_t size = memory_stats().live_bytes - before;
        CAPTURE(bytes);
        CHECK(size >= bytes);
        CHECK(size <= std::max(bytes + 63, bytes + bytes / 4));
        pool_free(block, bytes);
        CHECK(memory_stats().live_bytes == before);
    }
}

TEST_CASE("a freed block is handed out again, also for a slightly smaller size") {
    if (!kPools) return;
    void* first = pool_allocate(100000);
    pool_free(first, 100000);
    const std::uint64_t asked = memory_stats().system_requests;
    void* second = pool_allocate(99000);
    CHECK(second == first);
    CHECK(memory_stats().system_requests == asked);
    void* third = pool_allocate(100000);  // the first is in use
    CHECK(third != first);
    pool_free(second, 99000);
    pool_free(third, 100000);
}

TEST_CASE("freeing nothing is allowed") {
    const auto before = memory_stats();
    pool_free(nullptr, 0);
    CHECK(memory_stats().live_bytes == before.live_bytes);
}

TEST_CASE("live and peak bytes follow the tensors") {
    const std::size_t start = memory_stats().live_bytes;
    reset_peak();
    CHECK(memory_stats().peak_bytes == start);
    {
        const Tensor a({1 << 16});
        const std::size_t one = memory_stats().live_bytes - start;
        CHECK(one == (1 << 16) * sizeof(Real));
        { const Tensor b({1 << 16}), view = b.reshape({256, 256}), part = view.slice(3, 5); }
        CHECK(memory_stats().live_bytes == start + one);
        CHECK(memory_stats().peak_bytes == start + 2 * one);
        reset_peak();
        CHECK(memory_stats().peak_bytes == start + one);
    }
    CHECK(memory_stats().live_bytes == start);
}

TEST_CASE("trim_memory gives back free blocks and keeps live ones") {
    const Tensor kept = Tensor::full({1000}, 5);
    { const Tensor gone({1 << 18}); }
    trim_memory();
    const auto stats = memory_stats();
    CHECK(stats.system_bytes == stats.live_bytes);
    CHECK(kept[999] == 5);
    { const Tensor again({1 << 18}); }
    CHECK(memory_stats().system_requests == stats.system_requests + 1);
}

TEST_CASE("from the second round on, a loop of tensor operations asks the system for nothing") {
    if (!kPools) return;
    const Tensor x = Tensor::normal({64, 100}, 1, 1);
    const auto round = [&] {
        const Tensor y = softmax_forward(x * x + Tensor::scalar(1));
        return y[0];
    };
    round();
    const auto before = memory_stats();
    for (int i = 0; i < 10; ++i) round();
    const auto after = memory_stats();
    CHECK(after.system_requests == before.system_requests);
    CHECK(after.system_bytes == before.system_bytes);
    CHECK(after.requests > before.requests);
    CHECK(after.live_bytes == before.live_bytes);
}

TEST_CASE("several threads may allocate and free at once") {
    const std::size_t start = memory_stats().live_bytes;
    std::vector<std::thread> threads_at_work;
    std::vector<int> wrong(4, 0);
    for (std::size_t t = 0; t < 4; ++t) {
        threads_at_work.emplace_back([t, &wrong] {
            for (int i = 0; i < 500; ++i) {
                const Tensor a = Tensor::full({1 + i % 50}, static_cast<Real>(t));
                const Tensor b = a.clone();
                for (Index j = 0; j < b.count(); ++j) wrong[t] += b[j] != static_cast<Real>(t);
            }
        });
    }
    for (auto& thread : threads_at_work) thread.join();
    for (const int w : wrong) CHECK(w == 0);
    CHECK(memory_stats().live_bytes == start);
}

TEST_CASE("freed numbers turn to NaN in a Debug build") {
#ifdef NDEBUG
    MESSAGE("a Release build leaves freed blocks as they are");
#else
    if (!kPools) return;
    Tensor a = Tensor::full({100}, 1);
    a = Tensor();
    const Tensor b = Tensor::empty({100});  // the same block
    CHECK(std::isnan(b[0]));
    CHECK(std::isnan(b[99]));
#endif
}

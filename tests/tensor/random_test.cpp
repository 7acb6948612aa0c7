// SPDX-License-Identifier: MIT
// The generator against the vectors its authors publish, values computed by a separate Python
// program, and statistics. Seeds are literal, so a statistical test either passes for good or fails
// for good; each states how likely a perfect generator was to fail it.
#include "tensor/random.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <set>
#include <stdexcept>

#include "tensor/dropout_mask.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Words = std::array<std::uint32_t, 4>;

}  // namespace

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
    // Random123 1.14, examples/kat_vectors, the lines "philox4x32 10".
    CHECK((philox({0, 0, 0, 0}, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    CHECK((philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff) ==
           Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    // The digits of pi; the key's first word a4093822 is the low half.
    CHECK((philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822) ==
           Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST_CASE("the raw bits of a generator are the words of its blocks in order") {
    Random random(1);
    for (const std::uint32_t word :
         {0x3321c3d5u, 0x2057f548u, 0xcb402fddu, 0x756e84fdu, 0x64737089u})
        CHECK(random.bits32() == word);
    Random wide(1);
    CHECK(wide.bits64() == 0x3321c3d52057f548);
    CHECK((philox({0, 0, 0, static_cast<std::uint32_t>(Stream::user)}, 1)[0] == 0x3321c3d5));
    Random other(7, Stream::data, (std::uint64_t{1} << 32) + 3);  // both halves of the index matter
    for (const std::uint32_t word :
         {0x5cf74a47u, 0x4246a0b9u, 0x5c73f19fu, 0x1d0bd799u, 0xf55baefau})
        CHECK(other.bits32() == word);
}

TEST_CASE("uniform samples are pinned to the bit") {
    Random random(1);
    for (const double x :
         {0x1.990e1ea902bf8p-3, 0x1.96805fbaeadd0p-1, 0x1.91cdc22658d94p-2, 0x1.ff828a997d0b7p-1})
        CHECK(random.uniform() == x);
}

TEST_CASE("normal samples are pinned to the bit") {
    Random random(1);
    for (const double x :
         {-0x1.31214d53b399fp-1, -0x1.ae1768f5f725dp-2, 0x1.0de2760968aaap-1, 0x1.bfd07cc26c195p+0})
        CHECK(random.normal() == x);
    CHECK(normal_at(42, Stream::init, 3, 0) == 0x1.2653379c444b7p-1);
    CHECK(normal_at(42, Stream::init, 3, 1) == -0x1.2bcd469ce77f2p+0);
    CHECK(normal_at(42, Stream::init, 3, 2) == -0x1.263204d573521p-1);
    CHECK(normal_at(42, Stream::init, 3, (std::uint64_t{1} << 32) + 5) == -0x1.0dd3fbfab23a7p+0);
}

TEST_CASE("numbers below n are pinned, also where rejection matters") {
    Random random(1);
    for (const std::uint64_t x : {8, 7, 9, 0, 7, 2, 7, 2, 2, 0, 8, 2}) CHECK(random.below(10) == x);
    Random large(1);  // 2^63 + 1 rejects almost half of all draws
    for (const std::uint64_t x : {5422386579558532348u, 9205715309238271421u, 7213743946782011403u})
        CHECK(large.below((std::uint64_t{1} << 63) + 1) == x);
    CHECK(large.below(1) == 0);
    CHECK_THROWS_WITH_AS(large.below(0), "random: below(0) has no value to return",
                         std::invalid_argument);
}

TEST_CASE("a shuffle is pinned, keeps every item, and leaves short lists alone") {
    Random random(1);
    std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    random.shuffle(items);
    CHECK(items == std::vector<int>{9, 0, 1, 3, 2, 6, 7, 5, 4, 8});
    std::vector<int> none, one = {5};
    random.shuffle(none);
    random.shuffle(one);
    CHECK(none.empty());
    CHECK(one[0] == 5);
}

TEST_CASE("seed, stream and index each give a different sequence, and no word is shared") {
    std::set<std::uint64_t> seen;
    int sequences = 0;
    for (const std::uint64_t seed : {1, 2})
        for (const Stream stream : {Stream::init, Stream::data, Stream::dropout, Stream::sampling,
                                    Stream::validation, Stream::user})
            for (const std::uint64_t index :
                 {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32}) {
                Random random(seed, stream, index);
                for (int i = 0; i < 100; ++i) seen.insert(random.bits64());
                ++sequences;
            }
    for (std::uint32_t index = 0; index < 10; ++index) {  // nor with the samples by position
        for (std::uint64_t position = 0; position < 10; ++position) {
            const double x = normal_at(1, Stream::user, index, position);
            seen.insert(std::bit_cast<std::uint64_t>(x));
        }
    }
    // 3700 random words of 64 bits: two are equal with probability 4e-13.
    CHECK(seen.size() == static_cast<std::size_t>(sequences) * 100 + 100);
}

TEST_CASE("streams are uncorrelated") {
    // The product of two independent normal samples has mean 0 and variance 1. False alarm: 5
    // sigma, 6e-7 per pair.
    constexpr int n = 20000;
    for (int a = 0; a < 6; ++a) {
        for (int b = 0; b < a; ++b) {
            Random x(3, static_cast<Stream>(a)), y(3, static_cast<Stream>(b));
            double sum = 0;
            for (int i = 0; i < n; ++i) sum += x.normal() * y.normal();
            CAPTURE(a);
            CAPTURE(b);
            CHECK(std::abs(sum / std::sqrt(n)) < 5);
        }
    }
}

TEST_CASE("uniform samples have the moments of the uniform distribution") {
    // Standard errors: mean sqrt(1/12 / n), second moment sqrt(4/45 / n). False alarm: 5 sigma,
    // 6e-7 each.
    constexpr int n = 200000;
    Random random(11);
    double sum = 0, squares = 0;
    for (int i = 0; i < n; ++i) {
        const double x = random.uniform();
        REQUIRE((x >= 0 && x < 1));
        sum += x, squares += x * x;
    }
    CHECK(std::abs(sum / n - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
    CHECK(std::abs(squares / n - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / n));
}

TEST_CASE("normal samples have the first four moments of the normal distribution") {
    // E x^2k = 1, 3, 15, 105: the variances of the averages of x, x^2, x^3, x^4 are 1/n, 2/n, 15/n,
    // 96/n. False alarm: 5 sigma, 6e-7 each.
    constexpr int n = 200000;
    const auto check = [](auto draw) {
        double m[5] = {};
        for (int i = 0; i < n; ++i) {
            const double x = draw(i);
            m[1] += x / n, m[2] += x * x / n, m[3] += x * x * x / n, m[4] += x * x * x * x / n;
        }
        CHECK(std::abs(m[1]) < 5 * std::sqrt(1.0 / n));
        CHECK(std::abs(m[2] - 1) < 5 * std::sqrt(2.0 / n));
        CHECK(std::abs(m[3]) < 5 * std::sqrt(15.0 / n));
        CHECK(std::abs(m[4] - 3) < 5 * std::sqrt(96.0 / n));
    };
    Random random(12);
    check([&](int) { return random.normal(); });
    check([](int i) { return normal_at(12, Stream::init, 0, static_cast<std::uint64_t>(i)); });
}

TEST_CASE("the bytes of uniform samples pass a chi-square test") {
    // 256 classes, 255 degrees of freedom: 377.1 is exceeded with probability 1e-6 (false alarm).
    constexpr int n = 256 * 400;
    for (const std::uint64_t seed : {1, 2, 3}) {
        Random random(seed);
        std::array<int, 256> high{}, low{};
        for (int i = 0; i < n; ++i) {
            const auto bits = static_cast<std::uint64_t>(random.uniform() * 0x1p53);
            ++high[bits >> 45], ++low[bits & 255];
        }
        double chi_high = 0, chi_low = 0;
        for (std::size_t c = 0; c < 256; ++c) {
            chi_high += (high[c] - 400.0) * (high[c] - 400.0) / 400;
            chi_low += (low[c] - 400.0) * (low[c] - 400.0) / 400;
        }
        CHECK(chi_high < 377.1);
        CHECK(chi_low < 377.1);
        CHECK(chi_high > 161);  // nor too uniform: below 161 with probability 1e-6
        CHECK(chi_low > 161);
    }
}

TEST_CASE("normal samples pass a chi-square test in 20 classes of equal probability") {
    // 19 degrees of freedom: 63.7 is exceeded with probability 1e-6 (false alarm).
    constexpr int n = 100000;
    Random random(13);
    std::array<int, 20> count{};
    for (int i = 0; i < n; ++i) {
        // The normal distribution function of a normal sample: uniform.
        const double p = 0.5 * std::erfc(-random.normal() / std::sqrt(2.0));
        ++count[std::min<std::size_t>(19, static_cast<std::size_t>(p * 20))];
    }
    double chi = 0;
    for (const int c : count) chi += (c - n / 20.0) * (c - n / 20.0) / (n / 20.0);
    CHECK(chi < 63.7);
}

TEST_CASE("below is uniform over 7 values") {
    // 6 degrees of freedom: 38.3 is exceeded with probability 1e-6 (false alarm).
    constexpr int n = 70000;
    Random random(14);
    std::array<int, 7> count{};
    for (int i = 0; i < n; ++i) ++count[random.below(7)];
    double chi = 0;
    for (const int c : count) chi += (c - n / 7.0) * (c - n / 7.0) / (n / 7.0);
    CHECK(chi < 38.3);
}

TEST_CASE("each of the 24 orders of four items comes up equally often") {
    // 23 degrees of freedom: 70.5 is exceeded with probability 1e-6 (false alarm).
    constexpr int n = 24000;
    Random random(15);
    std::array<int, 256> count{};
    for (int i = 0; i < n; ++i) {
        std::vector<std::size_t> items = {0, 1, 2, 3};
        random.shuffle(items);
        ++count[items[0] + 4 * items[1] + 16 * items[2] + 64 * items[3]];
    }
    double chi = 0;
    int orders = 0;
    for (const int c : count)
        if (c) chi += (c - 1000.0) * (c - 1000.0) / 1000, ++orders;
    CHECK(orders == 24);
    CHECK(chi < 70.5);
}

TEST_CASE("the dropout mask is pinned, keeps the right share, and differs for every key") {
    // The share kept of n = 100,000 has standard error sqrt(rate (1 - rate) / n). False alarm: 5
    // sigma, 6e-7 each.
    constexpr int n = 100000;
    for (const double rate : {0.05, 0.1, 0.5, 0.9}) {
        const std::uint32_t threshold = dropout_threshold(static_cast<Real>(rate));
        const double stddev = std::sqrt(rate * (1 - rate) / n);
        for (const std::uint64_t key :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
            double kept = 0, both = 0;
            for (std::uint64_t i = 0; i < n; ++i) {
                const bool here = dropout_keeps(key, i, threshold);
                kept += here;
                // Neighbours must be independent.
                both += here && dropout_keeps(key, i + 1, threshold);
            }
            CAPTURE(rate);
            CAPTURE(key);
            CHECK(std::abs(kept / n - (1 - rate)) < 5 * stddev);
            const double pair = (1 - rate) * (1 - rate);
            // Overlapping pairs: variance at most 3 p (1 - p) / n.
            CHECK(std::abs(both / n - pair) < 5 * std::sqrt(3 * pair * (1 - pair) / n));
        }
        double same = 0;  // two keys agree as often as independent masks would
        for (std::uint64_t i = 0; i < n; ++i)
            same += dropout_keeps(8, i, threshold) == dropout_keeps(9, i, threshold);
        const double agree = rate * rate + (1 - rate) * (1 - rate);
        CHECK(std::abs(same / n - agree) < 5 * std::sqrt(agree * (1 - agree) / n));
    }
    CHECK(dropout_threshold(0) == 0);
    CHECK(dropout_threshold(Real(0.5)) == 0x80000000);
    CHECK(dropout_keeps(123, 456, 0));
    const std::uint64_t key = 0x0123456789ABCDEF, wraps = std::uint64_t{1} << 32;
    const auto hash = [=](std::uint64_t element) {
        return dropout_hash(dropout_low(key, element), dropout_high(key, element));
    };
    CHECK(hash(5) != hash(5 + wraps));  // the high half of the element's index matters
}

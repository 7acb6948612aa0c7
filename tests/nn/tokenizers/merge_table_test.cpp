// SPDX-License-Identifier: MIT
#include "nn/tokenizers/merge_table.h"
#include "tests/settings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

using namespace gradus;

// Pairs whose product with 2^64 / golden ratio, the usual factor of such tables, is almost 0: for each
// left the right that comes nearest to it.
static std::vector<MergeTable::Entry> colliding(std::int32_t count) {
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15u;
    std::vector<std::pair<std::uint64_t, std::int32_t>> rights;  // what each adds to the product
    for (std::int32_t right = 0; right < 1 << 20; ++right)
        rights.emplace_back(kGolden * static_cast<std::uint64_t>(right), right);
    std::sort(rights.begin(), rights.end());
    std::vector<MergeTable::Entry> entries;
    for (std::int32_t left = 0; left < count; ++left) {
        const std::uint64_t missing = 0 - kGolden * (static_cast<std::uint64_t>(left) << 32);
        auto at = std::lower_bound(rights.begin(), rights.end(), std::pair(missing, 0));
        if (at == rights.end()) at = rights.begin();
        entries.push_back({left, at->second, left, 2 * left});
    }
    return entries;
}

TEST_CASE("30,000 merges made to collide are added in less than 1 s, and each is found (0.2 s)" *
          kFullSpeedOnly) {
    const std::vector<MergeTable::Entry> entries = colliding(30'000);  // 2 s with that factor
    MergeTable table, backwards;
    const auto begin = std::chrono::steady_clock::now();
    for (const MergeTable::Entry& entry : entries) CHECK(table.add(entry));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
    CHECK(table.size() == entries.size());
    for (const MergeTable::Entry& entry : entries) {
        const MergeTable::Entry* found = table.find(entry.left, entry.right);
        REQUIRE(found);
        CHECK(*found == entry);
        CHECK_FALSE(table.find(entry.left, entry.right + 1));
    }
    CHECK_FALSE(table.add({entries[0].left, entries[0].right, 9, 9}));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) backwards.add(*entry);
    CHECK(table == backwards);
    CHECK_FALSE(table == MergeTable());
}

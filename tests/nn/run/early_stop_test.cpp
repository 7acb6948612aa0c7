// SPDX-License-Identifier: MIT
#include "nn/run/early_stop.h"

#include <doctest/doctest.h>

using namespace gradus;

namespace {

bool stops(const std::vector<double>& losses, Index patience) {
    std::vector<Snapshot> evaluations;
    for (const double loss : losses) evaluations.push_back({.val = loss});
    return out_of_patience(evaluations, patience);
}

}  // namespace

TEST_CASE("early stop: after `patience` evaluations without a new lowest loss") {
    CHECK_FALSE(stops({}, 1));
    CHECK_FALSE(stops({3, 2, 1}, 1));
    CHECK(stops({3, 2, 2.5}, 1));
    CHECK_FALSE(stops({3, 2, 2.5}, 2));
    CHECK(stops({3, 2, 2.5, 2.25}, 2));
    CHECK_FALSE(stops({3, 2, 2.5, 1.9}, 2));  // a new lowest: patience starts afresh
    CHECK(stops({3, 2, 2}, 1));               // equal is not lower
    CHECK(stops({1, NAN, NAN}, 2));
    CHECK_FALSE(stops({1, 2, 3, 4, 5}, 0));  // never
}

// SPDX-License-Identifier: MIT
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include "nn/run/recent_median.h"

#include <doctest/doctest.h>

using namespace gradus;

TEST_CASE("step times: an hour of sleep does not move the median, another pace does") {
    RecentMedian seconds;
    CHECK(seconds.value() == 0);
    for (const double step : {0.2, 0.1, 0.1, 3600.0, 0.1}) seconds.add(step);
    CHECK(seconds.value() == 0.1);
    for (int i = 0; i < 25; ++i) seconds.add(3600);
    CHECK(seconds.value() == 3600);  // 26 of 30
    for (int i = 0; i < 26; ++i) seconds.add(0.3);
    CHECK(seconds.value() == 0.3);  // of the last 51: 26
    for (int i = 0; i < 51; ++i) seconds.add(0.5);
    CHECK(seconds.value() == 0.5);
}
#endif

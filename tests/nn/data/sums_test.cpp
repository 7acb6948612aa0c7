// SPDX-License-Identifier: MIT
// The contract of a text source is tested in text_source_test.cpp, for sums too.
#include "nn/data/sums.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

using namespace gradus;

TEST_CASE("sums: each is what the two numbers add up to, units first") {
    const Sums source;
    for (int i = 0; i < 1000; ++i) {
        const std::string text = source.document(1, i);
        REQUIRE(text.size() == 16);
        std::string sum = text.substr(10, 5);
        std::reverse(sum.begin(), sum.end());
        REQUIRE(std::stoi(text.substr(0, 4)) + std::stoi(text.substr(5, 4)) == std::stoi(sum));
    }
    // All sums of one digit have the same probability, and there are a hundred of them.
    const Sums small(1);
    for (int a = 0; a < 10; ++a)
        for (int b = 0; b < 10; ++b)
            CHECK(small.logprob(std::to_string(a) + "+" + std::to_string(b) + "=" +
                                std::to_string((a + b) % 10) + std::to_string((a + b) / 10) +
                                "\n") == doctest::Approx(-std::log(100.0)));
    CHECK(Sums(17).document(1, 0).size() == 55);
    CHECK_THROWS_WITH_AS(Sums(18), "sums: 18 digits, must be 1 to 17", std::invalid_argument);
    CHECK_THROWS_AS(Sums(0), std::invalid_argument);
}

TEST_CASE("sums: the referee gives the right sum") {
    const Sums source;
    using Faults = std::vector<std::string>;
    CHECK(source.violations("1234+5678=21960\n").empty());
    CHECK(source.violations("1234+5678=06912\n") ==
          Faults{"1234+5678 is 21960 (units first), not \"06912\""});
    CHECK(source.violations("1234+5678=\n") ==
          Faults{"1234+5678 is 21960 (units first), not \"\""});
    CHECK(source.violations("12+34=64\n") ==
          Faults{"\"12+34=64\" is not an addition of numbers of 4 digits"});
    CHECK(source.violations("1234+56") == Faults{"sum unfinished: the end of the line is missing"});
    CHECK(source.violations("1234+5678=21960\n1") == Faults{"text goes on after the end: \"1\""});
}

// SPDX-License-Identifier: MIT
#include "nn/text/near_names.h"

#include <doctest/doctest.h>

using namespace gradus;
using Names = std::vector<std::string>;

TEST_CASE("the distance between two words is the number of letters to change") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("same", "same") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("sitting", "kitten") == 3);
    CHECK(edit_distance("--steps", "--setps") == 1);  // two neighbours swapped
    CHECK(edit_distance("weight", "bias") == 5);
}

TEST_CASE("near names are those a person may have meant, the nearest first") {
    const Names flags = {"--data",  "--steps", "--seed",   "--layers",
                         "--heads", "--width", "--dropout"};
    CHECK(near_names("--stpes", flags) == Names{"--steps"});
    CHECK(near_names("--head", flags, 1) == Names{"--heads"});
    CHECK(near_names("--drop", flags) == Names{"--dropout"});
    CHECK(near_names("--zzzzzzzz", flags).empty());
    CHECK(near_names("", flags).empty());
    CHECK(near_names("xy", {"ab"}).empty());  // they have nothing in common

    const Names tensors = {"transformer.wte.weight", "transformer.wpe.weight", "h.0.attn.weight"};
    CHECK(near_names("wte.weight", tensors) == Names{"transformer.wte.weight"});
    CHECK(near_names("wte.weight", {"wpe.weight", "wte.weights"}) ==
          Names{"wpe.weight", "wte.weights"});
    CHECK(near_names(std::string(100000, 'a'), {std::string(100000, 'b')}).empty());
}

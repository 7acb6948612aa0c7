// SPDX-License-Identifier: MIT
#include "nn/text/near_names.h"

#include <doctest/doctest.h>

#include <chrono>

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

TEST_CASE("names of another length are passed over at once, unless they contain the name") {
    const std::string name(60, 'a');
    Names names(200'000, std::string(100, 'x'));  // 1.2e9 steps, if each is looked at
    names.push_back(name + std::string(140, 'x'));
    names.push_back("model.layers.1.attention.projection." + name);
    names.push_back(name.substr(0, 40));
    names.push_back(name.substr(0, 39));  // too far
    const auto begin = std::chrono::steady_clock::now();
    CHECK(near_names(name, names, 9) == Names{names[200'000], names[200'001], names[200'002]});
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
}

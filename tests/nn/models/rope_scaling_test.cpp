// SPDX-License-Identifier: MIT
#include "nn/models/rope_scaling.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace gradus {
namespace {

using nlohmann::json;

LlamaConfig read(const json& scaling, double base, Index head = 128) {
    const json config = {{"rope_theta", base}, {"rope_scaling", scaling}};
    const std::string path = "config.json";
    LlamaConfig c;
    c.head_size = head;
    read_rope_scaling(JsonFields(config, "", path), c);
    return c;
}

json llama3(double factor, double low, double high, int original) {
    return {{"rope_type", "llama3"},
            {"factor", factor},
            {"low_freq_factor", low},
            {"high_freq_factor", high},
            {"original_max_position_embeddings", original}};
}

}  // namespace

TEST_CASE("rope scaling: Llama 3's rule is found again from what it gives") {
    // Llama 3.1, 3.2 (with heads of 64), and others of the kind.
    for (const json& rule : {llama3(8, 1, 4, 8192), llama3(32, 1, 4, 8192), llama3(4, 1, 2, 2048),
                             llama3(2.5, 1, 4.5, 1000)})
        for (const Index head : {64, 128}) {
            CAPTURE(rule.dump());
            const LlamaConfig c = read(rule, 500000, head);
            CHECK(rope_scaling(c) == rule);
            CHECK(read(rope_scaling(c), 500000, head).rotary_stretch == c.rotary_stretch);
        }
    // Only the ratios matter.
    CHECK(rope_scaling(read(llama3(8, 2, 8, 8192), 500000)) == llama3(8, 1, 4, 4096));
}

TEST_CASE("rope scaling: one factor for all is linear, anything else a list") {
    const json linear = {{"rope_type", "linear"}, {"factor", 4.0}};
    CHECK(rope_scaling(read(linear, 10000)) == linear);
    const auto is_list = [](const LlamaConfig& c) {
        const json said = rope_scaling(c);
        CHECK(read(said, c.rotary_base, c.head_size).rotary_stretch == c.rotary_stretch);
        return said["rope_type"] == "longrope";
    };
    LlamaConfig c = read(linear, 10000);
    c.rotary_stretch.back() = 3;
    CHECK(is_list(c));
    // A near neighbour of Llama 3's rule, in each of its three regions.
    for (const std::size_t i : {0u, 30u, 63u}) {
        c = read(llama3(8, 1, 4, 8192), 500000);
        c.rotary_stretch[i] *= 1.000001;
        CHECK(is_list(c));
    }
    // Heads so small that at most one pair is in between leave the rule open.
    CHECK(is_list(read(llama3(8, 1, 4, 8192), 500000, 8)));
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "nn/models/rope_scaling.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>
#include <utility>

#include "nn/files/tensor_name.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

// Llama 3's rule: slow pairs, whose period is more than `original` / low positions, turn `factor`
// times as slowly; fast ones, of less than `original` / high, are left alone; in between, the
// frequency is interpolated.
struct Llama3Rule {
    double factor, low, high, original;

    std::vector<double> stretch(double base, Index pairs) const {
        std::vector<double> list;
        for (Index i = 0; i < pairs; ++i) {
            const double turns = original * turns_per_position(base, i, pairs);
            const double smooth = std::min(1.0, std::max(0.0, (turns - low) / (high - low)));
            list.push_back(1 / ((1 - smooth) / factor + smooth));
        }
        return list;
    }
    static double turns_per_position(double base, Index i, Index pairs) {
        return std::pow(base, -static_cast<double>(i) / static_cast<double>(pairs)) /
               (2 * std::numbers::pi);
    }
};

Llama3Rule llama3_rule(const JsonFields& keys) {
    const Llama3Rule rule{keys.real("factor"), keys.real("low_freq_factor"),
                          keys.real("high_freq_factor"),
                          static_cast<double>(keys.count("original_max_position_embeddings"))};
    if (!(rule.factor > 0) || !(rule.low > 0) || !(rule.high > rule.low))
        keys.refuse("", fmt::format("needs factor > 0 and high_freq_factor > low_freq_factor > 0, "
                                    "not {}, {} and {}",
                                    rule.factor, rule.high, rule.low));
    return rule;
}

// The rule that gives these stretches; none if there is none, or if they leave it open. Only the ratios of
// low, high and original matter: low is taken to be 1, as in all that Meta published.
std::optional<Llama3Rule> llama3_rule(const std::vector<double>& stretch, double base) {
    const double factor = *std::max_element(stretch.begin(), stretch.end());
    const auto pairs = static_cast<Index>(stretch.size());
    // In between, `smooth` is a line: slope x turns per position - offset.
    std::vector<std::pair<double, double>> line;
    for (Index i = 0; i < pairs; ++i)
        if (const double f = stretch[static_cast<std::size_t>(i)]; 1 < f && f < factor)
            line.emplace_back(Llama3Rule::turns_per_position(base, i, pairs),
                              (1 / f - 1 / factor) / (1 - 1 / factor));
    if (line.size() < 2) return {};
    const auto [x, y] = line.front();
    const double slope = (line.back().second - y) / (line.back().first - x);
    const double offset = slope * x - y;
    if (!(slope > 0) || !(offset > 0)) return {};
    // Both are round numbers wherever somebody wrote them down.
    const double high = std::round((1 + 1 / offset) * 1e6) / 1e6;
    const Llama3Rule rule{factor, 1, high, std::round(slope / offset)};
    const std::vector<double> again = rule.stretch(base, pairs);
    for (std::size_t i = 0; i < stretch.size(); ++i)
        if (std::abs(again[i] - stretch[i]) > 1e-9 * stretch[i]) return {};
    return rule;
}

// One factor per pair, for short texts and, the same, for long ones: what rope_scaling() writes.
std::vector<double> listed_stretch(const JsonFields& keys, Index pairs) {
    keys.require_only("attention_factor", 1);
    const Json& list = keys.list("short_factor");
    if (keys.list("long_factor") != list)
        keys.refuse("long_factor", "differs from short_factor; only equal ones are known here");
    if (static_cast<Index>(list.size()) != pairs)
        keys.refuse("short_factor",
                    fmt::format("has {} numbers, must have {}", list.size(), pairs));
    std::vector<double> stretch;
    for (const Json& factor : list) {
        if (!factor.is_number() || !(factor > 0))
            keys.refuse("short_factor", fmt::format("{}, must be a number above 0", brief(factor)));
        stretch.push_back(factor);
    }
    return stretch;
}

}  // namespace

void read_rope_scaling(const JsonFields& keys, LlamaConfig& c) {
    c.rotary_base = keys.real_or("rope_theta", 10000);
    for (const char* name : {"rope_scaling", "rope_parameters"}) {
        if (!keys.has(name)) continue;
        const JsonFields rope = keys.object(name);
        c.rotary_base = rope.real_or("rope_theta", c.rotary_base);
        if (!(c.rotary_base > 1)) rope.refuse_value("rope_theta", "above 1");
        const std::string type = rope.text("rope_type", rope.text("type", "default").c_str());
        const Index pairs = c.size_of_head() / 2;
        if (type == "linear")
            c.rotary_stretch.assign(static_cast<std::size_t>(pairs), rope.real("factor"));
        else if (type == "llama3")
            c.rotary_stretch = llama3_rule(rope).stretch(c.rotary_base, pairs);
        else if (type == "longrope" && rope.has("attention_factor"))
            c.rotary_stretch = listed_stretch(rope, pairs);
        else if (type != "default")
            keys.refuse(name, fmt::format("type {} (known: default, linear, llama3, longrope as "
                                          "exported here)",
                                          quoted_name(type)));
    }
}

Json rope_scaling(const LlamaConfig& c) {
    const std::vector<double>& stretch = c.rotary_stretch;
    if (std::count(stretch.begin(), stretch.end(), stretch[0]) == std::ssize(stretch))
        return {{"rope_type", "linear"}, {"factor", stretch[0]}};
    if (const auto rule = llama3_rule(stretch, c.rotary_base))
        return {{"rope_type", "llama3"},
                {"factor", rule->factor},
                {"low_freq_factor", rule->low},
                {"high_freq_factor", rule->high},
                {"original_max_position_embeddings", static_cast<Index>(rule->original)}};
    return {{"rope_type", "longrope"}, {"short_factor", stretch},
            {"long_factor", stretch},  {"original_max_position_embeddings", c.context},
            {"factor", 1.0},  // transformers 4.45 wants one, and uses it for nothing here
            {"attention_factor", 1.0}};
}

}  // namespace gradus

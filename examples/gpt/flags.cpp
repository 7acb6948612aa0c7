// SPDX-License-Identifier: MIT
// Flags shared by several commands.
#include <charconv>
#include <cstdlib>

#include "examples/gpt/commands.h"

namespace gradus {

namespace {

constexpr int kMostThreads = 1024;

template <class T>
std::string problem_with(const std::string& value, const char* kind) {
    T number = 0;
    const char* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, number);
    if (error == std::errc::result_out_of_range)
        return std::is_unsigned_v<T>
                   ? fmt::format("{} is above {}, the largest number of 64 bits", value, T(-1))
                   : value + " is too large";
    return error == std::errc() && rest == end ? "" : fmt::format("{} is not {}", value, kind);
}

}  // namespace

std::string whole_number(const std::string& value) {
    return problem_with<Index>(value, "a whole number");
}

std::string number(const std::string& value) {
    return problem_with<double>(value, "a number");
}

std::string not_negative(const std::string& value) {
    if (value.starts_with('-')) return value + " is negative";
    return problem_with<std::uint64_t>(value, "a whole number");
}

std::vector<int> ids_in(std::string_view text, Index V, const char* what) {
    constexpr std::string_view kBetween = " \t\r\n,[]";  // so that [1, 2, 3] can be pasted, too
    std::vector<int> ids;
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
        if (text.empty()) return ids;
        const std::string_view word = text.substr(0, text.find_first_of(kBetween));
        int id = -1;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
        require(error == std::errc() && end == word.data() + word.size() && id >= 0 && id < V,
                "{}: {} is not the id of a token, from 0 to {}", what, in_quotes(word), V - 1);
        ids.push_back(id);
        text.remove_prefix(word.size());
    }
}

void add_folder(CLI::App& app, std::string& folder) {
    app.add_option("folder", folder,
                   "A trained model: a run's folder, as gradus gpt printed it; a published one's; "
                   "a .gguf file; llama2.c's .bin")
        ->required()
        ->type_name("DIR");
}

void add_threads(CLI::App& app, int& threads) {
    app.add_option("--threads", threads,
                   "Threads to use; the result does not depend on it (default: one per processor)")
        ->type_name("N")
        ->check(whole_number)
        ->check([](const std::string& value) {
            const int n = std::atoi(value.c_str());
            return n >= 1 && n <= kMostThreads
                       ? ""
                       : fmt::format("{}, must be 1 to {}", value, kMostThreads);
        });
}

void start_threads(int wanted) {
    if (wanted > 0) set_threads(wanted);
    wanted = threads();
    if (const int there = start_threads(); there < wanted)
        fmt::print(stderr,
                   "gradus: the system allows {} of {} threads (ulimit -u or -v): slower, but with "
                   "the same result\n",
                   there, wanted);
}

void add_seed(CLI::App& app, std::uint64_t& seed) {
    app.add_option("--seed", seed, "Seed of the random choices: same seed, same text")
        ->capture_default_str()
        ->check(not_negative)
        ->type_name("N");
}

void add_text_flags(CLI::App& app, TextOptions& o) {
    add_folder(app, o.folder);
    app.add_option(
           "--temperature", o.sampler.temperature,
           "1: as the model learnt it; lower: safer; 0: always the likeliest token (greedy)")
        ->capture_default_str()
        ->check(number)
        ->type_name("X");
    app.add_option("--top-k", o.sampler.top_k, "Only the K likeliest next tokens; 0: all")
        ->capture_default_str()
        ->check(whole_number)
        ->type_name("K");
    app.add_option("--top-p", o.sampler.top_p,
                   "Only the likeliest tokens that together reach probability P (nucleus); 1: all")
        ->capture_default_str()
        ->check(number)
        ->type_name("P");
    app.add_option("--tokens", o.tokens, "Tokens to write (default: one story, or 500)")
        ->check(whole_number)
        ->type_name("N");
    add_seed(app, o.seed);
    add_threads(app, o.threads);
    app.add_flag("--int8", o.int8,
                 "8-bit weights: a quarter of the memory, large models write faster; reports the "
                 "cost in loss (default: off)");
    app.add_option_function<std::string>(
           "--kv-cache", [&o](const std::string& name) { o.kv_cache = cache_format(name); },
           "How the keys and values of earlier tokens are kept: f32, bf16 or int8, in half or a "
           "quarter of the memory, which makes long texts faster; reports the cost in loss "
           "(default: f32)")
        ->type_name("FORMAT");
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
// Flags shared by several commands.
#include <charconv>

#include "examples/gpt/commands.h"

namespace gradus {

std::string not_negative(const std::string& value) {
    if (value.rfind('-', 0) == 0) return value + " is negative";
    const bool digits = value.find_first_not_of("0123456789") == std::string::npos;
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    if (digits && std::from_chars(value.data(), end, number).ec != std::errc())
        return value + " is above 18446744073709551615, the largest number of 64 bits";
    return "";
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
        ->check(CLI::Range(1, 1024).description(""));
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
        ->type_name("X");
    app.add_option("--top-k", o.sampler.top_k, "Only the K likeliest next tokens; 0: all")
        ->capture_default_str()
        ->type_name("K");
    app.add_option("--top-p", o.sampler.top_p,
                   "Only the likeliest tokens that together reach probability P (nucleus); 1: all")
        ->capture_default_str()
        ->type_name("P");
    app.add_option("--tokens", o.tokens, "Tokens to write (default: one story, or 500)")
        ->type_name("N");
    add_seed(app, o.seed);
    add_threads(app, o.threads);
    app.add_flag("--int8", o.int8,
                 "8-bit weights: a quarter of the memory, large models write faster; reports the "
                 "cost in loss (default: off)");
}

}  // namespace gradus

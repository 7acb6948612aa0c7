// SPDX-License-Identifier: MIT
// The part "decode": generating text one token after another with 110 million parameters, in floats
// and in 8 bits, the KV cache too, in turns with reading memory, which is what bounds it: a token reads
// every weight and every key and value once.
#include <fmt/core.h>

#include <memory>

#include "bench/compare/limits.h"
#include "bench/compare/sections.h"
#include "bench/compare/table.h"
#include "nn/generate/kv_cache.h"
#include "nn/stored_weights.h"
#include "tensor/memory.h"

namespace gradus::bench {
namespace {

const GptConfig kModel{
    .layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 32000};
constexpr Index kPositions[] = {16, 512, 1000};
constexpr int kTokens = 16;  // per turn; at the first, the caches hold other data

// A text that grows by a token per call, starting from `position` in every turn.
class Writer {
 public:
    Writer(const Gpt& model, Index position, CacheFormat cache = CacheFormat::f32)
        : model_(model), position_(position), cache_(cache) {}

    double turn() {
        CachedGpt decoder(model_, cache_);
        Tokens ids({1, position_}, std::vector<int>(static_cast<std::size_t>(position_)));
        Random random(1);
        for (int& id : ids.id)
            id = static_cast<int>(random.below(static_cast<std::uint64_t>(kModel.vocabulary)));
        decoder(ids);
        return seconds_of([&] {
                   for (int i = 0; i < kTokens; ++i) {
                       ids.id.push_back(i);
                       ids.shape = Shape({1, static_cast<Index>(ids.id.size())});
                       decoder(ids);
                   }
               }) /
               kTokens;
    }
    // Read by a token: all weights but the position embeddings, and the cached keys and values.
    double bytes(Index weights) const {
        const Index not_read = kModel.context * kModel.width * static_cast<Index>(sizeof(Real));
        return static_cast<double>(weights + kv_cache_bytes(model_, position_, cache_) - not_read);
    }

 private:
    const Gpt& model_;
    Index position_;
    CacheFormat cache_;
};

void run_decode(Comparison& c, const Table& table, const Tick& tick) {
    Gpt real(kModel, 1), int8 = real;
    int8.quantise();
    const double memory_part = 1.0 / static_cast<double>(std::size(kPositions));
    for (std::size_t i = 0; i < std::size(kPositions); ++i) {
        const Index position = kPositions[i];
        Writer floats(real, position), bytes(int8, position),
            small(int8, position, CacheFormat::int8);
        const std::vector<Contender> contenders = {
            {"float", floats.bytes(parameter_bytes(real)), [&] { return floats.turn(); }},
            {"int8", bytes.bytes(parameter_bytes(int8)), [&] { return bytes.turn(); }},
            {"int8, cache int8", small.bytes(parameter_bytes(int8)), [&] { return small.turn(); }},
            memory_reading(Index{512} << 20, c.turn_seconds())};
        Row row{
            "decode",
            fmt::format("position {}", position),
            c.threads,
            take_turns(contenders, c.options.turns, 0.002,
                       [&](double part) { tick((static_cast<double>(i) + part) * memory_part); }),
            {}};
        const auto& s = row.series;
        const double speedup = median(s[0].seconds) / median(s[1].seconds),
                     with_cache = median(s[0].seconds) / median(s[2].seconds);
        row.figures = {{"float of reading", rate(s[0]) / rate(s[3])},
                       {"int8 of reading", rate(s[1]) / rate(s[3])},
                       {"int8 over float", speedup},
                       {"int8 cache of reading", rate(s[2]) / rate(s[3])},
                       {"int8 cache over float", with_cache}};
        c.display.print(
            table.row({row.name, milliseconds(median(s[0].seconds)),
                       percent(row.figures["float of reading"]), milliseconds(median(s[1].seconds)),
                       percent(row.figures["int8 of reading"]), fmt::format("{:.2f}", speedup),
                       milliseconds(median(s[2].seconds)), fmt::format("{:.2f}", with_cache)}));
        c.report.rows.push_back(row);
    }
    trim_memory();
}

}  // namespace

void plan_decode(Plan& plan, Comparison& c) {
    const auto table = std::make_shared<Table>(
        std::vector<std::string>{"a token at", "float ms", "of reading", "int8 ms", "of reading",
                                 "faster", "int8 cache", "faster"},
        14, c.display.columns());
    const double guess = 10 + c.options.turns * 2.5;
    plan.push_back({"decode", guess, [&c, table](const Tick& tick) {
                        c.display.say(
                            "\nGenerating text with 110 million parameters (12 layers, 768 wide, "
                            "vocabulary 32000). Of reading: bytes per second, relative to reading "
                            "512 MB. int8 cache: the milliseconds with the KV cache in 8 bits, "
                            "too. Faster: than floats.");
                        if (!table->heading().empty()) c.display.print(table->heading());
                        run_decode(c, *table, tick);
                    }});
}

}  // namespace gradus::bench

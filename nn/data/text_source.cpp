// SPDX-License-Identifier: MIT
// Shared by all text sources: numbered documents, the surprisal of each character, and the list of
// names.
#include "nn/data/text_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/data/idioms.h"
#include "nn/data/names.h"
#include "nn/data/sums.h"
#include "nn/data/tales.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

std::string TextSource::document(std::uint64_t seed, std::uint64_t number, Stream stream) const {
    Random random(seed, stream, number);
    return sample(random);
}

std::vector<double> TextSource::surprisal(std::string_view document) const {
    std::vector<double> nats;
    std::size_t at = 0;
    for (std::string_view character : utf8_characters(document)) {
        double p = 0;
        for (const NextCharacter& choice : next(document.substr(0, at)))
            if (choice.character == character) p = choice.probability;
        require(p > 0, "{}: {} cannot follow {}", name(), in_quotes(character),
                in_quotes(document.substr(0, at)));
        nats.push_back(-std::log(p));
        at += character.size();
    }
    return nats;
}

std::unique_ptr<TextSource> text_source(std::string_view name) {
    if (name == "tales") return std::make_unique<Tales>(english_tales());
    if (name == "tales-zh") return std::make_unique<Tales>(chinese_tales());
    if (name == "idioms") return std::make_unique<Idioms>();
    if (name == "names") return std::make_unique<Names>();
    if (name == "sums") return std::make_unique<Sums>();
    require(false, "text_source: no source is called {} (available: {})", in_quotes(name),
            fmt::join(text_source_names(), ", "));
    return nullptr;
}

std::vector<std::string> text_source_names() {
    return {"tales", "tales-zh", "idioms", "names", "sums"};
}

namespace detail {

std::string_view only_line(std::string_view document, std::string_view item,
                           std::vector<std::string>& faults) {
    const std::size_t line = std::min(document.find('\n'), document.size());
    if (line + 1 < document.size())
        faults.push_back("text goes on after the end: " + in_quotes(document.substr(line + 1)));
    if (line == document.size())
        faults.push_back(fmt::format("{} unfinished: the end of the line is missing", item));
    return document.substr(0, line + 1);
}

void add_next(std::vector<NextCharacter>& next, std::string_view rest, double weight) {
    const std::string_view character = utf8_first(rest);
    // UTF-8 strings sort by bytes in the same order as by code points.
    const auto at = std::lower_bound(
        next.begin(), next.end(), character,
        [](const NextCharacter& a, std::string_view b) { return a.character < b; });
    if (at != next.end() && at->character == character)
        at->probability += weight;
    else
        next.insert(at, {std::string(character), weight});
}

}  // namespace detail

}  // namespace gradus

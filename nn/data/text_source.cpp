// SPDX-License-Identifier: MIT
// What all text sources share: numbered documents, the surprisal of each character, and the list of
// names.
#include "nn/data/text_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/data/idioms.h"
#include "nn/data/tales.h"
#include "tensor/error.h"

namespace gradus {

std::string TextSource::document(std::uint64_t seed, std::uint64_t number, Stream stream) const {
    Random random(seed, stream, number);
    return sample(random);
}

std::vector<double> TextSource::surprisal(std::string_view document) const {
    std::vector<double> nats;
    std::size_t at = 0;
    for (std::string_view character : detail::characters(document)) {
        double p = 0;
        for (const NextCharacter& choice : next(document.substr(0, at)))
            if (choice.character == character) p = choice.probability;
        require(p > 0, "{}: {} cannot follow {}", name(), detail::quoted(character),
                detail::quoted(document.substr(0, at)));
        nats.push_back(-std::log(p));
        at += character.size();
    }
    return nats;
}

std::unique_ptr<TextSource> text_source(std::string_view name) {
    if (name == "tales") return std::make_unique<Tales>(english_tales());
    if (name == "tales-zh") return std::make_unique<Tales>(chinese_tales());
    if (name == "idioms") return std::make_unique<Idioms>();
    require(false, "text_source: no source is called {} (there are: {})", detail::quoted(name),
            fmt::join(text_source_names(), ", "));
    return nullptr;
}

std::vector<std::string> text_source_names() {
    return {"tales", "tales-zh", "idioms"};
}

namespace detail {

namespace {

// Bytes of the code point that begins `text`, or 0 if none does (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF).
std::size_t code_point_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return 0;
    if (byte(0) < 0x80) return 1;
    const std::size_t size = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
    if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    const bool overlong =
        (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
    const bool surrogate = byte(0) == 0xED && byte(1) >= 0xA0;
    const bool too_large = byte(0) == 0xF4 && byte(1) >= 0x90;
    return overlong || surrogate || too_large ? 0 : size;
}

}  // namespace

std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> result;
    while (!text.empty()) {
        result.push_back(text.substr(0, std::max<std::size_t>(1, code_point_size(text))));
        text.remove_prefix(result.back().size());
    }
    return result;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    // A code point has at most 4 bytes: enough for 25 of them, and no more work however long the
    // text is.
    const auto all = characters(text.substr(0, 100));
    for (std::size_t i = 0; i < all.size() && i < 24; ++i) {
        const auto byte = static_cast<unsigned char>(all[i][0]);
        // U+0080 to U+009F are control characters too; in UTF-8 they are C2 80 to C2 9F.
        const bool control = byte < 0x20 || byte == 0x7F ||
                             (byte == 0xC2 && all[i].size() == 2 && (all[i][1] & 0xE0) == 0x80);
        if (byte == '\n') {
            result += "\\n";
        } else if (control || (byte >= 0x80 && all[i].size() == 1)) {
            for (char c : all[i]) result += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        } else {
            result += all[i];
        }
    }
    return result + (all.size() > 24 ? "...\"" : "\"");
}

void add_next(std::vector<NextCharacter>& next, std::string_view rest, double weight) {
    const std::string_view character =
        rest.substr(0, std::max<std::size_t>(1, code_point_size(rest)));
    // The order of UTF-8 strings as bytes is the order of their code points.
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

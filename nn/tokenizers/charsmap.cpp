// SPDX-License-Identifier: MIT
#include "nn/tokenizers/charsmap.h"

#include <cstring>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// A unit of the trie is a node, or a leaf, which has its highest bit set and otherwise holds a value.
// The child for a byte is the unit at base ^ byte if its label is that byte; the leaf of a node that
// has one is at base itself.
bool has_leaf(std::uint32_t unit) {
    return unit >> 8 & 1;
}
std::uint32_t label(std::uint32_t unit) {
    return unit & 0x800000FF;
}  // of a leaf: none
std::uint32_t value(std::uint32_t leaf) {
    return leaf & 0x7FFFFFFF;
}
// From a node's own place to its base; offsets that need more than 21 bits leave out the lowest 8.
std::uint32_t offset(std::uint32_t unit) {
    return unit >> 10 << (unit >> 9 & 1) * 8;
}

}  // namespace

Charsmap::Charsmap(std::string_view blob) {
    std::uint32_t size = 0;
    require(blob.size() >= sizeof size, "charsmap: {} bytes, but its size alone takes 4",
            blob.size());
    std::memcpy(&size, blob.data(), sizeof size);
    blob.remove_prefix(sizeof size);
    require(size >= 4 && size % 4 == 0 && size <= blob.size(),
            "charsmap: a trie of {} bytes, must be a multiple of 4 and at most {}", size,
            blob.size());
    units_.resize(size / 4);
    std::memcpy(units_.data(), blob.data(), size);
    replacements_ = blob.substr(size);
    check();
}

// Walks the whole trie, depth first. Nodes may share their ends, but a path that comes back to itself
// would let a walk along a text go on for ever.
void Charsmap::check() const {
    const std::size_t bad = utf8_valid_prefix(replacements_);
    require(bad == replacements_.size() && (bad == 0 || replacements_.back() == '\0'),
            "charsmap: the replacements are not UTF-8 that ends in a zero byte");
    enum class Seen : unsigned char { no, on_path, done };
    struct Visit {
        std::uint32_t unit, base, byte;  // byte: of the child that comes next
    };
    std::vector<Seen> seen(units_.size());
    std::vector<Visit> path = {{0, offset(units_[0]), 1}};  // no rule has a zero byte
    while (!path.empty()) {
        Visit& visit = path.back();
        if (visit.byte == 256) {
            seen[visit.unit] = Seen::done;
            path.pop_back();
            continue;
        }
        const std::uint32_t byte = visit.byte++, at = visit.base ^ byte;
        if (at >= units_.size() || label(units_[at]) != byte) continue;
        require(seen[at] != Seen::on_path, "charsmap: unit {} of the trie follows itself", at);
        if (seen[at] == Seen::done) continue;
        seen[at] = Seen::on_path;
        const std::uint32_t base = at ^ offset(units_[at]);
        path.push_back({at, base, 1});
        if (!has_leaf(units_[at])) continue;
        require(base < units_.size() && value(units_[base]) < replacements_.size() &&
                    !utf8_continues(replacements_[value(units_[base])]),
                "charsmap: unit {} of the trie has no replacement", at);
    }
}

std::string Charsmap::apply(std::string_view text) const {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        std::size_t length = 0;
        std::uint32_t replacement = 0;
        std::uint32_t base = offset(units_[0]);
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            const std::uint32_t at = base ^ byte;
            if (byte == 0 || at >= units_.size() || label(units_[at]) != byte) break;
            base = at ^ offset(units_[at]);
            if (has_leaf(units_[at])) length = i + 1, replacement = value(units_[base]);
        }
        if (length > 0) {
            result += replacements_.data() + replacement;
        } else {
            const Utf8Step step = utf8_step(text);
            length = step.valid ? static_cast<std::size_t>(step.bytes) : 1;
            if (step.valid)
                result += text.substr(0, length);
            else
                utf8_append(result, kReplacement);
        }
        text.remove_prefix(length);
    }
    return result;
}

}  // namespace gradus

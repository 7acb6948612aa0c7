// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/normaliser_json.h"

#include <cstdint>
#include <vector>

#include "nn/files/base64.h"
#include "nn/files/json_fields.h"
#include "nn/files/tensor_name.h"
#include "nn/text/character_kinds.h"
#include "nn/text/normalise.h"
#include "nn/text/utf8.h"
#include "nn/tokenizers/charsmap.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kSpace = "\u2581";
constexpr std::size_t kMostSteps = 64;  // each is a function that calls the one before

TextFunction then(TextFunction first, TextFunction second) {
    if (!first) return second;
    return [first = std::move(first), second = std::move(second)](std::string_view text) {
        return second(first(text));
    };
}

// Every run of at least `least` times `from` becomes `to`.
std::string replace_runs(std::string_view text, std::string_view from, std::size_t least,
                         std::string_view to) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t times = 0;
        // Of one, each by itself.
        while ((least > 1 || times == 0) && text.substr(i + times * from.size()).starts_with(from))
            ++times;
        if (times >= least)
            result += to;
        else
            result += text.substr(i, times ? times * from.size() : 1);
        i += times ? times * from.size() : 1;
    }
    return result;
}

std::string stripped(std::string_view text, bool left, bool right) {
    const std::u32string all = utf8_decode(text);
    std::size_t begin = 0, end = all.size();
    while (left && begin < end && is_white_space(all[begin])) ++begin;
    while (right && end > begin && is_white_space(all[end - 1])) --end;
    return utf8_encode(all.substr(begin, end - begin));
}

TextFunction replacement(const JsonFields& step) {
    const JsonFields pattern = step.object("pattern");
    const std::string to = step.text("content");
    if (pattern.has("String")) {
        const std::string from = pattern.text("String");
        if (from.empty()) pattern.refuse("String", "is empty");
        return [from, to](std::string_view text) { return replace_runs(text, from, 1, to); };
    }
    if (pattern.text("Regex") != " {2,}")
        pattern.refuse("Regex",
                       quoted_name(pattern.text("Regex")) + " is not supported, only \" {2,}\" is");
    return [to](std::string_view text) { return replace_runs(text, " ", 2, to); };
}

// What one step does that is not a sequence.
TextFunction step_of(const JsonFields& step) {
    const std::string type = step.type();
    const auto form = [](NormalForm to) {
        return [to](std::string_view text) { return normalise(text, to); };
    };
    if (type == "NFC") return form(NormalForm::nfc);
    if (type == "NFD") return form(NormalForm::nfd);
    if (type == "NFKC") return form(NormalForm::nfkc);
    if (type == "NFKD") return form(NormalForm::nfkd);
    if (type == "Lowercase") return [](std::string_view text) { return lowercase(text); };
    if (type == "StripAccents")
        return [](std::string_view text) { return strip_marks(text, Marks::all); };
    if (type == "Strip") {
        const bool left = step.flag("strip_left", true), right = step.flag("strip_right", true);
        return [left, right](std::string_view text) { return stripped(text, left, right); };
    }
    if (type == "Replace") return replacement(step);
    if (type != "Precompiled") step.unknown_type();
    if (!step.has("precompiled_charsmap")) return {};
    const auto blob = from_base64(step.text("precompiled_charsmap"));
    if (!blob) step.refuse("precompiled_charsmap", "is not base64");
    try {
        return [rules = Charsmap(*blob)](std::string_view text) { return rules.apply(text); };
    } catch (const std::invalid_argument& error) {
        step.refuse("precompiled_charsmap", error.what());
    }
}

// The normalizer as a list of steps, and pre_tokenizer likewise.
std::vector<JsonFields> steps_of(const JsonFields& part, const char* list) {
    if (part.type() != "Sequence") return {part};
    if (part.list(list).size() > kMostSteps)
        part.refuse(list, fmt::format("more than {} steps", kMostSteps));
    std::vector<JsonFields> steps;
    for (const Json& step : part.list(list)) steps.push_back(part.entry(step, list));
    return steps;
}
std::vector<JsonFields> steps_of(const JsonFields& file, const char* key, const char* list) {
    return file.has(key) ? steps_of(file.object(key), list) : std::vector<JsonFields>();
}

// "▁" in place of " ", which PieceText does itself.
bool is_escape(const JsonFields& step) {
    if (step.type() != "Replace") return false;
    const JsonFields pattern = step.object("pattern");
    return pattern.has("String") && pattern.text("String") == " " && step.text("content") == kSpace;
}

bool splits_at_spaces(const JsonFields& step) {
    if (step.type() != "Split") return false;
    const JsonFields pattern = step.object("pattern");
    return pattern.has("String") && pattern.text("String") == " ";
}

void read_metaspace(const JsonFields& step, bool at_white_space, PieceText& text) {
    if (step.text("replacement") != kSpace) step.refuse("replacement", "must be \"\u2581\"");
    std::string scheme = step.flag("add_prefix_space", true) ? "always" : "never";
    if (step.has("prepend_scheme")) scheme = step.text("prepend_scheme");
    if (scheme != "always" && scheme != "first" && scheme != "never")
        step.refuse("prepend_scheme", quoted_name(scheme) + " is not supported");
    if (at_white_space && scheme != "always")
        step.refuse("prepend_scheme", "must be \"always\" after WhitespaceSplit");
    if (scheme != "never" && text.prefix == PieceText::Prefix::none)
        text.prefix = PieceText::Prefix::unless_there;
    text.split_words = step.flag("split", true);
}

std::string spaces_for_white_space(std::string_view text) {
    std::string result;
    for (const char32_t c : utf8_decode(text)) utf8_append(result, is_white_space(c) ? ' ' : c);
    return result;
}

}  // namespace

TextFunction normaliser_from_json(const nlohmann::json& normalizer, const std::string& path) {
    TextFunction all;
    if (normalizer.is_null()) return all;
    for (const JsonFields& step : steps_of({normalizer, "normalizer", path}, "normalizers"))
        if (TextFunction next = step_of(step)) all = then(all, next);
    return all;
}

PieceText piece_text_from_json(const nlohmann::json& json, const std::string& path) {
    const JsonFields file(json, "", path);
    PieceText text{.prefix = PieceText::Prefix::none};
    bool escaped = false;  // by the normalizer
    for (const JsonFields& step : steps_of(file, "normalizer", "normalizers")) {
        if (is_escape(step)) {
            escaped = true;
        } else if (step.type() == "Prepend") {
            if (step.text("prepend") != kSpace) step.refuse("prepend", "must be \"\u2581\"");
            text.prefix = PieceText::Prefix::always;
        } else {
            if (escaped || text.prefix != PieceText::Prefix::none)
                step.refuse("type", "must come before the steps that write \"\u2581\" for spaces");
            if (TextFunction next = step_of(step)) text.normalise = then(text.normalise, next);
        }
    }
    bool at_white_space = false, metaspace = false;
    for (const JsonFields& step : steps_of(file, "pre_tokenizer", "pretokenizers")) {
        if (step.type() == "WhitespaceSplit" && !metaspace) {
            at_white_space = true;
        } else if (step.type() == "Metaspace" && !metaspace) {
            metaspace = true;
            read_metaspace(step, at_white_space, text);
        } else if (!escaped || !splits_at_spaces(step)) {  // of which an escape leaves none
            step.unknown_type();
        }
    }
    if (at_white_space && !metaspace)
        file.refuse("pre_tokenizer", "WhitespaceSplit without Metaspace");
    if (!escaped && !metaspace)
        file.refuse(
            "pre_tokenizer",
            "neither Metaspace nor a normalizer that writes \"\u2581\" for spaces: is this a "
            "vocabulary of another kind?");
    if (at_white_space) {
        text.collapse_spaces = text.split_words = true;
        text.normalise = then(text.normalise, spaces_for_white_space);
    }
    return text;
}

}  // namespace gradus

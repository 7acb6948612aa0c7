// SPDX-License-Identifier: MIT
// The vocabulary in run.json, and text through it.
#include <nlohmann/json.hpp>

#include "nn/tokenizers/tokenizer.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader tokenizer_reader(
    "tokenizer",
    [](std::string_view text) {
        const std::size_t cut = std::min(text.size(), text.find('\n'));
        const auto json = nlohmann::json::parse(text.substr(0, cut), nullptr, false);
        const std::string_view rest = text.substr(cut);
        const Tokenizer tokenizer =
            json.is_discarded() ? Tokenizer::characters(text) : Tokenizer::from_json(json);
        fuzz::check(Tokenizer::from_json(tokenizer.to_json()) == tokenizer, "to_json");
        Index skipped = 0;
        tokenizer.encode_known(text, skipped);
        fuzz::check(tokenizer.decode(tokenizer.encode(rest)) == rest, "decode");
    },
    {"{\"kind\": \"characters\", \"characters\": \"\\n !abc\"}\nabc", "{\"kind\": \"bytes\"}\n\xFF",
     "{\"kind\":\"bpe\",\"split\":\"words\",\"merges\":[[97,98],[256,99]],\"specials\":[\"<s>\"]}"
     "\nabcd",
     "成语接龙"});

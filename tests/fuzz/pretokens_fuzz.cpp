// SPDX-License-Identifier: MIT
// Every splitting rule: the words, joined, are the text, and text in pieces gives the same words.
#include "nn/text/utf8.h"
#include "nn/tokenizers/pretokens.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader pretokens_reader(
    "pretokens",
    [](std::string_view text) {
        for (const Split split :
             {Split::none, Split::gpt2, Split::digits, Split::cl100k, Split::qwen2}) {
            const std::vector<std::string_view> words = split_words(text, split);
            std::size_t at = 0, next = 0;
            for (const std::string_view word : words) {
                fuzz::check(!word.empty() && word.data() == text.data() + at, "joined");
                at += word.size();
            }
            fuzz::check(at == text.size(), "joined");
            WordStream stream(
                [&](std::string_view word) {
                    fuzz::check(next < words.size() && word == words[next++], "in pieces");
                },
                split);
            for (std::size_t i = 0; i < text.size();) {
                const auto bytes = static_cast<std::size_t>(utf8_step(text.substr(i)).bytes);
                stream.feed(text.substr(i, bytes));
                i += bytes;
            }
            stream.finish();
            fuzz::check(next == words.size(), "in pieces");
        }
    },
    {"I'll don't WE'RE  x\n\n y 1234 成语，\xFF ", "\r\n \t'S\u017F ½"});

// SPDX-License-Identifier: MIT
// A tokenizer.json up to the first zero byte, and the rest as a text for it; written again if it was
// read.
#include <nlohmann/json.hpp>

#include "nn/files/bounded_json.h"
#include "nn/files/tokenizers/byte_names.h"
#include "nn/files/tokenizers/tokenizer_json.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;
using Json = nlohmann::json;

static std::string seed(const char* changes, const char* text) {
    Json vocabulary = Json::object();
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        vocabulary[written_bytes({&c, 1})] = byte;
    }
    vocabulary["he"] = 256;
    Json json = {{"added_tokens", {{{"id", 258}, {"content", "<s>"}, {"special", true}}}},
                 {"pre_tokenizer", {{"type", "ByteLevel"}}},
                 {"decoder", {{"type", "ByteLevel"}}},
                 {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", {"h e"}}}}};
    json.merge_patch(Json::parse(changes));
    return json.dump() + '\0' + text;
}

static const fuzz::Reader tokenizer_json_reader(
    "tokenizer_json",
    [](std::string_view bytes) {
        const std::size_t cut = std::min(bytes.size(), bytes.find('\0'));
        const std::string_view text = bytes.substr(std::min(cut + 1, bytes.size()));
        const Tokenizer tokenizer =
            tokenizer_from_file_json(parse_bounded_json(bytes.substr(0, cut), "f"), "f");
        const std::vector<int> ids = tokenizer.encode(text);
        fuzz::check(tokenizer.decode(ids) == text, "decode");
        for (const int id : ids) fuzz::check(!tokenizer.model().is_special(id), "special");
        tokenizer.encode_with_specials(text);
        const Json written = Json::parse(tokenizer_file_json(tokenizer));
        fuzz::check(tokenizer_from_file_json(written, "f") == tokenizer, "write");
    },
    {seed("{}", "he <s> h\xFF"),
     seed(R"({"added_tokens": [{"id": 257, "content": "e h", "special": false}]})", "he he h"),
     seed(R"({"model": {"merges": [["h", "e"]], "ignore_merges": true}})", "he\n\n12")});

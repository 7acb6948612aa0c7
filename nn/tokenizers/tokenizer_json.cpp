// SPDX-License-Identifier: MIT
// A tokenizer in the form that run.json holds it in.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "nn/text/utf8.h"
#include "nn/tokenizers/characters.h"
#include "nn/tokenizers/tokenizer.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::pair<const char*, Split> kSplits[] = {{"words", Split::gpt2},
                                                     {"none", Split::none},
                                                     {"digits", Split::digits},
                                                     {"cl100k", Split::cl100k},
                                                     {"qwen2", Split::qwen2}};

// The whole numbers of a list, each from 0 to `limit`.
std::vector<int> numbers(const nlohmann::json& list, const char* name, int limit) {
    require(list.is_array(), "tokenizer: \"{}\" is not a list of numbers", name);
    std::vector<int> all;
    for (const auto& value : list) {
        require(value.is_number_integer() && value >= 0 && value <= limit,
                "tokenizer: \"{}\": {} is not a whole number from 0 to {}", name,
                in_quotes(value.dump(-1, ' ', true)), limit);
        all.push_back(value.get<int>());
    }
    return all;
}

Bpe bpe_from_json(const nlohmann::json& json) {
    const nlohmann::json name = json.value("split", nlohmann::json());
    const auto split = std::find_if(std::begin(kSplits), std::end(kSplits),
                                    [&](const auto& known) { return name == known.first; });
    require(split != std::end(kSplits),
            "tokenizer: \"split\" is missing or unknown (known: words, none, digits, cl100k, "
            "qwen2)");
    const nlohmann::json list = json.value("merges", nlohmann::json());
    require(list.is_array(), "tokenizer: \"merges\" is missing or not a list");
    std::vector<Bpe::Pair> merges;
    for (const auto& merge : list) {
        const std::vector<int> pair = numbers(merge, "merges", std::numeric_limits<int>::max());
        require(pair.size() == 2, "tokenizer: \"merges\" has an entry of {} numbers, must be 2",
                pair.size());
        merges.emplace_back(pair[0], pair[1]);
    }
    std::vector<std::string> specials;
    const nlohmann::json names = json.value("specials", nlohmann::json::array());
    require(names.is_array(), "tokenizer: \"specials\" is not a list");
    for (const auto& special : names) {
        require(special.is_string(), "tokenizer: \"specials\" has an entry that is not a string");
        specials.push_back(special);
    }
    std::vector<unsigned char> bytes;
    for (const int byte : numbers(json.value("bytes", nlohmann::json::array()), "bytes", 255))
        bytes.push_back(static_cast<unsigned char>(byte));
    return Bpe(std::move(merges), split->second, specials, bytes);
}

Tokenizer characters_from_json(const nlohmann::json& json) {
    const auto characters = json.find("characters");
    require(characters != json.end() && characters->is_string(),
            "tokenizer: \"characters\" is missing or not a string");
    const auto& text = characters->get_ref<const std::string&>();
    require(!text.empty(), "tokenizer: \"characters\" is empty");
    Tokenizer tokenizer = Tokenizer::characters(text);  // refuses what is not UTF-8
    const std::u32string list = utf8_decode(text);
    for (std::size_t i = 1; i < list.size(); ++i)
        require(list[i - 1] < list[i],
                "tokenizer: \"characters\" is not in increasing order: {} before {}",
                code_point_name(list[i - 1]), code_point_name(list[i]));
    return tokenizer;
}

}  // namespace

nlohmann::json Tokenizer::to_json() const {
    require(kind_ != Kind::other,
            "tokenizer: the kind \"{}\" has no form in run.json (keep the file that it came from)",
            name_);
    nlohmann::json json = {{"kind", name_}};
    if (kind_ == Kind::characters) {
        std::string all;
        for (int id = 0; id < size(); ++id) all += token(id);
        json["characters"] = all;
    }
    if (const Bpe* bpe = this->bpe()) {
        require(bpe->in_order(),
                "tokenizer: this BPE has ids of its own, for which run.json has no form (keep the "
                "file that it came from)");
        const std::vector<unsigned char> bytes = bpe->byte_order();
        const std::vector<std::string> specials = bpe->specials();
        for (const auto& [name, split] : kSplits)
            if (split == bpe->split()) json["split"] = name;
        json["merges"] = bpe->merges();
        if (!specials.empty()) json["specials"] = specials;
        if (!std::is_sorted(bytes.begin(), bytes.end())) json["bytes"] = bytes;
    }
    if (bos_) json["bos"] = *bos_;
    if (eos_) json["eos"] = *eos_;
    return json;
}

Tokenizer Tokenizer::from_json(const nlohmann::json& json) {
    require(json.is_object(), "tokenizer: needs an object, not {}", json.type_name());
    const auto kind = json.find("kind");
    require(kind != json.end() && kind->is_string(),
            "tokenizer: \"kind\" is missing or not a string");
    const auto& name = kind->get_ref<const std::string&>();
    require(name == "characters" || name == "bytes" || name == "bpe",
            "tokenizer: kind \"{}\" is unknown (known: characters, bytes, bpe)", name);
    Tokenizer tokenizer = name == "bytes" ? bytes()
                          : name == "bpe" ? bpe(bpe_from_json(json))
                                          : characters_from_json(json);
    std::optional<int> ids[2];
    for (const int which : {0, 1})
        if (const char* key = which ? "eos" : "bos"; json.contains(key))
            ids[which] = numbers(nlohmann::json::array({json[key]}), key, tokenizer.size() - 1)[0];
    tokenizer.set_bos_eos(ids[0], ids[1]);
    return tokenizer;
}

}  // namespace gradus

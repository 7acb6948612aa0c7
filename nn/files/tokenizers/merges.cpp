// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/merges.h"

#include <nlohmann/json.hpp>

#include "nn/files/bounded_json.h"
#include "nn/files/mapped_file.h"
#include "nn/files/tokenizers/byte_names.h"
#include "nn/files/tokenizers/vocabulary.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// Calls merge(left, right, refuse) for each line with its tokens as written; refuse(text, why) throws.
template <class Merge>
void each_merge(const std::string& path, Merge merge) {
    const MappedFile file(path);
    std::string_view text = file.bytes(0, file.size());
    std::size_t number = 0;
    const auto refuse = [&](std::string_view what, const char* why) {
        throw FileError(path, fmt::format("line {}: {} {}", number, in_quotes(what), why));
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (++number == 1 && line.starts_with("#version")) continue;
        const std::size_t space = line.find(' ');
        if (space == line.npos || line.find(' ', space + 1) != line.npos)
            refuse(line, "is not a merge: two tokens with a space between them");
        merge(std::string(line.substr(0, space)), std::string(line.substr(space + 1)), refuse);
    }
}

}  // namespace

Bpe load_merges(const std::string& path) {
    std::unordered_map<std::string, int> ids;  // of tokens as written
    const std::vector<unsigned char> order = gpt2_byte_order();
    for (int id = 0; id < 256; ++id) {
        const auto byte = static_cast<char>(order[static_cast<std::size_t>(id)]);
        ids[written_bytes({&byte, 1})] = id;
    }
    std::vector<Bpe::Pair> merges;
    each_merge(path, [&](const std::string& left, const std::string& right, auto refuse) {
        const auto a = ids.find(left), b = ids.find(right);
        if (a == ids.end() || b == ids.end())
            refuse(a == ids.end() ? left : right, "is not a token of an earlier line");
        merges.emplace_back(a->second, b->second);
        if (!ids.emplace(left + right, 255 + static_cast<int>(merges.size())).second)
            refuse(left + right, "is a token already");
    });
    try {
        return Bpe(std::move(merges), Split::gpt2, {"<|endoftext|>"}, order);
    } catch (const std::invalid_argument& error) {  // too many bytes
        throw FileError(path, error.what());
    }
}

Bpe load_merges(const std::string& path, const std::string& vocabulary_path) {
    const VocabularyFile vocabulary(read_bounded_json(vocabulary_path), vocabulary_path);
    BpeTable table;
    table.tokens.resize(vocabulary.size());
    std::vector<bool> made(vocabulary.size());  // a byte, or made by a merge
    each_merge(path, [&](const std::string& left, const std::string& right, auto refuse) {
        const std::string joined = left + right;
        for (const std::string& token : {left, right, joined})
            if (vocabulary.find(token) < 0) refuse(token, "is not a token of the vocabulary");
        table.merges.emplace_back(vocabulary.find(left), vocabulary.find(right));
        made[static_cast<std::size_t>(vocabulary.find(joined))] = true;
    });
    for (const auto& [written, id] : vocabulary.ids()) {
        const auto at = static_cast<std::size_t>(id);
        const auto bytes = read_written_bytes(written);
        if (bytes && bytes->size() == 1) made[at] = true;
        if (!made[at]) table.specials.push_back(id);
        table.tokens[at] = made[at] && bytes ? *bytes : written;
    }
    try {
        return Bpe(std::move(table));
    } catch (const std::invalid_argument& error) {
        throw FileError(vocabulary_path, error.what());
    }
}

}  // namespace gradus

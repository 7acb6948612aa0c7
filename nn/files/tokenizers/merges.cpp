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
    std::unordered_map<std::string_view, std::size_t> numbers;  // of the lines so far
    const auto refuse = [&](std::string_view what, std::string_view why) {
        throw FileError(path, fmt::format("line {}: {} {}", number, in_quotes(what), why));
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (++number == 1 && line.starts_with("#version")) continue;
        const std::size_t space = line.find(' ');
        if (space == 0 || space >= line.size() - 1 || line.find(' ', space + 1) != line.npos)
            refuse(line, "is not a merge: two tokens with a space between them");
        const auto [first, is_new] = numbers.emplace(line, number);
        if (!is_new) refuse(line, fmt::format("is the merge of line {} again", first->second));
        merge(std::string(line.substr(0, space)), std::string(line.substr(space + 1)), refuse);
    }
}

bool is_byte(std::string_view written) {
    const auto bytes = read_written_bytes(written);
    return bytes && bytes->size() == 1;
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
    for (const auto& [written, id] : vocabulary.ids())
        made[static_cast<std::size_t>(id)] = is_byte(written);
    each_merge(path, [&](const std::string& left, const std::string& right, auto refuse) {
        const auto id_of = [&](const std::string& token) {
            const int id = vocabulary.find(token);
            if (id < 0) refuse(token, "is not a token of the vocabulary");
            return id;
        };
        for (const std::string& token : {left, right})
            if (!made[static_cast<std::size_t>(id_of(token))])
                refuse(token, "is neither a byte nor made by an earlier line");
        made[static_cast<std::size_t>(id_of(left + right))] = true;
        table.merges.emplace_back(id_of(left), id_of(right));
    });
    for (const auto& [written, id] : vocabulary.ids()) {
        const auto at = static_cast<std::size_t>(id);
        if (!made[at]) table.specials.push_back(id);
        table.tokens[at] = made[at] ? read_written_bytes(written).value() : written;
    }
    try {
        return Bpe(std::move(table));
    } catch (const std::invalid_argument& error) {
        throw FileError(vocabulary_path, error.what());
    }
}

}  // namespace gradus

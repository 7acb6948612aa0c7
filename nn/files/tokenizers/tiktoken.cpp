// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/tiktoken.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "nn/files/base64.h"
#include "nn/files/mapped_file.h"
#include "nn/files/tokenizers/vocabulary.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

struct Encoding {
    const char* name;
    Split split;
    std::vector<std::pair<const char*, int>> specials;
};

const std::vector<Encoding>& encodings() {
    static const std::vector<Encoding> list = {
        {"r50k_base", Split::gpt2, {{"<|endoftext|>", 50256}}},
        {"p50k_base", Split::gpt2, {{"<|endoftext|>", 50256}}},
        {"cl100k_base",
         Split::cl100k,
         {{"<|endoftext|>", 100257},
          {"<|fim_prefix|>", 100258},
          {"<|fim_middle|>", 100259},
          {"<|fim_suffix|>", 100260},
          {"<|endofprompt|>", 100276}}},
    };
    return list;
}

}  // namespace

Bpe load_tiktoken(const std::string& path, std::string name) {
    if (name.empty()) name = std::filesystem::path(path).stem().string();
    const auto encoding = std::find_if(encodings().begin(), encodings().end(),
                                       [&](const Encoding& e) { return e.name == name; });
    if (encoding == encodings().end())
        throw FileError(path,
                        fmt::format("the encoding {} is not known, so neither is how it splits "
                                    "text (known: r50k_base, p50k_base, cl100k_base)",
                                    in_quotes(name)));
    const MappedFile file(path);
    constexpr std::uint64_t kMostFileBytes = 1 << 28;
    if (file.size() > kMostFileBytes)
        throw FileError(
            path, fmt::format("{} bytes, at most {} are allowed", file.size(), kMostFileBytes));
    std::string_view text = file.bytes(0, file.size());

    std::vector<std::pair<int, std::string>> tokens;
    std::size_t number = 0;
    int largest = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty()) continue;
        const std::size_t space = std::min(line.find(' '), line.size());
        const auto bytes = from_base64(line.substr(0, space));
        const std::string_view rank = line.substr(std::min(space + 1, line.size()));
        int id = -1;
        const auto parsed = std::from_chars(rank.data(), rank.data() + rank.size(), id);
        if (!bytes || bytes->empty() || rank.empty() || parsed.ec != std::errc() ||
            parsed.ptr != rank.data() + rank.size() || id < 0 || id >= kMostTokenIds)
            throw FileError(path,
                            fmt::format("line {}: {} is not base64, a space and a rank from 0 "
                                        "to {}",
                                        number, in_quotes(line), kMostTokenIds - 1));
        tokens.emplace_back(id, *bytes);
        largest = std::max(largest, id);
    }
    BpeTable table;
    table.split = encoding->split;
    table.merge_lowest_id = table.whole_words = true;
    for (const auto& [special, id] : encoding->specials) largest = std::max(largest, id);
    const auto size = static_cast<std::size_t>(largest) + 1;
    require_few_gaps(tokens.size() + (1 << 17), size, path);
    table.tokens.resize(size);
    const auto place = [&](int id, std::string_view token) {
        std::string& at = table.tokens[static_cast<std::size_t>(id)];
        if (!at.empty())
            throw FileError(path, fmt::format("tokens {} and {} have the same rank {}",
                                              in_quotes(at), in_quotes(token), id));
        at = token;
    };
    for (const auto& [id, token] : tokens) place(id, token);
    for (const auto& [special, id] : encoding->specials) {
        place(id, special);
        table.specials.push_back(id);
    }
    try {
        return Bpe(std::move(table));
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

}  // namespace gradus

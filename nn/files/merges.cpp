// SPDX-License-Identifier: MIT
#include "nn/files/merges.h"

#include "nn/files/mapped_file.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

bool is_visible(int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

// The 256 bytes in the order of their ids.
std::vector<unsigned char> byte_order() {
    std::vector<unsigned char> order;
    for (const bool visible : {true, false})
        for (int byte = 0; byte < 256; ++byte)
            if (is_visible(byte) == visible) order.push_back(static_cast<unsigned char>(byte));
    return order;
}

// What a byte is written as.
std::string written(int byte, int& hidden) {
    const auto code_point = static_cast<char32_t>(is_visible(byte) ? byte : 256 + hidden++);
    return utf8_encode({&code_point, 1});
}

}  // namespace

Bpe load_merges(const std::string& path) {
    const MappedFile file(path);
    std::string_view text = file.bytes(0, file.size());
    std::unordered_map<std::string, int> ids;  // of tokens as written
    const std::vector<unsigned char> order = byte_order();
    int hidden = 0;
    for (int id = 0; id < 256; ++id) ids[written(order[static_cast<std::size_t>(id)], hidden)] = id;

    std::vector<Bpe::Pair> merges;
    Index number = 0;
    const auto refuse = [&](std::string_view line, const char* why) {
        throw FileError(path, fmt::format("line {}: {} {}", number, in_quotes(line), why));
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
        const std::string left(line.substr(0, space)), right(line.substr(space + 1));
        const auto a = ids.find(left), b = ids.find(right);
        if (a == ids.end() || b == ids.end())
            refuse(a == ids.end() ? left : right, "is not a token of an earlier line");
        merges.emplace_back(a->second, b->second);
        if (!ids.emplace(left + right, 255 + static_cast<int>(merges.size())).second)
            refuse(left + right, "is a token already");
    }
    return Bpe(std::move(merges), Split::gpt2, {"<|endoftext|>"}, order);
}

}  // namespace gradus

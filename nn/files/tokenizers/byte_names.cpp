// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/byte_names.h"

#include <array>

#include "nn/text/utf8.h"

namespace gradus {
namespace {

constexpr char32_t kHidden = 0x100;  // what the first hidden byte is written as

constexpr bool is_visible(int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

struct Names {
    std::array<char32_t, 256> of_byte{};
    std::array<unsigned char, 68> hidden{};  // the byte that U+0100 + i stands for
};
constexpr Names kNames = [] {
    Names names;
    std::size_t hidden = 0;
    for (std::size_t byte = 0; byte < 256; ++byte) {
        const bool visible = is_visible(static_cast<int>(byte));
        names.of_byte[byte] =
            visible ? static_cast<char32_t>(byte) : kHidden + static_cast<char32_t>(hidden);
        if (!visible) names.hidden[hidden++] = static_cast<unsigned char>(byte);
    }
    return names;
}();

}  // namespace

std::string written_bytes(std::string_view bytes) {
    std::string written;
    for (const char byte : bytes)
        utf8_append(written, kNames.of_byte[static_cast<unsigned char>(byte)]);
    return written;
}

std::optional<std::string> read_written_bytes(std::string_view written) {
    std::string bytes;
    for (std::size_t i = 0; i < written.size();) {
        const Utf8Step step = utf8_step(written.substr(i));
        const char32_t c = step.code_point;
        if (c >= kHidden && c < kHidden + kNames.hidden.size())
            bytes += static_cast<char>(kNames.hidden[c - kHidden]);
        else if (c < kHidden && is_visible(static_cast<int>(c)))
            bytes += static_cast<char>(c);
        else
            return std::nullopt;
        i += static_cast<std::size_t>(step.bytes);
    }
    return bytes;
}

std::vector<unsigned char> gpt2_byte_order() {
    std::vector<unsigned char> order;
    for (const bool visible : {true, false})
        for (int byte = 0; byte < 256; ++byte)
            if (is_visible(byte) == visible) order.push_back(static_cast<unsigned char>(byte));
    return order;
}

}  // namespace gradus

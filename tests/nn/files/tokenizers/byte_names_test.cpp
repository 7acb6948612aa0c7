// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/byte_names.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gradus;

TEST_CASE("every byte is written as one visible character, and comes back") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    CHECK(read_written_bytes(written_bytes(all)) == all);
    CHECK(written_bytes(" \n\t!~") == "ĠĊĉ!~");
    CHECK(written_bytes(std::string("\0\x7F\xA0\xAD", 4)) == "\u0100\u0121\u0142\u0143");
    CHECK(written_bytes("é") == "Ã©");
    CHECK(written_bytes("").empty());
}

TEST_CASE("characters that stand for no byte are not read") {
    for (const char* text :
         {" ", "\n", "a b", "\u00A0", "\u00AD", "\u0144", "世", "\xFF", "\xC4"}) {
        CAPTURE(text);
        CHECK_FALSE(read_written_bytes(text));
    }
    CHECK(read_written_bytes("") == "");
}

TEST_CASE("GPT-2's order has each byte once: the visible ones, then the others") {
    std::vector<unsigned char> order = gpt2_byte_order();
    CHECK(order[0] == '!');
    CHECK(order[187] == 255);
    CHECK(order[188] == 0);
    CHECK(order[220] == ' ');
    std::sort(order.begin(), order.end());
    CHECK(order.size() == 256);
    CHECK(std::unique(order.begin(), order.end()) == order.end());
}

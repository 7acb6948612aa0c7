// SPDX-License-Identifier: MIT
#include "nn/tokenizers/token_text.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

using namespace gradus;

TEST_CASE("a token text gives back its ids, in the fewest bytes that hold them") {
    for (const int most : {0, 1, 255, 256, 65535, 65536, 1'000'000, 2'147'483'647}) {
        CAPTURE(most);
        const std::vector<int> ids = {0, most, most / 2, most / 3, 0};
        const TokenText text(ids);
        CHECK(text.size() == 5);
        CHECK(text.list(0, 5) == ids);
        CHECK(text[1] == most);
    }
    CHECK(TokenText::bytes_per_token(1) == 1);
    CHECK(TokenText::bytes_per_token(256) == 1);
    CHECK(TokenText::bytes_per_token(257) == 2);
    CHECK(TokenText::bytes_per_token(65536) == 2);
    CHECK(TokenText::bytes_per_token(65537) == 4);
}

TEST_CASE("slices of a token text share its ids and know their bounds") {
    TokenText text(300, 6);  // two bytes each
    text.append({256, 1});
    text.append({2, 3, 299});
    const TokenText part = text.slice(1, 4);
    CHECK(part.list(0, 10) == std::vector<int>{1, 2, 3});
    CHECK(part.slice(1, 3).list(0, 2) == std::vector<int>{2, 3});
    CHECK(part.slice(3, 3).size() == 0);
    CHECK_THROWS_WITH_AS(part.slice(2, 4), "token text: 2..4 of 3 ids", std::invalid_argument);
    CHECK_THROWS_WITH_AS(part[3], "token text: 1 ids from number 3 of 3", std::invalid_argument);
    CHECK_THROWS_AS(part[-1], std::invalid_argument);
    CHECK(part.list(3, 2).empty());
    CHECK_THROWS_WITH_AS(part.list(4, 1), "token text: 1 ids from number 4 of 3",
                         std::invalid_argument);
    CHECK_THROWS_AS(part.list(0, -1), std::invalid_argument);
    CHECK_THROWS_AS(part.list(-1, 1), std::invalid_argument);
    CHECK(TokenText().size() == 0);
    CHECK_THROWS_WITH_AS(text.append({1, 2}), "token text: no space for 2 more ids after 5",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(text.append({65536}), "token text: id 65536 is outside 0..65535",
                         std::invalid_argument);
    CHECK_THROWS_AS(TokenText(std::vector<int>{1, -1}), std::invalid_argument);
}

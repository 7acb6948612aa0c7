// SPDX-License-Identifier: MIT
// Bits per byte: which bytes count, and that no tokenizer changes the unit.
#include "nn/data/bits_per_byte.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace gradus;

TEST_CASE("the bytes of the tokens to be predicted: not of the inputs, of padding or of specials") {
    const Tokenizer characters = Tokenizer::characters("\nab第");  // 1, 1, 1 and 3 bytes
    const Batch documents =
        document_batch({characters.encode("a第\n"), characters.encode("b\n")}, 0);
    CHECK(target_bytes({documents}, characters) == 7);
    CHECK(target_bytes({documents, documents}, characters) == 14);
    CHECK(target_bytes({}, characters) == 0);
    // Bytes, "ab", "abab" and a special token.
    const Tokenizer bpe = Tokenizer::bpe(Bpe({{97, 98}, {256, 256}}, Bpe::Split::gpt2, {"<end>"}));
    const Batch batch{Tokens({1, 5}, std::vector<int>(5, 257)),
                      Tokens({1, 5}, {97, 256, 257, 258, -1})};
    CHECK(target_bytes({batch}, bpe) == 1 + 2 + 4);
}

TEST_CASE("bits per byte: the same information in another unit, whatever the tokens") {
    // Of 5 bytes, "第ab", told apart by 12 bits: as 3 characters, 5 bytes or 2 tokens.
    const double nats = 12 * std::log(2.0);
    for (const Index tokens : {3, 5, 2})
        CHECK(bits_per_byte(nats / double(tokens), tokens, 5) == doctest::Approx(12.0 / 5));
    CHECK(bits_per_byte(std::log(256.0), 100, 100) == doctest::Approx(8));  // uniform over bytes
    CHECK(bits_per_byte(0, 100, 100) == 0);
    CHECK_THROWS_WITH(bits_per_byte(1, 5, 0), "bits_per_byte: 5 tokens of 0 bytes");
}

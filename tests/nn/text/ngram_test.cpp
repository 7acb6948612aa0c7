// SPDX-License-Identifier: MIT
// N-gram models: counts made by hand, real names, and the floor that no honest model goes below.
#include "nn/text/ngram.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "nn/files/datasets/text_file.h"
#include "tests/nn/small_gpt.h"

using namespace gradus;

namespace {

// The documents concatenated, each preceded by the token that ends documents.
std::vector<int> running_text(const Stories& stories, int documents, Stream stream) {
    std::vector<int> text = {stories.start()};
    for (int i = 0; i < documents; ++i)
        for (const int id : stories.vocabulary().encode(
                 stories.source().document(1, static_cast<std::uint64_t>(i), stream)))
            text.push_back(id);
    return text;
}

}  // namespace

TEST_CASE("a bigram's probabilities are the counted shares") {
    NgramModel model(2, 3);
    model.count({0, 1, 0, 1, 2, 0, 2});  // 01 10 01 12 20 02
    CHECK(model.probability({0}, 1) == doctest::Approx(2.0 / 3));
    CHECK(model.probability({0}, 2) == doctest::Approx(1.0 / 3));
    CHECK(model.probability({0}, 0) == 0);
    CHECK(model.probability({1}, 0) == 0.5);
    CHECK(model.probability({1}, 2) == 0.5);
    CHECK(model.probability({2}, 0) == 1);
    CHECK(model.probability({1, 1, 2}, 0) == 1);  // only the last token counts
    CHECK(model.loss({0, 1, 2}) == doctest::Approx(-(std::log(2.0 / 3) + std::log(0.5)) / 2));
    CHECK(model.loss({0, 0}) == std::numeric_limits<double>::infinity());
}

TEST_CASE("an added count makes nothing impossible and every distribution sum to one") {
    NgramModel model(3, 4, 0.5);
    model.count({0, 1, 2, 3, 0, 1, 3, 3, 0, 1, 2});
    CHECK(model.probability({0, 1}, 2) == doctest::Approx((2 + 0.5) / (3 + 2)));
    CHECK(model.probability({0, 1}, 0) == doctest::Approx(0.5 / 5));
    CHECK(model.probability({2, 2}, 0) == doctest::Approx(0.25));  // never seen: uniform
    for (int a = 0; a < 4; ++a)
        for (int b = 0; b < 4; ++b) {
            double sum = 0;
            for (int c = 0; c < 4; ++c) sum += model.probability({a, b}, c);
            CHECK(sum == doctest::Approx(1));
        }
}

TEST_CASE("a unigram's loss on its own text is the entropy of the counts") {
    NgramModel model(1, 2);
    model.count({0, 0, 0, 1});
    const double entropy = -(0.75 * std::log(0.75) + 0.25 * std::log(0.25));
    CHECK(model.loss({0, 0, 0, 1}) == doctest::Approx(entropy));
    CHECK(model.probability({}, 1) == 0.25);
}

TEST_CASE("texts counted one after the other add up, without a pair across the seam") {
    NgramModel model(2, 2);
    model.count({0, 1});
    model.count({0, 1});
    CHECK(model.probability({0}, 1) == 1);
    CHECK(model.probability({1}, 0) == 0);
    model.count({1});  // too short for a pair: nothing
    CHECK(model.probability({0}, 1) == 1);
}

TEST_CASE("an impossible n-gram model is refused") {
    CHECK_THROWS_WITH_AS(NgramModel(0, 5), "ngram: order 0, must be 1 to 8", std::invalid_argument);
    CHECK_THROWS_AS(NgramModel(9, 5), std::invalid_argument);
    CHECK_THROWS_AS(NgramModel(2, 0), std::invalid_argument);
    CHECK_THROWS_AS(NgramModel(2, 5, -1), std::invalid_argument);
    CHECK_THROWS_AS(NgramModel(8, 1000), std::invalid_argument);  // 1000^8 > 2^63
    NgramModel model(3, 5);
    CHECK_THROWS_WITH_AS(model.count({1, 2, 5}), "ngram: token 5 is outside the vocabulary of 5",
                         std::invalid_argument);
    CHECK_THROWS_AS(model.loss({1, 2}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(model.probability({1}, 2), "ngram: 1 tokens of context, order 3 needs 2",
                         std::invalid_argument);
}

TEST_CASE("longer contexts predict better, and none gets below the floor of the stories") {
    const Stories stories("tales-zh");
    const double floor = stories.source().floor();
    const std::vector<int> train = running_text(stories, 3000, Stream::data),
                           held_out = running_text(stories, 300, Stream::validation);
    double before = std::log(static_cast<double>(stories.vocabulary().size()));
    for (int order = 1; order <= 4; ++order) {
        CAPTURE(order);
        NgramModel model(order, stories.vocabulary().size(), 0.01);
        model.count(train);
        const double loss = model.loss(held_out);
        CHECK(loss < before);
        // 300 stories determine the mean to about 0.002.
        CHECK(loss > floor - 0.006);
        before = loss;
    }
}

TEST_CASE("a bigram model of 32,033 names costs 2.4540 nats per letter") {
    const char* data = std::getenv("GRADUS_DATA");
    if (!data || !*data) {
        MESSAGE("GRADUS_DATA is unset or empty: a folder with names.txt is needed");
        return;
    }
    // As in Karpathy's makemore: every name begins and ends with the same token.
    std::string text = read_text_file(std::string(data) + "/names.txt");
    if (text.back() != '\n') text += '\n';
    text = '\n' + text;
    const Tokenizer vocabulary = Tokenizer::characters(text);
    CHECK(vocabulary.size() == 27);
    NgramModel model(2, vocabulary.size());
    const std::vector<int> ids = vocabulary.encode(text);
    model.count(ids);
    CHECK(std::round(model.loss(ids) * 1e4) / 1e4 == doctest::Approx(2.4540).epsilon(1e-9));
}

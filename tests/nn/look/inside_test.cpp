// SPDX-License-Identifier: MIT
#include "nn/look/inside.h"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/look/page.h"
#include "nn/look/terminal.h"
#include "nn/loss.h"
#include "nn/text/display_width.h"
#include "tests/nn/small_gpt.h"
#include "tests/text.h"

using namespace gradus;

namespace {

const GptConfig kLooked{.layers = 2, .heads = 2, .width = 8, .context = 12, .vocabulary = 7};

Gpt loud_gpt(std::uint64_t seed) {
    Gpt model(kLooked, seed);
    amplify(model, 20);
    return model;
}

}  // namespace

TEST_CASE("attention rows sum to one and never look ahead") {
    const auto views = look_inside(loud_gpt(1), {1, 5, 2, 2, 6, 0, 3});
    REQUIRE(views.size() == 2);
    bool uneven = false;
    for (const auto& view : views) {
        REQUIRE(view.attention.shape() == Shape{2, 7, 7});
        for (Index h = 0; h < 2; ++h) {
            for (Index t = 0; t < 7; ++t) {
                double sum = 0;
                for (Index s = 0; s < 7; ++s) {
                    const double p = view.attention[(h * 7 + t) * 7 + s];
                    if (s > t) CHECK(p == 0);
                    uneven = uneven || std::abs(p - 1.0 / static_cast<double>(t + 1)) > 0.1;
                    sum += p;
                }
                CHECK(sum == doctest::Approx(1));
            }
        }
    }
    CHECK(uneven);
}

TEST_CASE("the probabilities shown are those that the fast kernel gathers values with") {
    const Gpt model = loud_gpt(2);
    const std::vector<int> ids = {0, 1, 2, 3, 4, 5, 6};
    const Index T = 7, C = 8, HS = 4;
    const auto views = look_inside(model, ids);
    const Block& block = model.blocks[0];
    const Tensor qkv = block.attention.qkv(block.norm1(model.embed(Tokens({1, T}, ids)))).value();
    const Tensor y = attention(Variable(qkv), {.heads = 2}).value();  // (1, T, C)
    for (Index t = 0; t < T; ++t) {
        for (Index c = 0; c < C; ++c) {
            double sum = 0;
            for (Index s = 0; s <= t; ++s)
                sum += double(views[0].attention[(c / HS * T + t) * T + s]) *
                       double(qkv[s * 3 * C + 2 * C + c]);
            CHECK(double(y[t * C + c]) == doctest::Approx(sum).epsilon(1e-4));
        }
    }
}

TEST_CASE("the last lens gives the model's probabilities, an earlier one does not") {
    const Gpt model = loud_gpt(3);
    const std::vector<int> ids = {3, 1, 4, 1, 5};
    const auto views = look_inside(model, ids);
    const Tensor logits = model(Tokens({1, 5}, ids)).value();  // (1, T, V)
    double farthest = 0;
    for (Index t = 0; t < 5; ++t) {
        double denominator = 0;
        for (Index v = 0; v < 7; ++v) denominator += std::exp(double(logits[t * 7 + v]));
        for (Index v = 0; v < 7; ++v) {
            const double p = std::exp(double(logits[t * 7 + v])) / denominator;
            CHECK(double(views[1].lens.at(t, v)) == doctest::Approx(p).epsilon(1e-4));
            farthest = std::max(farthest, std::abs(double(views[0].lens.at(t, v)) - p));
        }
    }
    CHECK(farthest > 0.01);
}

TEST_CASE("the mean surprisal is the loss") {
    const Gpt model = loud_gpt(4);
    const std::vector<int> ids = {3, 1, 4, 1, 5, 0};
    double mean = 0;
    for (const double nats : surprisal(look_inside(model, ids), ids)) mean += nats / 5;
    const Variable logits = model(Tokens({1, 5}, {3, 1, 4, 1, 5}));
    const double loss = double(cross_entropy(logits, Tokens({1, 5}, {1, 4, 1, 5, 0})).item());
    CHECK(mean == doctest::Approx(loss).epsilon(1e-4));
}

TEST_CASE(
    "a text that is too long, empty, outside the vocabulary or of another length is refused") {
    const Gpt model(kLooked, 1);
    CHECK_THROWS_AS(look_inside(model, std::vector<int>(13, 1)), std::invalid_argument);
    CHECK_THROWS_AS(look_inside(model, {}), std::invalid_argument);
    CHECK_THROWS_AS(look_inside(model, {7}), std::invalid_argument);
    CHECK_THROWS_WITH(surprisal(look_inside(model, {1, 2, 3}), {1, 2}),
                      "surprisal: 2 tokens, but the views cover 3");
    CHECK_THROWS_AS(surprisal({}, {1}), std::invalid_argument);
}

TEST_CASE("the stream after the last block is what the output layer reads") {
    const Gpt model = loud_gpt(5);
    const std::vector<int> ids = {3, 1, 4};
    const auto views = look_inside(model, ids);
    REQUIRE(views[1].stream.shape() == Shape{3, 8});
    double squares = 0;
    for (Index i = 0; i < 24; ++i) squares += std::pow(double(views[1].stream[i]), 2) / 24;
    CHECK(views[1].norm == doctest::Approx(std::sqrt(squares)));
    const Tensor logits = model.token.logits(model.norm(Variable(views[1].stream))).value();
    const Tensor direct = model(Tokens({1, 3}, ids)).value();
    for (Index i = 0; i < logits.count(); ++i)
        CHECK(double(logits[i]) == doctest::Approx(double(direct[i])).epsilon(1e-4));
}

TEST_CASE("the most likely tokens come first, and no more than there are") {
    const Tensor p = Tensor::matrix({{0.2, 0.5, 0.3}, {0.6, 0.1, 0.3}});
    CHECK(likeliest(p, 0, 2) == std::vector<int>{1, 2});
    CHECK(likeliest(p, 1, 9) == std::vector<int>{0, 2, 1});
}

TEST_CASE("blanks and bytes have labels that can be seen") {
    const Tokenizer characters = Tokenizer::characters("\n a世");
    const auto label = [&](int id, bool unicode) { return token_label(characters, id, unicode); };
    CHECK(label(0, true) == "↵");
    CHECK(label(0, false) == "\\n");
    CHECK(label(1, true) == "␣");
    CHECK(label(1, false) == "_");
    CHECK(label(2, true) == "a");
    CHECK(label(3, true) == "世");
    CHECK(label(3, false) == "?");
    CHECK(token_label(Tokenizer::bytes(), 0xE4, true) == "e4");
    const Tokenizer bpe =
        Tokenizer::bpe(Bpe({}, Split::gpt2, {" \xE2\x80", "a\n\nb", " é", "\tx"}));
    CHECK(token_label(bpe, 256, true) == " \\xe2\\x80");
    CHECK(token_label(bpe, 257, true) == "a↵↵b");
    CHECK(token_label(bpe, 257, false) == "a\\n\\nb");
    CHECK(token_label(bpe, 258, false) == " ?");
    CHECK(token_label(bpe, 259, true) == "\\tx");
}

TEST_CASE("the principal plane of points in a plane is that plane, larger part first") {
    // Rows c + 3 a u + b w with orthogonal u, w of length 1: all differences lie in two directions.
    const std::vector<double> u = {0.6, 0, 0.8, 0}, w = {0, 1, 0, 0};
    const std::vector<std::pair<double, double>> places = {{1, 1},   {1, -1}, {-1, 1},
                                                           {-1, -1}, {2, 0},  {-2, 0}};
    const Tensor table({6, 4});
    for (Index i = 0; i < 6; ++i)
        for (Index c = 0; c < 4; ++c) {
            const auto [a, b] = places[static_cast<std::size_t>(i)];
            const auto at = static_cast<std::size_t>(c);
            table[i * 4 + c] = static_cast<Real>(7 + 3 * a * u[at] + b * w[at]);
        }
    const Plane plane = principal_plane(table);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(plane.x[i] == doctest::Approx(3 * places[i].first).epsilon(1e-5));
        CHECK(plane.y[i] == doctest::Approx(places[i].second).epsilon(1e-5));
    }
    CHECK(plane.x_share == doctest::Approx(108.0 / 112).epsilon(1e-5));
    CHECK(plane.y_share == doctest::Approx(4.0 / 112).epsilon(1e-5));
    const Plane again = principal_plane(table);
    CHECK(again.x == plane.x);
    CHECK(again.y == plane.y);
}

TEST_CASE(
    "the principal plane of one row is a point, and that of rows in a line has one direction") {
    const Tensor one({1, 3});
    CHECK(principal_plane(one).x == std::vector<double>{0});
    CHECK(principal_plane(one).x_share == 0);
    // Along one line: nothing is left for the second direction.
    const Tensor line = Tensor::matrix({{0, 0}, {1, 1}, {2, 2}});
    const Plane plane = principal_plane(line);
    CHECK(plane.x_share == doctest::Approx(1));
    CHECK(plane.y_share < 1e-12);
    CHECK_THROWS_AS(principal_plane(Tensor({3})), std::invalid_argument);
}

TEST_CASE("the pictures of a look hold what was seen") {
    const Gpt model = loud_gpt(6);
    const Tokenizer vocabulary = Tokenizer::characters("\n AaBb.");
    const Reading reading = read_text(model, vocabulary, {0, 3, 5, 1, 2}, true);
    CHECK(reading.label_at(0) == "↵");

    const BarChart bars = next_bars(reading, 3);
    CHECK(bars.labels.size() == 3);
    CHECK(bars.values[0] >= bars.values[1]);

    const HeatMaps maps = attention_maps(reading, 1, 3);
    CHECK(maps.caption.title == "Attention: layer 2");
    REQUIRE(maps.maps.size() == 2);
    CHECK(maps.maps[1].name == "head 2");
    CHECK(maps.row_labels.size() == 3);
    CHECK(maps.row_labels[1] == "␣");
    // Row t = 3, column s = 2 of head 1 is row 1, column 0 of the last three.
    CHECK(maps.maps[1].values[3] == double(reading.views[1].attention[(5 + 3) * 5 + 2]));
    CHECK(attention_maps(reading, 99).maps.size() == 4);
    CHECK(attention_maps(reading, 99).maps[3].name == "layer 2, head 2");

    const HeatMap lens = lens_map(reading);
    CHECK(lens.row_labels == std::vector<std::string>{"2", "1"});
    CHECK(lens.values[1] == double(reading.views[1].lens.at(1, 5)));
    CHECK(lens.values[4] == double(reading.views[0].lens.at(0, 3)));

    const Histograms histograms = stream_histograms(reading);
    REQUIRE(histograms.rows.size() == 2);
    double counted = histograms.rows[0].outside;
    for (const double count : histograms.rows[0].counts) counted += count;
    CHECK(counted == 5 * 8);

    const Scatter plane = embedding_plane(model, vocabulary, true);
    std::size_t points = 0;
    for (const auto& group : plane.groups) points += group.labels.size();
    CHECK(points == 7);
    CHECK(plane.groups[0].labels == std::vector<std::string>{"a"});
}

TEST_CASE("the page of a look is whole, escaped, and light also for a long text") {
    const GptConfig large{.layers = 6, .heads = 6, .width = 24, .context = 256, .vocabulary = 7};
    Gpt model(large, 1);
    amplify(model, 20);
    const Tokenizer characters = Tokenizer::characters("\n <a&b.");
    std::vector<int> ids;
    for (int i = 0; i < 256; ++i) ids.push_back(i * i % 7);
    const std::string page = look_html("a <run>", {{"data", "tales"}}, model, characters,
                                       read_text(model, characters, ids, true));
    CAPTURE(page.size());
    CHECK(page.size() < 300'000);
    for (const char* part :
         {"A look inside a &lt;run&gt;", "Surprisal of each", "Next-token", "logit lens",
          "Attention: layer 6", "layer by layer", "treats alike", "of 256 positions"})
        CHECK(contains(page, part));
    for (const char* part : {"<script", "src=", "href=", "<run>"})
        CHECK_FALSE(contains(page, part));
    // One token: it has no surprisal, and no position before it.
    CHECK(contains(look_html("x", {}, model, characters, read_text(model, characters, {0}, true)),
                   "nothing came before it"));
}

TEST_CASE("a look in a terminal fits its width, says every caption once, and is plain if asked") {
    const GptConfig config{.layers = 2, .heads = 2, .width = 8, .context = 32, .vocabulary = 7};
    Gpt model(config, 1);
    const Tokenizer characters = Tokenizer::characters("\n <a&b.");
    std::vector<int> ids;
    for (int i = 0; i < 30; ++i) ids.push_back(i * i % 7);
    const Scatter plane = embedding_plane(model, characters, false);
    for (const int columns : {30, 80}) {
        const TextStyle style{.columns = columns, .unicode = false};
        const std::string text = look_text(read_text(model, characters, ids, false), plane, style);
        CAPTURE(text);
        CHECK(is_ascii(text));
        CHECK_FALSE(contains(text, "\x1b"));
        for (const auto& line : lines_of(text)) CHECK(display_width(line) <= columns);
        CHECK(count_of(text, "When something") == 6);
        if (columns == 80)  // where no title wraps
            for (const char* part :
                 {"Surprisal of each token\n", "token probabilities\n", "last (logit lens)\n",
                  "Attention: layer 1\n", "layer by layer\n", "treats alike\n"})
                CHECK(count_of(text, part) == 1);
    }
    CHECK(contains(look_text(read_text(model, characters, {0}, false), plane, {.unicode = false}),
                   "nothing came before it"));
}

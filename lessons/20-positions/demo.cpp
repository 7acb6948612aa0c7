// SPDX-License-Identifier: MIT
#include <cmath>

#include "lessons/16-attention/yours.h"
#include "lessons/check/compare.h"
#include "lessons/check/demo.h"

namespace gradus::lesson_20 {
namespace {

using Numbers = std::vector<Real>;

enum class Positions { none, learned, rotary };

constexpr Index kHS = 4;     // numbers per place
constexpr Real kBase = 100;  // the second pair is ten times slower than the first

// Each row of x turned by the angles of its position; the first is at position `first`.
Numbers turned(const Numbers& x, Index first = 0, Index HS = kHS, Real base = kBase) {
    const Index T = std::ssize(x) / HS, from = first * (HS / 2);
    Numbers cosine(static_cast<std::size_t>((first + T) * (HS / 2))), sine(cosine.size()),
        y(x.size());
    part().rotary_tables(cosine.data(), sine.data(), first + T, HS, base);
    part().rotary_forward(y.data(), x.data(), cosine.data() + from, sine.data() + from, T, HS);
    return y;
}

// The learned positions, before anything has been learned: random numbers.
Numbers with_learned(const Numbers& x) {
    const Index T = std::ssize(x) / kHS;
    Numbers table = lessons::normal_numbers(6, 16 * kHS);
    for (Real& number : table) number /= 2;
    return part()
        .add_positions(Tensor::from({1, T, kHS}, x), Tensor::from({16, kHS}, table), 0)
        .value()
        .to_vector();
}

struct Head {
    Numbers q, k, v;
};

// A head in which each place is its own query, key and value, but for its position.
Head head(const Numbers& x, Positions positions) {
    if (positions == Positions::learned) {
        const Numbers y = with_learned(x);
        return {y, y, y};
    }
    if (positions == Positions::rotary) return {turned(x), turned(x), x};
    return {x, x, x};
}

const std::vector<std::pair<const char*, Positions>> kAll = {
    {"none", Positions::none}, {"learned", Positions::learned}, {"rotary", Positions::rotary}};

// The weight that bites gives to dog in "dog bites man" or in "man bites dog".
template <class MakeHead>
double looks_at_dog(bool man_first, MakeHead make_head) {
    const Numbers dog = {2, 0, 1, 0}, bites = {1, 1, 0, 1}, man = {0, 1, 1, -1};
    Numbers x, y(12), p(9);
    for (const Numbers* word : {man_first ? &man : &dog, &bites, man_first ? &dog : &man})
        x.insert(x.end(), word->begin(), word->end());
    const Head h = make_head(x);
    your_attention(y.data(), p.data(), h.q.data(), h.k.data(), h.v.data(), 3, 3, kHS, kHS);
    return static_cast<double>(p[man_first ? 5 : 3]);
}

void order(Stage& stage) {
    stage.say("How much bites looks at dog, in two sentences:");
    stage.print("positions   dog bites man  man bites dog");
    for (const auto& [name, positions] : kAll) {
        const auto make = [chosen = positions](const Numbers& x) { return head(x, chosen); };
        stage.print(fmt::format("{:9}{:15.3f}{:15.3f}", name, looks_at_dog(false, make),
                                looks_at_dog(true, make)));
    }
    stage.print("");
}

void turning(Stage& stage) {
    Scatter picture;
    picture.caption = {"One vector, at positions 0 to 7",
                       "its first pair, 0 to 7, takes big steps round the circle, a radian each. "
                       "Its second, from a to h, takes small ones. Both begin on the right and go "
                       "counter-clockwise.",
                       "the points of a pair are not equally far from the middle: a sign is wrong, "
                       "or y was read where x was meant."};
    picture.x = {"first number of the pair"}, picture.y = {"second number"};
    Numbers x;
    for (int t = 0; t < 8; ++t) x.insert(x.end(), {1, 0, 0.5, 0});
    const Numbers y = turned(x);
    for (const std::size_t pair : {0, 1}) {
        PointGroup group;
        group.name = pair == 0 ? "pair 0, fast" : "pair 1, slow";
        for (std::size_t t = 0; t < 8; ++t) {
            group.x.push_back(static_cast<double>(y[t * kHS + 2 * pair]));
            group.y.push_back(static_cast<double>(y[t * kHS + 2 * pair + 1]));
            // Letters, so that the pairs can be told apart without colour; and only the first and
            // the last, as those between would not fit beside each other.
            group.labels.push_back(pair == 0 ? std::to_string(t)
                                   : t == 0  ? "a"
                                   : t == 7  ? "h"
                                             : "");
        }
        picture.groups.push_back(group);
    }
    stage.show("turning", picture);
}

void distances(Stage& stage) {
    stage.say("The score of the point (1, 0) with itself, at two positions:");
    stage.print("query at   key at    score");
    for (const auto& [i, j] : {std::pair<Index, Index>{2, 0}, {5, 3}, {12, 10}, {12, 3}}) {
        const Numbers q = turned({1, 0}, i, 2), k = turned({1, 0}, j, 2);
        stage.print(fmt::format("{:5}{:10}{:13.4f}", i, j, q[0] * k[0] + q[1] * k[1]));
    }
    stage.print("");
}

const Numbers kWord = {1, 0, 0.8, 0};  // that stands at all places

void maps(Stage& stage) {
    const Index T = 10;
    HeatMaps picture;
    picture.caption = {
        "Scores of a repeated word",
        "the same word stands at all places; a row looks at a column. Without "
        "positions all scores are equal. With learned ones "
        "each pair of places has a score of its own. With rotary ones every diagonal "
        "has one colour: the score depends on the distance.",
        "stripes that are not diagonal in the last one: a query and a key are not "
        "turned by the same rule."};
    picture.row_axis = "looks", picture.column_axis = "is looked at";
    for (Index t = 0; t < T; ++t) {
        picture.row_labels.push_back(std::to_string(t));
        picture.column_labels.push_back(std::to_string(t));
    }
    picture.low = -1, picture.high = 1.75;
    for (const auto& [name, positions] : kAll) {
        Numbers x, s(static_cast<std::size_t>(T * T));
        for (Index t = 0; t < T; ++t) x.insert(x.end(), kWord.begin(), kWord.end());
        const Head h = head(x, positions);
        your_attention_scores(s.data(), h.q.data(), h.k.data(), T, T, kHS);
        picture.maps.push_back({name, {s.begin(), s.end()}});
    }
    stage.show("distances", picture);
}

const Demo demo([](Stage& stage) {
    order(stage);
    turning(stage);
    distances(stage);
    maps(stage);
});

const WorkedNumbers numbers([] {
    fmt::print("cos and sin of 1, 0.1, 2, 0.2:");
    for (const double angle : {1.0, 0.1, 2.0, 0.2})
        fmt::print(" {:.4f} {:.4f}", std::cos(angle), std::sin(angle));
    const double turn = 8 * std::atan(1.0), slowest = std::pow(10000.0, -62.0 / 64);
    fmt::print("\na full turn: {:.4f}; 44 of them: {:.2f} rounds\n", turn, 44 / turn);
    fmt::print("the slowest of 32 pairs: {:.6f}, round after {:.0f} positions\n", slowest,
               turn / slowest);
    fmt::print("cos 0.6, sin 0.8: angle {:.4f}, and {:.1f} {:.1f}\n", std::acos(0.6),
               10 * 0.6 - 5 * 0.8, 10 * 0.8 + 5 * 0.6);
    const auto query_only = [](const Numbers& x) { return Head{turned(x), x, x}; };
    fmt::print("only the query turned: {:.3f} {:.3f}\n", looks_at_dog(false, query_only),
               looks_at_dog(true, query_only));
    for (const Real base : {Real(1), kBase}) {
        fmt::print("base {}, the score at distance 0, 3, 6, 9:", base);
        for (const Index far : {0, 3, 6, 9}) {
            const Numbers q = turned(kWord, far, kHS, base), k = turned(kWord, 0, kHS, base);
            double score = 0;
            for (std::size_t i = 0; i < q.size(); ++i) score += static_cast<double>(q[i] * k[i]);
            fmt::print(" {:.2f}", score / std::sqrt(double(kHS)));
        }
        fmt::print("\n");
    }
    fmt::print("section 3.5; the pairs of the picture: 1.0 0.0, {:.1f} {:.1f}\n", 0.5, 0.0);
});

}  // namespace
}  // namespace gradus::lesson_20

// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>

#include "tensor/random.h"

namespace gradus::lesson_17 {
namespace {

std::vector<std::string> labels(const std::string& letters) {
    std::vector<std::string> list;
    for (const char c : letters) list.emplace_back(1, c);
    return list;
}

// What a head makes of queries, keys and values: y (T, VS) and p (T, T).
struct Seen {
    Tensor y, p;
};

// Lesson 16's: every place sees all.
Seen peeking(const Tensor& q, const Tensor& k, const Tensor& v) {
    const Index T = q.size(0), HS = q.size(1), VS = v.size(1);
    const Seen seen{Tensor({T, VS}), Tensor({T, T})};
    std::vector<Real> s(static_cast<std::size_t>(T * T));
    attention_scores(s.data(), q.data(), k.data(), T, T, HS);
    softmax_forward(seen.p.data(), s.data(), T, T);
    mix(seen.y.data(), seen.p.data(), v.data(), T, T, VS);
    return seen;
}

Seen causal(const Tensor& q, const Tensor& k, const Tensor& v) {
    const Index T = q.size(0), HS = q.size(1), VS = v.size(1);
    const Seen seen{Tensor({T, VS}), Tensor({T, T})};
    part().causal_attention(seen.y.data(), seen.p.data(), q.data(), k.data(), v.data(), T, HS, VS);
    return seen;
}

using Attention = Seen (*)(const Tensor& q, const Tensor& k, const Tensor& v);

// Letters of `kinds` as a 1 among zeros, times a factor.
Tensor one_hot(const std::string& word, const std::string& kinds, Real factor = 1) {
    const Tensor x({std::ssize(word), std::ssize(kinds)});
    for (Index t = 0; t < x.size(0); ++t)
        x.at(t, static_cast<Index>(kinds.find(word[static_cast<std::size_t>(t)]))) = factor;
    return x;
}

// The score of a match, once divided by the root of the head size; all others are 0.
Real sure(Index HS) {
    return 60 * std::sqrt(static_cast<Real>(HS));
}

// The weights; those of later places are given a minus, for a colour of their own.
HeatMap triangle(const std::string& word, const Tensor& p) {
    HeatMap picture;
    picture.row_axis = "looks", picture.column_axis = "is looked at";
    picture.row_labels = picture.column_labels = labels(word);
    picture.low = -1, picture.around_zero = true;
    const Index T = p.size(0);
    for (Index i = 0; i < T; ++i)
        for (Index j = 0; j < T; ++j) {
            const double weight = std::round(static_cast<double>(p.at(i, j)) * 100) / 100;
            picture.values.push_back(j > i && weight != 0 ? -weight : weight);
        }
    return picture;
}

void triangles(Stage& stage) {
    const std::string word = "banana", kinds = "abn";
    const Tensor k = one_hot(word, kinds), q = one_hot(word, kinds, sure(k.size(1)));
    HeatMap before = triangle(word, peeking(q, k, k).p), after = triangle(word, causal(q, k, k).p);
    before.caption = {
        "Lesson 16: each letter looks for its own kind",
        "right of the diagonal is the leak, blue where there are colours: weight that goes to "
        "later places. The first a takes two thirds from letters that are still to come.",
        "nothing stands right of the diagonal: the attention_scores or the mix of lesson 16 are "
        "other ones than those that passed."};
    after.caption = {
        "The same with your mask",
        "right of the diagonal nothing is left, and its weight has gone to the past: each row "
        "still adds up to 1. The first a has 1, the second two halves, the third three thirds.",
        "something is left right of the diagonal: a leak. Or the diagonal is empty: a place does "
        "not see itself."};
    stage.say(
        "A head that looks for its own kind, on banana. Row i is place i: what it sees of the "
        "future stands right of the diagonal.");
    stage.show("peeking", before);
    stage.show("masked", after);
}

// A head by hand that cheats: place i looks for place i + 1 and copies its letter. What it predicts
// after each place but the last.
struct Tally {
    int right = 0;  // with more than half of the probability
    double sure = 0;

    void add(const Tensor& y, Index row, Index wanted) {
        right += y.at(row, wanted) > Real(0.5);
        sure += static_cast<double>(y.at(row, wanted));
    }
};

struct Cheat {
    std::string word, kinds;
    Tensor q, k, v;

    Cheat(const std::string& text, const std::string& letters)
        : word(text),
          kinds(letters),
          q({std::ssize(text), std::ssize(text)}),
          k(q.clone()),
          v(one_hot(text, letters)) {
        const Index T = q.size(0);
        for (Index t = 0; t < T; ++t) k.at(t, t) = 1;
        for (Index t = 0; t + 1 < T; ++t) q.at(t, t + 1) = sure(T);
    }
    Index after(Index t) const {
        return static_cast<Index>(kinds.find(word[static_cast<std::size_t>(t + 1)]));
    }
    // All predictions from one pass over the whole text.
    Tally whole(Attention attention) const {
        Tally tally;
        const Tensor y = attention(q, k, v).y;
        for (Index t = 0; t + 1 < q.size(0); ++t) tally.add(y, t, after(t));
        return tally;
    }
    // As in writing: a pass for each letter, over what is there by then.
    Tally letter_by_letter(Attention attention) const {
        Tally tally;
        for (Index t = 0; t + 1 < q.size(0); ++t)
            tally.add(attention(q.slice(0, t + 1), k.slice(0, t + 1), v.slice(0, t + 1)).y, t,
                      after(t));
        return tally;
    }
};

void cheat(Stage& stage) {
    const Cheat head("banana.", "abn.");
    stage.say(
        "A head that cheats: each place looks for the next one and copies its letter. Its "
        "predictions for banana and the dot after it:");
    stage.print("                       right   sure");
    const auto line = [&](const char* name, const Tally& tally) {
        stage.print(fmt::format("{:<23} {}/6  {:.3f}", name, tally.right, tally.sure / 6));
    };
    line("no mask, whole text", head.whole(peeking));
    line("no mask, writing", head.letter_by_letter(peeking));
    line("your mask, whole text", head.whole(causal));
    line("your mask, writing", head.letter_by_letter(causal));
    stage.print("");
}

// --- layers for first_leak ---

Tensor attention_of(Attention attention, const Tensor& x) {
    return attention(x, x, x).y;
}

// The mean of the places t - 1, t and t + 1.
Tensor average_around(const Tensor& x) {
    const Index T = x.size(0), C = x.size(1);
    const Tensor y({T, C});
    for (Index t = 0; t < T; ++t) {
        const Index first = std::max<Index>(0, t - 1), last = std::min(T - 1, t + 1);
        for (Index u = first; u <= last; ++u)
            for (Index c = 0; c < C; ++c)
                y.at(t, c) += x.at(u, c) / static_cast<Real>(last - first + 1);
    }
    return y;
}

// Each number by the standard deviation of all numbers of the text.
Tensor whole_text_norm(const Tensor& x) {
    Real square = 0;
    for (Index i = 0; i < x.count(); ++i) square += x[i] * x[i];
    const Tensor y = x.clone();
    for (Index i = 0; i < y.count(); ++i) y[i] /= std::sqrt(square / static_cast<Real>(x.count()));
    return y;
}

// A mask that was made once, for 40 places: later queries are not masked.
Tensor short_mask(const Tensor& x) {
    const Tensor seen = causal(x, x, x).y, all = peeking(x, x, x).y;
    const Tensor y = all.clone();
    for (Index i = 0; i < std::min<Index>(40, x.size(0)) * x.size(1); ++i) y[i] = seen[i];
    return y;
}

void leaks(Stage& stage) {
    const Tensor x = Tensor::normal({64, 4}, 1, 1);
    const Index T = x.size(0), C = x.size(1);
    stage.say(
        "Your first_leak, on layers of 64 places. The second number says by how much that place "
        "moves when all that comes after it changes:");
    stage.print("layer                   leak    moves");
    for (const auto& [name, layer] : std::vector<std::pair<const char*, AnyLayer>>{
             {"attention, lesson 16", [](const Tensor& t) { return attention_of(peeking, t); }},
             {"with your mask", [](const Tensor& t) { return attention_of(causal, t); }},
             {"mean of 3 around", average_around},
             {"mask for 40 places", short_mask},
             {"norm of whole text", whole_text_norm}}) {
        const Index leak = part().first_leak(layer, x);
        if (leak < 0 || leak >= T) {
            stage.print(fmt::format("{:<23} none", name));
            continue;
        }
        const Tensor other = x.clone(), y = layer(x);
        for (Index i = (leak + 1) * C; i < T * C; ++i) other[i] += std::sin(static_cast<Real>(i));
        const Tensor z = layer(other);
        double moves = 0;
        for (Index c = 0; c < C; ++c)
            moves = std::max(moves, std::abs(static_cast<double>(z.at(leak, c) - y.at(leak, c))));
        stage.print(fmt::format("{:<23} {:4}  {:7.1g}", name, leak, moves));
    }
}

const Demo demo([](Stage& stage) {
    triangles(stage);
    cheat(stage);
    leaks(stage);
});

const WorkedNumbers numbers([] {
    print_row("without the mask", softmax_of({1, 0, 3}));
    const auto p = softmax_of({2, 0});
    print_row("row 1", p);
    fmt::print("y: {:.3f} {:.3f}\n", 10 * p[0], 10 * p[1]);
    print_row("with 0 for infinity", softmax_of({1, 0, 0}));
    print_row("sin",
              {std::sin(1), std::sin(2), 2 + std::sin(1), 4 + std::sin(2), 1 + 2 + std::sin(1)});
    fmt::print("{:.2f} {:.2f} {:.2f} {:.2f} {:.2f}\n", std::sin(1), std::sin(2), 2 + std::sin(1),
               4 + std::sin(2), 3 + std::sin(1));
});

}  // namespace
}  // namespace gradus::lesson_17

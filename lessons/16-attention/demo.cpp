// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>

#include "lessons/16-attention/induction.h"
#include "tensor/random.h"

namespace gradus::lesson_16 {
namespace {

std::vector<std::string> labels(const std::string& letters) {
    std::vector<std::string> list;
    for (const char c : letters) list.emplace_back(1, c);
    return list;
}

// '.' is 0, a to z are 1 to 26.
constexpr Index kLetters = 27;
std::vector<int> ids(const std::string& letters) {
    std::vector<int> list;
    for (const char c : letters) list.push_back(c == '.' ? 0 : c - 'a' + 1);
    return list;
}
char letter_of(Index id) {
    return id == 0 ? '.' : static_cast<char>('a' + id - 1);
}

// The weights of one head, p (Tq, Tk).
Tensor weights(const Tensor& q, const Tensor& k) {
    const Tensor p({q.size(0), k.size(0)}), y({q.size(0), 1}), v({k.size(0), 1});
    part().attention(y.data(), p.data(), q.data(), k.data(), v.data(), q.size(0), k.size(0),
                     q.size(1), 1);
    return p;
}

HeatMap map(const std::string& rows, const std::string& columns, const Tensor& p) {
    HeatMap picture;
    picture.row_axis = "looks", picture.column_axis = "is looked at";
    picture.row_labels = labels(rows), picture.column_labels = labels(columns);
    for (const Real weight : p.to_vector())  // without 8.8e-27 for nothing
        picture.values.push_back(std::round(static_cast<double>(weight) * 100) / 100);
    return picture;
}

void same_letter(Stage& stage) {
    const std::string word = "banana";
    const Tensor x = one_hot(ids(word), kLetters);
    const Tensor q = matmul_forward(x, taking(kLetters, 0, kLetters, sure(kLetters))), k = x;
    HeatMap picture = map(word, word, weights(q, k));
    picture.caption = {"Each letter looks for its own kind",
                       "a row is one place of the word, and says how much it takes from which "
                       "place: an a from all three a, a third from each; the b from itself.",
                       "a row has one colour all over: its scores are all alike."};
    stage.say("A head with weights set by hand, on the word banana:");
    stage.show("same-letter", picture);
}

struct Spread {
    double variance = 0;            // of q k^T
    double divided = 0, plain = 0;  // the largest weight of a query, on average
};

// 1000 queries of unit normal numbers, each with 16 such keys. For `plain`, the learner's scores
// are multiplied by the root again.
Spread spread(Index HS) {
    const Index n = 1000, m = 16;
    const Tensor q = Tensor::normal({n, HS}, 1, 1), k = Tensor::normal({n * m, HS}, 1, 2);
    const Real root = std::sqrt(static_cast<Real>(HS));
    Spread sum;
    std::vector<Real> s(m), p(m);
    const auto largest_weight = [&] {
        softmax_forward(p.data(), s.data(), 1, m);
        return static_cast<double>(*std::max_element(p.begin(), p.end()));
    };
    for (Index i = 0; i < n; ++i) {
        part().attention_scores(s.data(), &q[i * HS], &k[i * m * HS], 1, m, HS);
        sum.divided += largest_weight() / n;
        for (Real& score : s) {
            score *= root;
            sum.variance += static_cast<double>(score * score) / (n * m);
        }
        sum.plain += largest_weight() / n;
    }
    return sum;
}

void root(Stage& stage) {
    LineChart chart;
    chart.caption = {"The largest of 16 weights, on average",
                     "divided by the root, the scores of large heads are spread as those of small "
                     "ones. As they are, the largest weight goes to 1: the head sees a single key, "
                     "and no gradient comes through.",
                     "the lower line rises as well: nothing is divided. It falls: the scores are "
                     "divided by HS and not by its root."};
    chart.x = {"head size HS", true}, chart.y = {"largest weight"};
    chart.lines = {{"divided by the root of HS", {}, {}}, {"as they are", {}, {}}};
    stage.say("Queries and keys of random numbers, 16 keys for each query:");
    stage.print("    variance      largest weight\n HS   of q.k    divided  undivided");
    for (const Index HS : {1, 4, 16, 64, 256}) {
        const Spread found = spread(HS);
        stage.print(fmt::format("{:3}   {:6.1f}    {:7.2f}  {:9.2f}", HS, found.variance,
                                found.divided, found.plain));
        for (auto [line, y] :
             {std::pair(&chart.lines[0], found.divided), std::pair(&chart.lines[1], found.plain)}) {
            line->x.push_back(static_cast<double>(HS));
            line->y.push_back(y);
        }
    }
    stage.print("");
    stage.show("root", chart);
}

struct Tally {
    int right = 0, all = 0;
    double probability = 0;  // of the right letter, added up
};

// Sequences of 8 letters, all different, twice; or followed by 8 others.
Tally completions(bool with_layer_1, bool repeats, Real score = kSure) {
    Tally tally;
    Random random(1);
    for (int sequence = 0; sequence < 20; ++sequence) {
        std::vector<int> letters(26);
        for (int i = 0; i < 26; ++i) letters[static_cast<std::size_t>(i)] = i + 1;
        random.shuffle(letters);
        std::vector<int> first = {0}, second = {0};
        first.insert(first.end(), letters.begin(), letters.begin() + 8);
        const auto from = letters.begin() + (repeats ? 0 : 8);
        second.insert(second.end(), from, from + 8);
        const Tensor next = complete(first, second, kLetters, with_layer_1, score).next;
        for (Index i = 0; i < next.size(0); ++i) {
            const Index wanted = second[static_cast<std::size_t>(i + 1)];
            // Of letters that are equally likely, the last of the alphabet.
            Index best = 0;
            for (Index letter = 0; letter < kLetters; ++letter)
                if (next.at(i, letter) >= next.at(i, best)) best = letter;
            tally.right += best == wanted;
            tally.probability += static_cast<double>(next.at(i, wanted));
            ++tally.all;
        }
    }
    return tally;
}

void induction(Stage& stage) {
    const std::string word = ".wolf";
    const Completion done = complete(ids(word), ids(word), kLetters);
    const Tensor x = beside(one_hot(ids(word + word), kLetters), one_hot(places(10), 10));
    const Tensor before = weights(matmul_forward(x, one_back(kLetters, 10)),
                                  matmul_forward(x, taking(kLetters + 10, kLetters, 10)));
    stage.say("Two layers, built by hand, have read .wolf and are half-way through a second one:");
    const auto columns = static_cast<std::size_t>(done.p.size(1));
    HeatMap first = map(word + word, word + word, before),
            second = map(word.substr(0, 4), (word + word).substr(0, columns), done.p);
    first.caption = {"Layer 1: each place looks at the one before it",
                     "a line below the diagonal. The first place has none before it: its scores "
                     "are equal, so it takes a little, a tenth, from each.",
                     "the line lies on the diagonal, or above it: that is the place itself, or "
                     "the one after it."};
    second.caption = {"Layer 2: each letter looks for the place that came after it",
                      "rows: the second time; columns: the first. The row of w looks at the o, "
                      "because o is the place that knows of a w before it.",
                      "the bright cells lie where row and column have the same letter: layer 2 "
                      "compares letters with letters, and not with those before them."};
    stage.show("before", first);
    stage.show("induction", second);
    std::string read = word, guessed;
    for (Index i = 0; i < done.next.size(0); ++i)
        guessed += letter_of(argmax(&done.next[i * kLetters], kLetters));
    stage.print(fmt::format("after . w o l it predicts {}\n", guessed));
    stage.say("The same for twenty sequences of eight random letters:");
    stage.print("                     right   sure");
    for (const auto& [name, tally] : {std::pair("both layers         ", completions(true, true)),
                                      {"without layer 1     ", completions(false, true)},
                                      {"the second is new   ", completions(true, false)}})
        stage.print(fmt::format("{} {:3}/{}  {:.3f}", name, tally.right, tally.all,
                                tally.probability / tally.all));
}

const Demo demo([](Stage& stage) {
    same_letter(stage);
    root(stage);
    induction(stage);
});

const WorkedNumbers numbers([] {
    fmt::print("0.5 0.2 0.3 0.1 0.8: {:.1f} {:.1f} {:.1f} {:.1f}\n", 0.5 * 10 + 0.3 * 5,
               0.2 * 10 + 0.3 * 5, 0.1 * 10 + 0.1 * 5, 0.8 * 10 + 0.1 * 5);
    for (const auto& p : {softmax_of({2, 0, 1}), softmax_of({0, 1, 0.5})}) {
        print_row("p", p);
        print_row("y", {10 * p[0] + 5 * p[2], 10 * p[1] + 5 * p[2]});
    }
    for (const auto& p : {softmax_of({0, 1, 1}), softmax_of({0, -1, -1}), softmax_of({0, 0, 0})}) {
        print_row("p", p);
        print_row("y", {2 * p[0] + 2 * p[2], 4 * p[1] + 4 * p[2]});
    }
    const auto sharp = softmax_of({8, 0, -8}), flat = softmax_of({1, 0, -1});
    print_row("8 0 -8", sharp), print_row("1 0 -1", flat);
    const auto p = softmax_of({2, 0, 1});
    fmt::print("{:.2f} {:.2f} {:.2f}\n", p[0], p[1], p[2]);
    const auto [all, right] = std::pair(completions(true, true, 1), completions(true, true, kSure));
    fmt::print("kSure = 1: {} of {}, {:.3f} instead of {:.3f}; by chance {:.3f}\n", all.right,
               all.all, all.probability / all.all, right.probability / right.all, 1.0 / 9);
});

}  // namespace
}  // namespace gradus::lesson_16

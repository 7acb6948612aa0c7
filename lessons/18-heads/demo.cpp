// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>

#include "tensor/random.h"

namespace gradus::lesson_18 {
namespace {

using Numbers = std::vector<Real>;

constexpr Real kSure = 60;        // the score of a match; 0 for all others
constexpr Real kBeforeInOne = 1;  // in the single head, how much "the place before" counts

Numbers zeros(Index n) {
    return Numbers(static_cast<std::size_t>(n));
}

struct Result {
    Numbers y, p;
};
Result multi_head(const Numbers& q, const Numbers& k, const Numbers& v, Index T, Index NH) {
    Result done{Numbers(q.size()), zeros(NH * T * T)};
    part().multi_head(done.y.data(), done.p.data(), q.data(), k.data(), v.data(), T, NH,
                      std::ssize(q) / T / NH);
    return done;
}

// Two kinds of looking at the letters of a word, in the two halves of each row: the first half asks
// for the place before, the second for the same letter. Every place offers its letter in both.
struct Looking {
    std::string word, alphabet;  // the letters that occur
    Index T, half;
    Numbers q, k, v;

    Looking(const std::string& letters, Real before, Index HS)
        : word(letters), T(std::ssize(letters)), half(T) {
        const Real match = kSure * std::sqrt(static_cast<Real>(HS));  // scores are divided by it
        q = k = v = zeros(T * 2 * half);
        for (const char c : word)
            if (alphabet.find(c) == std::string::npos) alphabet += c;
        for (Index t = 0; t < T; ++t) {
            const Index row = t * 2 * half, letter = number_of(t);
            if (t > 0) q[row + t - 1] = before * match;
            k[row + t] = 1;
            q[row + half + letter] = match;
            k[row + half + letter] = v[row + letter] = v[row + half + letter] = 1;
        }
    }
    Index number_of(Index t) const { return static_cast<Index>(alphabet.find(word[t])); }

    // What a head has fetched, from its first number in y: "a 0.67 n 0.33".
    std::string fetched(const Real* y) const {
        std::string text;
        for (std::size_t i = 0; i < alphabet.size(); ++i)
            if (y[i] > 0.005)
                text += fmt::format("{}{} {:.2f}", text == "" ? "" : " ", alphabet[i], y[i]);
        return text;
    }
};

void heads(Stage& stage) {
    const std::string word = "banana";
    const Index T = std::ssize(word);
    const Looking two(word, 1, T), one(word, kBeforeInOne, 2 * T);
    const Result many = multi_head(two.q, two.k, two.v, T, 2),
                 single = multi_head(one.q, one.k, one.v, T, 1);
    HeatMaps maps;
    maps.caption = {"Who looks where",
                    "head 0 has a line below the diagonal, the place before; in head 1 a letter "
                    "looks at its own kind, so far. The single head shares its 1 out among both.",
                    "the first two maps are alike: one head was read twice. Their rows are "
                    "spread over letters that do not fit: places were taken for heads."};
    maps.row_axis = "looks", maps.column_axis = "is looked at";
    for (const char c : word) maps.row_labels.emplace_back(1, c);
    maps.column_labels = maps.row_labels;
    const auto map = [&](const std::string& name, const Real* p) {
        NamedMap next{name, {}};
        for (Index i = 0; i < T * T; ++i)  // without 8.8e-27 for nothing
            next.values.push_back(std::round(static_cast<double>(p[i]) * 100) / 100);
        maps.maps.push_back(next);
    };
    map("head 0: place before", &many.p[0]);
    map("head 1: same letter", &many.p[T * T]);
    map("one head for both", &single.p[0]);
    stage.say("Queries and keys set by hand, read as two heads and as a single one:");
    stage.show("heads", maps);
    stage.print("place    head 0  head 1  one head");
    for (Index t = 0; t < T; ++t) {
        const Real* y = &many.y[t * 2 * T];
        stage.print(fmt::format("{} {}      {}  {}  {}", t, word[t], two.fetched(y),
                                two.fetched(y + T), one.fetched(&single.y[t * 2 * T])));
    }
    stage.print("");
}

void print_rows(Stage& stage, const std::string& name, const Numbers& x, Index cols) {
    for (std::size_t i = 0; i < x.size(); i += static_cast<std::size_t>(cols)) {
        std::string row = i == 0 ? name + " =" : "    ";
        for (std::size_t c = 0; c < static_cast<std::size_t>(cols); ++c)
            row += fmt::format(" {:>6.4g}", x[i + c] + 0.0);  // no minus before a 0
        stage.print(row);
    }
}

// The numbers of the text.
const Numbers kQueries = {2, 0, 1, 1}, kKeys = {1, 0, 0, 1, 1, 1}, kValues = {10, 0, 0, 10, 20, 10};
const Numbers kWeights = {0.8, 0.2, 0, 0.25, 0.25, 0.5}, kResultGradients = {1, 0, 1, 1};

void backwards(Stage& stage) {
    Numbers dp(6), dv(6), ds(6), dq(4), dk(6);
    part().mix_backward(dp.data(), dv.data(), kResultGradients.data(), kWeights.data(),
                        kValues.data(), 2, 3, 2);
    softmax_backward(ds.data(), dp.data(), kWeights.data(), 2, 3);
    part().scores_backward(dq.data(), dk.data(), ds.data(), kQueries.data(), kKeys.data(), 2, 3, 2);
    stage.say("The numbers of the text, backwards through your functions:");
    print_rows(stage, "dp", dp, 3);
    print_rows(stage, "dv", dv, 2);
    print_rows(stage, "ds", ds, 3);
    print_rows(stage, "dq", dq, 2);
    print_rows(stage, "dk", dk, 2);
    stage.print("");
}

Numbers random_numbers(std::uint64_t seed, Index n) {
    Random random(seed);
    Numbers list;
    for (Index i = 0; i < n; ++i) list.push_back(static_cast<Real>(random.normal()));
    return list;
}
Numbers moved(Numbers x, const Numbers& v, Real h) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += h * v[i];
    return x;
}
double dot(const Numbers& a, const Numbers& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i] * b[i]);
    return sum;
}

// Several heads whose results are weighed by fixed random numbers: the loss, and its gradient.
struct Heads {
    Index T = 6, NH = 2, HS = 4;
    Numbers q = random_numbers(1, T*NH*HS), k = random_numbers(2, T*NH*HS),
            v = random_numbers(3, T*NH*HS), dy = random_numbers(4, T*NH*HS);

    double loss() const { return dot(multi_head(q, k, v, T, NH).y, dy); }
    Numbers split(const Numbers& x) const {
        Numbers y(x.size());
        part().split_heads(y.data(), x.data(), T, NH, HS);
        return y;
    }
    // The gradient of split_heads is merge_heads, and the other way round. Those of the queries and
    // keys are multiplied by `factor`.
    Heads gradient(Real factor) const {
        const Numbers p = multi_head(q, k, v, T, NH).p, sq = split(q), sk = split(k), sv = split(v),
                      sdy = split(dy);
        Numbers dq(q.size()), dk(q.size()), dv(q.size());
        for (Index h = 0; h < NH; ++h) {
            const Index at = h * T * HS;
            part().attention_backward(&dq[at], &dk[at], &dv[at], &sdy[at], &p[h * T * T], &sq[at],
                                      &sk[at], &sv[at], T, T, HS, HS);
        }
        Heads all = *this;
        part().merge_heads(all.q.data(), dq.data(), T, NH, HS);
        part().merge_heads(all.k.data(), dk.data(), T, NH, HS);
        part().merge_heads(all.v.data(), dv.data(), T, NH, HS);
        for (Real& x : all.q) x *= factor;
        for (Real& x : all.k) x *= factor;
        return all;
    }
};

// |loss(x + h u) - loss(x) - h gradient.u| for many h.
Line taylor(const std::string& name, Real factor) {
    const Heads at, gradient = at.gradient(factor);
    const Index n = std::ssize(at.q);
    const Numbers uq = random_numbers(5, n), uk = random_numbers(6, n), uv = random_numbers(7, n);
    const double along = dot(gradient.q, uq) + dot(gradient.k, uk) + dot(gradient.v, uv);
    Line line{name, {}, {}};
    for (int i = -10; i <= 0; ++i) {
        const double h = std::pow(10.0, i / 2.0);
        const Real step = static_cast<Real>(h);
        Heads there = at;
        there.q = moved(at.q, uq, step), there.k = moved(at.k, uk, step);
        there.v = moved(at.v, uv, step);
        line.x.push_back(h);
        line.y.push_back(std::abs(there.loss() - at.loss() - h * along));
    }
    return line;
}

// Between h = 1e-5 and 1e-3.
double slope(const Line& line) {
    return std::log10(line.y[4] / line.y[0]) / 2;
}

void taylor_test(Stage& stage) {
    LineChart chart;
    chart.caption = {"The Taylor test of two heads",
                     "two slopes: where h is ten times smaller, what your gradient leaves over is "
                     "a hundred times smaller; without the root only ten times.",
                     "the two lines run side by side: your gradient is wrong somewhere. One wrong "
                     "factor in one of the three is enough."};
    chart.x = {"h", true}, chart.y = {"what is left over", true};
    chart.lines = {taylor("yours", 1), taylor("without the root", 2)};  // HS is 4
    stage.show("taylor", chart);
    stage.print(fmt::format("slope of yours: {:.2f}", slope(chart.lines[0])));
    stage.print(fmt::format("slope without the root: {:.2f}", slope(chart.lines[1])));
}

const Demo demo([](Stage& stage) {
    heads(stage);
    backwards(stage);
    taylor_test(stage);
});

const WorkedNumbers numbers([] {
    const double root = std::sqrt(2.0);
    fmt::print("root {:.3f}, ln 3 = {:.4f}\n", root, std::log(3.0));
    const double first = std::exp(2 / root), second = std::exp(1 / root);
    print_row("p of query 0", {first / (first + 1), 1 / (first + 1)}, 3);
    print_row("p of query 1",
              {second / (2 * second + second * second), second / (2 * second + second * second),
               second * second / (2 * second + second * second)},
              3);
    fmt::print("ln 3 times the root {:.4f}\n", root * std::log(3.0));
    const auto share = [](double of, double all) { return static_cast<Real>(of / all); };
    const double three = std::exp(1.5537 / root);
    print_row("head 0", {share(1, 2), share(1, 3)}, 4), print_row("head 0", {share(1, 2)}, 1);
    print_row("head 1", {share(three, three + 1), share(1, three + 1)}, 2);
    print_row("head 1", {share(three, three + 2), share(1, three + 2)}, 1);
    print_row("rounded", {first / (first + 1), 1 / (first + 1)}, 1);
    print_row("rounded", {second / (2 * second + second * second)}, 2);
    print_row("dv of value 0", {0.8 * 1 + 0.25 * 1, 0.25}, 2);
    print_row("ds of query 0", {0.8 * (10 - 8), 0.2 * (0 - 8)}, 1);
    print_row("ds of query 1", {0.25 * (10 - 20), 0.25 * (10 - 20), 0.5 * (30 - 20)}, 1);
    const double up = 1.6 / root, down = -2.5 / root;
    print_row("1.6 and 2.5 divided", {up, -down, -2 * down}, 3);
    print_row("dk of key 0", {2 * up, 2 * up + down, down}, 3);
    fmt::print("slope with 1.01 for the root: {:.2f}\n", slope(taylor("", Real(1.01))));
});

}  // namespace
}  // namespace gradus::lesson_18

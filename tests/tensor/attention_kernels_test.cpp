// SPDX-License-Identifier: MIT
// Attention in every shape that a model may ask for: masks, grouped heads, lengths, offsets, bias,
// strides, sizes of keys and values. Every instruction set against the naive loops, at sizes around
// the kernels' tiles, at any number of threads; and padding full of NaN.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tensor/attention.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;

namespace {

constexpr Real kNaN = std::numeric_limits<Real>::quiet_NaN();

struct Sizes {
    Index B, Tq, Tk, heads, kv_heads, key_size, value_size;
};

enum class Kind { none, causal, window, local };

struct Setting {
    Sizes s;
    Kind mask;
    bool lengths, bias, dropout, packed;

    std::string name() const {
        return fmt::format(
            "B {} Tq {} Tk {} heads {}/{} sizes {} {}, mask {}, lengths {}, bias {}, dropout {}, "
            "packed {}",
            s.B, s.Tq, s.Tk, s.heads, s.kv_heads, s.key_size, s.value_size, static_cast<int>(mask),
            lengths, bias, dropout, packed);
    }
};

// Fewer queries than keys, as many, and more; around a strip of queries (12 to 14), a block of 48
// and a tile of 128 keys; one head for all, groups, and a head each.
std::vector<Sizes> sizes() {
    std::vector<Sizes> list = {{1, 1, 1, 1, 1, 1, 1},     {2, 3, 3, 2, 1, 5, 5},
                               {2, 7, 3, 3, 3, 4, 9},     {1, 3, 7, 4, 2, 17, 3},
                               {2, 1, 40, 4, 1, 16, 16},  {3, 4, 131, 2, 2, 8, 8},
                               {2, 50, 50, 2, 1, 16, 16}, {1, 13, 150, 2, 1, 33, 7}};
    if (!kSanitized)
        list.insert(list.end(), {{2, 130, 130, 2, 2, 16, 16},
                                 {1, 61, 300, 3, 1, 8, 20},
                                 {1, 300, 129, 2, 1, 5, 5},
                                 {1, 400, 400, 1, 1, 8, 8}});
    return list;
}

std::vector<Setting> settings() {
    std::vector<Setting> list;
    for (const Sizes& s : sizes())
        for (const Kind mask : {Kind::none, Kind::causal, Kind::window, Kind::local})
            for (int flags = 0; flags < 16; ++flags) {
                const bool packed = flags & 8;
                if (packed && (s.Tq != s.Tk || s.key_size != s.value_size)) continue;
                if (packed && (flags & 2)) continue;  // there is no packed bias
                list.push_back(
                    {s, mask, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, packed});
            }
    return list;
}

// The arrays of one setting. With lengths, what is padding holds `padding`.
struct Problem {
    AttentionOptions options;
    Tensor qkv, q, k, v, bias, dy;

    Problem(const Setting& setting, Real padding) {
        const auto& [B, Tq, Tk, heads, kv, HS, VS] = setting.s;
        Random random(17);
        options.heads = heads;
        options.kv_heads = kv;
        options.mask = setting.mask == Kind::none     ? AttentionMask::none()
                       : setting.mask == Kind::causal ? AttentionMask::causal()
                       : setting.mask == Kind::window ? AttentionMask::window(1 + Tk / 3)
                                                      : AttentionMask{2, 1 + Tk / 5};
        if (setting.dropout) options.dropout = Real(0.25), options.key = 99;
        if (setting.lengths)
            for (Index b = 0; b < B; ++b) {
                options.query_lengths.push_back(Tq - b % 2 * (Tq + 1) / 2);
                options.key_lengths.push_back((b + 1) * Tk / (B + 1));  // 0 for one key
                if (!setting.packed) options.offsets.push_back(b);
            }
        const auto fill = [&](Tensor& x, const std::vector<Index>& lengths) {
            for (Index b = 0; b < static_cast<Index>(lengths.size()); ++b)
                for (Index t = lengths[b]; t < x.size(1); ++t)
                    for (Index i = 0; i < x.size(2); ++i) x.at(b, t, i) = padding;
        };
        if (setting.packed) {
            qkv = Tensor::uniform({B, Tq, (heads + 2 * kv) * HS}, -2, 2, random);
            options.query_lengths = options.key_lengths;
            fill(qkv, options.key_lengths);
        } else {
            q = Tensor::uniform({B, Tq, heads * HS}, -2, 2, random);
            k = Tensor::uniform({B, Tk, kv * HS}, -2, 2, random);
            v = Tensor::uniform({B, Tk, kv * VS}, -2, 2, random);
            fill(q, options.query_lengths), fill(k, options.key_lengths),
                fill(v, options.key_lengths);
        }
        if (setting.bias) bias = Tensor::uniform({heads, Tq, Tk}, -1, 1, random);
        dy = Tensor::uniform({B, Tq, heads * VS}, -1, 1, random);
        fill(dy, options.query_lengths);
    }

    // y, lse, and the gradients, which start at numbers other than 0.
    std::vector<Tensor> run() const {
        const auto start = [](const Tensor& x) {
            return x.defined() ? Tensor::full(x.shape(), Real(0.5)) : Tensor();
        };
        if (qkv.defined()) {
            const AttentionForward f = attention_forward(qkv, options);
            const Tensor dqkv = start(qkv);
            attention_backward(dy, qkv, f, options, dqkv);
            return {f.y, f.lse, dqkv};
        }
        const AttentionForward f = attention_forward(q, k, v, options, bias);
        const AttentionGradients d{start(q), start(k), start(v), start(bias)};
        attention_backward(dy, q, k, v, f, options, d, bias);
        std::vector<Tensor> results = {f.y, f.lse, d.q, d.k, d.v};
        if (bias.defined()) results.push_back(d.bias);
        return results;
    }
};

// Sums of up to Tk heads B terms of size 4, each rounded a few times.
double bound(const Sizes& s) {
    const auto terms = static_cast<double>(std::max(s.Tq, s.Tk) * s.B * s.heads);
    return 100 * kEps * (4 + std::sqrt(terms)) * (4 + std::sqrt(static_cast<double>(s.key_size)));
}

std::string difference(const Tensor& a, const Tensor& b, double allowed) {
    if (a.shape() != b.shape()) return "shapes";
    for (Index i = 0; i < a.count(); ++i) {
        const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
        if (x == y) continue;
        if (!(std::abs(x - y) <= allowed * (1 + std::abs(y))))
            return fmt::format("element {}: {} and {}", i, x, y);
    }
    return "";
}

}  // namespace

TEST_CASE("attention in every shape: every instruction set agrees with the naive loops") {
    const SavedSettings saved;
    for (const Setting& setting : settings()) {
        CAPTURE(setting.name());
        use_isa("naive");
        const auto expected = Problem(setting, 0).run();
        for (const auto& set : isa_names()) {
            CAPTURE(set);
            use_isa(set);
            const auto got = Problem(setting, 0).run();
            for (std::size_t i = 0; i < got.size(); ++i) {
                CAPTURE(i);
                CHECK(difference(got[i], expected[i], bound(setting.s)) == "");
            }
        }
    }
}

TEST_CASE("attention in every shape: what padding holds, NaN included, moves no bit") {
    const SavedSettings saved;
    for (const Setting& setting : settings()) {
        if (!setting.lengths) continue;
        CAPTURE(setting.name());
        for (const auto& set : isa_names()) {
            CAPTURE(set);
            use_isa(set);
            const auto zeros = Problem(setting, 0).run(), spoilt = Problem(setting, kNaN).run();
            for (std::size_t i = 0; i < zeros.size(); ++i) CHECK(same_bits(zeros[i], spoilt[i]));
        }
    }
}

TEST_CASE("attention in every shape: the same bits with 1, 2, 3 and 16 threads") {
    const SavedSettings saved;
    for (const Setting& setting : settings()) {
        if (setting.s.Tk < 40) continue;
        CAPTURE(setting.name());
        set_threads(1);
        const auto expected = Problem(setting, 0).run();
        for (const int threads : {2, 3, 16}) {
            set_threads(threads);
            const auto got = Problem(setting, 0).run();
            for (std::size_t i = 0; i < got.size(); ++i) CHECK(same_bits(got[i], expected[i]));
        }
    }
}

TEST_CASE("apart, and packed side by side: the same bits") {
    const SavedSettings saved;
    Random random(5);
    const Index B = 2, T = 131, heads = 4, kv = 2, HS = 9;
    const Tensor qkv = Tensor::uniform({B, T, (heads + 2 * kv) * HS}, -2, 2, random);
    const auto columns = [&](Index begin, Index size) {
        Tensor x({B, T, size});
        for (Index row = 0; row < B * T; ++row)
            for (Index i = 0; i < size; ++i) x[row * size + i] = qkv[row * qkv.size(2) + begin + i];
        return x;
    };
    const Tensor q = columns(0, heads * HS), k = columns(heads * HS, kv * HS),
                 v = columns((heads + kv) * HS, kv * HS);
    for (const auto& set : isa_names()) {
        CAPTURE(set);
        use_isa(set);
        for (const AttentionMask mask :
             {AttentionMask::none(), AttentionMask::causal(), AttentionMask::window(20)}) {
            const AttentionOptions options{.heads = heads, .kv_heads = kv, .mask = mask};
            CHECK(same_bits(attention_forward(qkv, options).y,
                            attention_forward(q, k, v, options).y));
            CHECK(same_bits(attention_probabilities(qkv, options),
                            attention_probabilities(q, k, v, options)));
        }
    }
}

TEST_CASE("a query that sees no key gets 0 and passes no gradient on") {
    const SavedSettings saved;
    Random random(6);
    const Tensor q = Tensor::uniform({1, 4, 8}, -1, 1, random),
                 k = Tensor::uniform({1, 2, 8}, -1, 1, random),
                 v = Tensor::uniform({1, 2, 8}, -1, 1, random);
    // Four queries, two keys: the last query is at the last key, the first two are before any.
    for (const auto& set : isa_names()) {
        CAPTURE(set);
        use_isa(set);
        const AttentionForward f = attention_forward(q, k, v, {});
        const AttentionGradients d{Tensor(q.shape()), Tensor(k.shape()), Tensor(v.shape()), {}};
        attention_backward(Tensor::full(f.y.shape(), 1), q, k, v, f, {}, d);
        for (Index t = 0; t < 2; ++t)
            for (Index i = 0; i < 8; ++i) {
                CHECK(f.y.at(0, t, i) == 0);
                CHECK(d.q.at(0, t, i) == 0);
            }
        for (Index i = 0; i < 8; ++i) CHECK(f.y.at(0, 2, i) == v.at(0, 0, i));
        CHECK(all_finite(d.k));
    }
}

TEST_CASE("a scale of 1 is T5's, a window of 1 sees only itself, -infinity in a bias hides a key") {
    const SavedSettings saved;
    Random random(7);
    const Tensor x = Tensor::uniform({1, 6, 4}, -1, 1, random);
    for (const auto& set : isa_names()) {
        CAPTURE(set);
        use_isa(set);
        const Tensor halved = attention_forward(x, x, x, {}).y;  // 1 / sqrt(4)
        Tensor doubled = x.clone();
        for (Index i = 0; i < x.count(); ++i) doubled[i] *= 2;
        const Tensor same = attention_forward(x, doubled, x, {.scale = Real(0.25)}).y;
        CHECK(difference(halved, same, 100 * kEps) == "");
        CHECK(difference(attention_forward(x, x, x, {.scale = Real(1)}).y, halved, 1e-3) != "");

        CHECK(difference(attention_forward(x, x, x, {.mask = AttentionMask::window(1)}).y, x,
                         100 * kEps) == "");

        Tensor bias({1, 6, 6});
        for (Index t = 0; t < 6; ++t)
            for (Index s = t + 1; s < 6; ++s) bias.at(0, t, s) = -INFINITY;
        const AttentionOptions all{.mask = AttentionMask::none()};
        CHECK(difference(attention_forward(x, x, x, all, bias).y, halved, 100 * kEps) == "");
    }
}

TEST_CASE("attention says what does not fit") {
    const Tensor q({2, 3, 8}), k({2, 5, 8});
    const auto message = [&](const Tensor& keys, const Tensor& values, AttentionOptions options,
                             const Tensor& bias = {}) -> std::string {
        try {
            attention_forward(q, keys, values, options, bias);
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
        return "";
    };
    CHECK(message(k, k, {.heads = 4, .kv_heads = 3}) ==
          "attention: 4 heads cannot share 3 key-value heads");
    CHECK(
        message(k, Tensor({2, 4, 8}), {}) ==
        "attention: queries (2, 3, 8), keys (2, 5, 8) and values (2, 4, 8) do not belong together");
    CHECK(message(Tensor({2, 5, 6}), k, {.heads = 2}) ==
          "attention: 2 heads in queries (2, 3, 8), 2 in keys (2, 5, 6) and values (2, 5, 8): the "
          "vectors of queries and keys must be of one size");
    CHECK(message(k, k, {.key_lengths = {5}}) == "attention: 1 key lengths for 2 sequences");
    CHECK(message(k, k, {.key_lengths = {5, 6}}) ==
          "attention: key lengths holds 6, must be 0 to 5");
    CHECK(message(k, k, {.query_lengths = {-1, 3}}) ==
          "attention: query lengths holds -1, must be 0 to 3");
    CHECK(message(k, k, {}, Tensor({1, 5, 3})) ==
          "attention: the bias is (1, 5, 3), must be (1, 3, 5) (heads, queries, keys)");
    CHECK(message(k, k, {.mask = {-1, 0}}) ==
          "attention: a query must see its own position, the mask reaches from -1 before to 0 "
          "after it");
}

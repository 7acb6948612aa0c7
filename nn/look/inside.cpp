// SPDX-License-Identifier: MIT
#include "nn/look/inside.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nn/terminal/printable.h"
#include "nn/text/display_width.h"
#include "nn/text/utf8.h"
#include "tensor/attention.h"
#include "tensor/random.h"
#include "tensor/softmax.h"

namespace gradus {
namespace {

double root_mean_square(const Tensor& x) {
    double sum = 0;
    for (Index i = 0; i < x.count(); ++i) sum += double(x[i]) * double(x[i]);
    return std::sqrt(sum / static_cast<double>(x.count()));
}

using Values = std::vector<double>;

double dot(const double* a, const double* b, std::size_t n) {
    return std::inner_product(a, a + n, b, 0.0);
}

// Scales v to length 1; false if its length is 0.
bool normalise(Values& v) {
    const double length = std::sqrt(dot(v.data(), v.data(), v.size()));
    if (length == 0) return false;
    for (double& value : v) value /= length;
    return true;
}

// The unit vector along which the rows differ most: v <- X^T X v until it stops changing. Empty if
// all rows are 0. x: rows of C values.
Values leading_direction(const Values& x, std::size_t C) {
    // If two directions are almost equally good, so is any mixture of them, and more rounds
    // would not separate them.
    constexpr int kMostRounds = 300;
    constexpr double kSame = 1e-12;
    Random random(1);
    Values v(C);
    for (double& value : v) value = random.normal();
    normalise(v);
    for (int round = 0; round < kMostRounds; ++round) {
        Values next(C);
        for (std::size_t row = 0; row < x.size(); row += C) {
            const double along = dot(&x[row], v.data(), C);
            for (std::size_t c = 0; c < C; ++c) next[c] += along * x[row + c];
        }
        if (!normalise(next)) return {};
        const double turned = 1 - dot(next.data(), v.data(), C);
        v = next;
        if (turned < kSame) break;
    }
    const auto smaller = [](double a, double b) { return std::abs(a) < std::abs(b); };
    if (*std::max_element(v.begin(), v.end(), smaller) < 0)
        for (double& value : v) value = -value;
    return v;
}

// The component of each row along v, which is then subtracted from the row.
Values take_out(Values& x, const Values& v) {
    Values along;
    for (std::size_t row = 0; row < x.size(); row += v.size()) {
        along.push_back(dot(&x[row], v.data(), v.size()));
        for (std::size_t c = 0; c < v.size(); ++c) x[row + c] -= along.back() * v[c];
    }
    return along;
}

Tensor probabilities(const CausalSelfAttention& attention, const Variable& x) {
    return attention_probabilities(attention.qkv(x).value(), {.heads = attention.heads});
}
Tensor probabilities(const RotaryAttention& attention, const Variable& x) {
    return attention_probabilities(attention.rotated(attention.q, x).value(),
                                   attention.rotated(attention.k, x).value(),
                                   attention.v(x).value(), attention.options);
}

template <class Model>
std::vector<LayerView> views_of(const Model& model, const std::vector<int>& ids) {
    const NoGrad no_graph;
    const auto T = static_cast<Index>(ids.size());
    Variable x = model.embed(Tokens({1, T}, ids));  // (1, T, C)
    std::vector<LayerView> views;
    for (const auto& block : model.blocks) {
        const Tensor p = probabilities(block.attention, block.norm1(x));  // (1, NH, T, T)
        x = block(x);
        const Tensor logits = model.logits(x).value();  // (1, T, V)
        views.push_back({p.reshape({p.size(1), T, T}),
                         softmax_forward(logits.reshape({T, model.config.vocabulary})),
                         x.value().reshape({T, model.config.width}), root_mean_square(x.value())});
    }
    return views;
}

}  // namespace

std::vector<LayerView> look_inside(const TextModel& model, const std::vector<int>& ids) {
    return std::visit([&](const auto& m) { return views_of(m, ids); }, model.any);
}

std::vector<double> surprisal(const std::vector<LayerView>& views, const std::vector<int>& ids) {
    require(!views.empty(), "surprisal: no layers to read from");
    const Tensor& p = views.back().lens;  // (T, V)
    require(p.size(0) == static_cast<Index>(ids.size()),
            "surprisal: {} tokens, but the views cover {}", ids.size(), p.size(0));
    std::vector<double> nats;
    for (Index t = 0; t + 1 < p.size(0); ++t)
        nats.push_back(
            -std::log(static_cast<double>(p.at(t, ids[static_cast<std::size_t>(t + 1)]))));
    return nats;
}

std::vector<int> likeliest(const Tensor& lens, Index t, std::size_t count) {
    std::vector<int> ids(static_cast<std::size_t>(lens.size(1)));
    std::iota(ids.begin(), ids.end(), 0);
    count = std::min(count, ids.size());
    std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                      [&](int a, int b) { return lens.at(t, a) > lens.at(t, b); });
    ids.resize(count);
    return ids;
}

std::string token_label(const Tokenizer& tokenizer, int id, bool unicode) {
    const std::string& token = tokenizer.token(id);
    const auto byte = static_cast<unsigned char>(token[0]);
    if (token == " ") return unicode ? "␣" : "_";
    if (token == "\n") return unicode ? "↵" : "\\n";
    if (token.size() == 1 && (byte < 0x20 || byte >= 0x7F)) return fmt::format("{:02x}", byte);
    const std::string shown = printable(token);
    if (shown != token && display_width(token) <= 1) return shown.substr(2);  // \u009b
    std::string label;
    for (const char c : shown) {
        if (c == '\n')
            label += unicode ? "↵" : "\\n";
        else if (c == '\t')
            label += "\\t";
        else if (unicode || static_cast<unsigned char>(c) < 0x80)
            label += c;
        else if (!utf8_continues(c))
            label += '?';
    }
    return label;
}

Plane principal_plane(const Tensor& table) {
    require(table.shape().rank() == 2 && table.count() > 0,
            "principal_plane: {}, must be a table with rows", table.shape());
    const auto V = static_cast<std::size_t>(table.size(0)),
               C = static_cast<std::size_t>(table.size(1));
    Values x(V * C), mean(C);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = double(table[static_cast<Index>(i)]);
        mean[i % C] += x[i] / static_cast<double>(V);
    }
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= mean[i % C];
    const double all = dot(x.data(), x.data(), x.size());

    Plane plane;
    for (const auto& [along, share] :
         {std::pair{&plane.x, &plane.x_share}, std::pair{&plane.y, &plane.y_share}}) {
        const Values v = leading_direction(x, C);
        *along = v.empty() ? Values(V) : take_out(x, v);
        if (all > 0) *share = dot(along->data(), along->data(), V) / all;
    }
    return plane;
}

}  // namespace gradus

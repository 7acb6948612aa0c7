// SPDX-License-Identifier: MIT
#include "nn/look/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "nn/plot/histogram.h"

namespace gradus {
namespace {

constexpr int kBins = 48;
constexpr int kManyTokens = 1000;            // more are too many to show all
constexpr std::pair kShownTokens{256, 656};  // of many; after the bytes, in most vocabularies

void add_heads(HeatMaps& maps, const Reading& reading, std::size_t layer, const std::string& name) {
    const Tensor& p = reading.views[layer].attention;  // (NH, T, T)
    const Index T = p.size(1), first = T - static_cast<Index>(maps.row_labels.size());
    for (Index head = 0; head < p.size(0); ++head) {
        NamedMap map{fmt::format("{}head {}", name, head + 1), {}};
        for (Index t = first; t < T; ++t)
            for (Index s = first; s < T; ++s)
                map.values.push_back(static_cast<double>(p[(head * T + t) * T + s]));
        maps.maps.push_back(std::move(map));
    }
}

HeatMaps empty_maps(const Reading& reading, const std::string& title, Index shown) {
    HeatMaps maps;
    maps.caption = {title,
                    "The row's position attends to the column's; each row sums to 1. Not "
                    "necessarily an explanation: the values gathered may be small.",
                    "anything above the diagonal, which would be the future."};
    maps.row_axis = "attends";
    maps.column_axis = "attended to";
    for (Index t = std::max<Index>(0, reading.tokens() - shown); t < reading.tokens(); ++t)
        maps.row_labels.push_back(reading.label_at(t));
    maps.column_labels = maps.row_labels;
    return maps;
}

// The group of points that a token belongs to: of a few, mostly characters, or of many, mostly pieces
// of words.
constexpr const char* kFew[] = {"vowels", "consonants", "capitals", "others"};
constexpr const char* kMany[] = {"after a space", "inside a word", "capitals", "others"};
std::size_t kind_of(const std::string& token, bool many) {
    const char c = many ? token[0] : token.size() == 1 ? token[0] : ' ';
    if (many ? c == ' ' : std::string_view("aeiou").find(c) != std::string_view::npos) return 0;
    if (c >= 'a' && c <= 'z') return 1;
    return c >= 'A' && c <= 'Z' ? 2 : 3;
}

}  // namespace

Reading read_text(const TextModel& model, const Tokenizer& tokenizer, std::vector<int> ids,
                  bool unicode) {
    Reading reading;
    reading.views = look_inside(model, ids);
    reading.ids = std::move(ids);
    for (int id = 0; id < tokenizer.size(); ++id)
        reading.labels.push_back(token_label(tokenizer, id, unicode));
    // A published model may have rows that no token uses.
    for (Index id = tokenizer.size(); id < model.vocabulary(); ++id)
        reading.labels.push_back(fmt::format("#{}", id));
    return reading;
}

Caption surprisal_caption() {
    return {"Surprisal of each token",
            "The number below is its surprisal, -log p in nats: 0 is certain, 2 is one in seven. "
            "The first has none; the loss is the mean of the others.",
            "high numbers inside words that it has seen many times in training."};
}

Caption lens_caption() {
    return {"Each layer's prediction if it were the last (logit lens)",
            "At the end of the text. The answer forms on the way up; the stream grows with every "
            "block.",
            "a layer that changes nothing, or a stream that explodes."};
}

BarChart next_bars(const Reading& reading, std::size_t count) {
    const Tensor& p = reading.views.back().lens;  // (T, V)
    const Index last = reading.tokens() - 1;
    BarChart chart;
    chart.caption = {"Next-token probabilities",
                     "Long bars first; sampling draws from all of them.",
                     "uniform bars where the text leaves no choice."};
    chart.value_axis = "probability";
    for (const int id : likeliest(p, last, count)) {
        chart.labels.push_back(reading.label(id));
        chart.values.push_back(static_cast<double>(p.at(last, id)));
    }
    return chart;
}

HeatMaps attention_maps(const Reading& reading, std::size_t layer, Index shown) {
    HeatMaps maps = empty_maps(reading, fmt::format("Attention: layer {}", layer + 1), shown);
    add_heads(maps, reading, layer, "");
    return maps;
}

HeatMaps attention_maps(const Reading& reading, Index shown) {
    HeatMaps maps = empty_maps(reading, "Attention", shown);
    for (std::size_t layer = 0; layer < reading.views.size(); ++layer)
        add_heads(maps, reading, layer, fmt::format("layer {}, ", layer + 1));
    return maps;
}

HeatMap lens_map(const Reading& reading) {
    HeatMap map;
    map.caption = {"Probability that each layer assigns to the next token (logit lens)",
                   "A column is a position; the token after it grows more probable on the way up, "
                   "sooner if it is easy.",
                   "a layer that changes nothing, or a last row that is dark all over."};
    map.row_axis = "layer";
    map.column_axis = "after";
    for (std::size_t layer = reading.views.size(); layer-- > 0;) {
        map.row_labels.push_back(std::to_string(layer + 1));
        for (Index t = 0; t + 1 < reading.tokens(); ++t)
            map.values.push_back(static_cast<double>(
                reading.views[layer].lens.at(t, reading.ids[static_cast<std::size_t>(t + 1)])));
    }
    for (Index t = 0; t + 1 < reading.tokens(); ++t)
        map.column_labels.push_back(reading.label_at(t));
    return map;
}

Histograms stream_histograms(const Reading& reading) {
    Histograms picture;
    picture.caption = {"Activations, layer by layer",
                       "Bell-shaped and around zero; wider with every block, which adds to the "
                       "stream.",
                       "a whole layer at zero, or many values outside the picture."};
    picture.value_axis = "activation in the residual stream";
    // Four times the widest layer's root mean square covers all but outliers, which are counted.
    double largest = 0, widest = 0;
    std::vector<std::vector<double>> layers;
    for (const auto& view : reading.views) {
        auto& values = layers.emplace_back();
        for (Index i = 0; i < view.stream.count(); ++i) {
            values.push_back(static_cast<double>(view.stream[i]));
            largest = std::max(largest, std::abs(values.back()));
        }
        widest = std::max(widest, view.norm);
    }
    picture.high = std::min(largest, 4 * widest);
    if (!(picture.high > 0)) picture.high = 1;
    picture.low = -picture.high;
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        picture.rows.push_back(histogram(fmt::format("layer {}", layer + 1), layers[layer],
                                         picture.low, picture.high, kBins));
    return picture;
}

Scatter embedding_plane(const TextModel& model, const Tokenizer& tokenizer, bool unicode) {
    const int V = tokenizer.size();
    const bool many = V > kManyTokens;
    const int begin = many ? kShownTokens.first : 0, end = many ? kShownTokens.second : V;
    std::vector<int> ids(static_cast<std::size_t>(end - begin));
    std::iota(ids.begin(), ids.end(), begin);
    const Plane plane = principal_plane(model.embeddings(ids));
    const auto percent = [](double share) { return std::lround(100 * share); };
    Scatter picture;
    picture.caption = {
        "Tokens it treats alike",
        fmt::format("Each token's row of the embedding in the plane in which the "
                    "rows differ most ({} % of the variance): neighbours are "
                    "used alike.{}",
                    percent(plane.x_share) + percent(plane.y_share),
                    many ? fmt::format(" Of {} tokens, numbers {} to {}.", V, begin, end - 1) : ""),
        "still one round cloud after long training, as at initialisation."};
    picture.x = {fmt::format("first principal component ({} %)", percent(plane.x_share))};
    picture.y = {fmt::format("second principal component ({} %)", percent(plane.y_share))};
    std::vector<PointGroup> groups(4);
    for (int id = begin; id < end; ++id) {
        PointGroup& group = groups[kind_of(tokenizer.token(id), many)];
        group.x.push_back(plane.x[static_cast<std::size_t>(id - begin)]);
        group.y.push_back(plane.y[static_cast<std::size_t>(id - begin)]);
        group.labels.push_back(token_label(tokenizer, id, unicode));
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].name = (many ? kMany : kFew)[i];
        if (!groups[i].x.empty()) picture.groups.push_back(std::move(groups[i]));
    }
    return picture;
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "nn/look/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/colour.h"
#include "nn/plot/page.h"
#include "nn/plot/svg.h"

namespace gradus {
namespace {

constexpr std::size_t kLikeliest = 8;    // next tokens at the end of the text
constexpr std::size_t kLikeliestAt = 5;  // and at each position
constexpr double kMostNats = 6;          // top of the colour scale: one in 400
constexpr double kMapBytes = 120'000;    // all attention maps together, roughly

std::string probability(const Tensor& lens, Index t, int id) {
    return fmt::format("{:.2f}", static_cast<double>(lens.at(t, id)));
}

// Like figure_html(), with text in place of a picture.
std::string captioned(const Caption& caption, const std::string& more) {
    return fmt::format(
        "<h2>{}</h2>\n<p class=\"soft\">{} {} <strong>When something is wrong:</strong> {}</p>\n",
        html_escape(caption.title), html_escape(caption.look_for), more,
        html_escape(caption.wrong));
}

// Each token on the colour of its surprisal, with the number below: never colour alone.
std::string surprisal_html(const Reading& reading) {
    const std::vector<double> nats = surprisal(reading.views, reading.ids);
    const std::vector<Colour> ramp = plain_ramp();
    std::string out = captioned(surprisal_caption(), "Light colours mark high surprisal.");
    if (nats.empty()) return out + "<p>The text has one token: nothing came before it.</p>\n";
    out += fmt::format("<p class=\"surprisal\"><span>{}<small>-</small></span>\n",
                       html_escape(reading.label_at(0)));
    double sum = 0;
    for (std::size_t i = 0; i < nats.size(); ++i) {
        const int t = std::max(0, tone(nats[i] / kMostNats));
        const Colour ground = ramp[static_cast<std::size_t>(t)];
        out += fmt::format(
            "<span style=\"background:{};color:{}\">{}<small>{:.0f}</small></span>\n", hex(ground),
            ink_on(ground), html_escape(reading.label(reading.ids[i + 1])), nats[i]);
        sum += nats[i];
    }
    return out +
           fmt::format("</p>\n<p>Mean {:.3f} nats.</p>\n", sum / static_cast<double>(nats.size()));
}

// The likeliest tokens after each position; the one that actually follows is marked.
std::string next_at_each(const Reading& reading) {
    const Tensor& p = reading.views.back().lens;  // (T, V)
    std::string out;
    for (Index t = 0; t < reading.tokens(); ++t) {
        const int comes =
            t + 1 < reading.tokens() ? reading.ids[static_cast<std::size_t>(t + 1)] : -1;
        out += fmt::format("<li>{}. after {}<ul>", t + 1, html_escape(reading.label_at(t)));
        std::vector<int> ids = likeliest(p, t, kLikeliestAt);
        if (comes >= 0 && std::find(ids.begin(), ids.end(), comes) == ids.end())
            ids.push_back(comes);
        for (const int id : ids)
            out += fmt::format("<li>{} {}{}<i style=\"width:{:.0f}%\"></i></li>",
                               html_escape(reading.label(id)), probability(p, t, id),
                               id == comes ? " comes" : "", 100 * double(p.at(t, id)));
        out += "</ul></li>\n";
    }
    return "<details><summary>At each position</summary>\n<ul class=\"cards\">\n" + out +
           "</ul></details>\n";
}

// At the end of the text and, folded away, at each position.
std::string lens_html(const Reading& reading) {
    const Index last = reading.tokens() - 1;
    std::vector<std::vector<std::string>> rows;
    for (std::size_t layer = reading.views.size(); layer-- > 0;) {
        const LayerView& view = reading.views[layer];
        std::vector<std::string> row = {std::to_string(layer + 1),
                                        fmt::format("{:.2f}", view.norm)};
        for (const int id : likeliest(view.lens, last, 3))
            row.push_back(reading.label(id) + " " + probability(view.lens, last, id));
        row.resize(5);
        rows.push_back(row);
    }
    std::string out = captioned(lens_caption(), "The last layer is at the top.") +
                      table_html("Logit lens at the end",
                                 {"layer", "stream", "likeliest", "second", "third"}, rows);
    std::vector<std::string> head = {"after"};
    for (std::size_t layer = 0; layer < reading.views.size(); ++layer)
        head.push_back(fmt::format("layer {}", layer + 1));
    rows.clear();
    for (Index t = 0; t < reading.tokens(); ++t) {
        rows.push_back({fmt::format("{}. {}", t + 1, reading.label_at(t))});
        for (const LayerView& view : reading.views) {
            const int id = likeliest(view.lens, t, 1)[0];
            rows.back().push_back(reading.label(id) + " " + probability(view.lens, t, id));
        }
    }
    return out + "<details><summary>The likeliest at each position</summary>\n" +
           table_html("Logit lens at each position", head, rows) + "</details>\n";
}

// Only the last positions, if all would make the page too heavy: half the cells of a map are not
// blank, and take about seven bytes each.
Index positions_shown(const Reading& reading) {
    double heads = 0;
    for (const LayerView& view : reading.views)
        heads += static_cast<double>(view.attention.size(0));
    const auto most = static_cast<Index>(std::sqrt(2 * kMapBytes / 7 / heads));
    return std::min(reading.tokens(), std::max<Index>(8, most));
}

}  // namespace

std::string look_html(const std::string& name,
                      const std::vector<std::pair<std::string, std::string>>& facts,
                      const TextModel& model, const Tokenizer& tokenizer, const Reading& reading) {
    const BarChart next = next_bars(reading, kLikeliest);
    const Histograms histograms = stream_histograms(reading);
    const Scatter plane = embedding_plane(model, tokenizer, true);
    std::string body = facts_html("The model", facts);
    body += surprisal_html(reading);
    body += figure_html({svg(next), next.caption, ""}) + next_at_each(reading) + lens_html(reading);
    if (reading.tokens() > 1) {
        const HeatMap map = lens_map(reading);
        body += figure_html({svg(map), map.caption, ""});
    }
    const Index shown = positions_shown(reading);
    if (shown < reading.tokens())
        body += fmt::format(
            "<p class=\"soft\">Attention is shown among the last {} of {} "
            "positions.</p>\n",
            shown, reading.tokens());
    for (std::size_t layer = 0; layer < reading.views.size(); ++layer) {
        const HeatMaps maps = attention_maps(reading, layer, shown);
        // The caption appears once.
        body += layer == 0 ? figure_html({svg(maps), maps.caption, ""})
                           : fmt::format("<h2>{}</h2>\n<figure>{}</figure>\n",
                                         html_escape(maps.caption.title),
                                         picture_html(svg(maps), maps.caption.title));
    }
    body += figure_html({svg(histograms), histograms.caption, ""});
    body += figure_html({svg(plane), plane.caption, ""});
    return html_page("A look inside " + name, body, false);
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "nn/look/terminal.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr std::size_t kNextTokens = 8;  // next tokens shown as bars
constexpr int kPlaneRows = 20;          // lines of the embedding's picture

std::string heading(const Caption& caption, const TextStyle& style) {
    std::string out = "\n";
    for (const auto& words :
         {caption.title, caption.look_for, "When something is wrong: " + caption.wrong})
        out += wrapped(words, 0, style.columns) + "\n";
    return out + "\n";
}

std::string with_heading(const auto& picture, const TextStyle& style) {
    return heading(picture.caption, style) + text(picture, style);
}

// The text, and below each token its surprisal: one digit, in nats, 9 for more.
std::string surprisal_lines(const Reading& reading, const TextStyle& style) {
    const std::string out = heading(surprisal_caption(), style);
    const std::vector<double> nats = surprisal(reading.views, reading.ids);
    if (nats.empty()) return out + "(the text has one token: nothing came before it)\n";
    std::string lines, above, below;
    double sum = 0;
    const auto flush = [&] {
        lines += above + "\n" + below + "\n";
        above.clear(), below.clear();
    };
    for (std::size_t i = 0; i < reading.ids.size(); ++i) {
        const std::string& token = reading.label(reading.ids[i]);
        const int width = display_width(token);
        if (display_width(above) + width >= style.columns) flush();
        above += token;
        // The first has none: nothing came before it.
        const std::string digit =
            i == 0 ? "-" : fmt::format("{:.0f}", std::floor(std::min(9.0, nats[i - 1] + 0.5)));
        const std::size_t spaces = std::min(token.find_first_not_of(' '), token.size() - 1);
        below += std::string(spaces, ' ') +
                 fmt::format("{:<{}}", digit, width - static_cast<int>(spaces));
        if (i > 0) sum += nats[i - 1];
    }
    flush();
    return out + lines + fmt::format("mean {:.3f} nats\n", sum / static_cast<double>(nats.size()));
}

std::string lens_lines(const Reading& reading, const TextStyle& style) {
    std::string out = heading(lens_caption(), style);
    const Index last = reading.tokens() - 1;
    for (std::size_t layer = 0; layer < reading.views.size(); ++layer) {
        const LayerView& view = reading.views[layer];
        std::string line = fmt::format("layer {}  stream {:5.2f} ", layer + 1, view.norm);
        for (const int id : likeliest(view.lens, last, 3))
            line += fmt::format("  {} {:.2f}", reading.label(id),
                                static_cast<double>(view.lens.at(last, id)));
        out += std::string(fit_width(line, style.columns)) + "\n";
    }
    return out;
}

// As many of the last positions as the terminal has room for, two columns per cell. What to look for
// is said once.
std::string attention_lines(const Reading& reading, const TextStyle& style) {
    const Index shown = std::max(4, (style.columns - 10) / 2);
    std::string out;
    for (std::size_t layer = 0; layer < reading.views.size(); ++layer) {
        const HeatMaps maps = attention_maps(reading, layer, shown);
        out += layer == 0 ? heading(maps.caption, style) : "\n" + maps.caption.title + "\n\n";
        out += text(maps, style);
    }
    return out;
}

}  // namespace

std::string look_text(const Reading& reading, const Scatter& embedding, const TextStyle& style) {
    TextStyle tall = style;
    tall.rows = kPlaneRows;
    return surprisal_lines(reading, style) + with_heading(next_bars(reading, kNextTokens), style) +
           lens_lines(reading, style) + attention_lines(reading, style) +
           with_heading(stream_histograms(reading), style) + with_heading(embedding, tall);
}

}  // namespace gradus

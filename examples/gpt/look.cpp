// SPDX-License-Identifier: MIT
// gradus look: what a trained model does inside while it reads a text.
#include "nn/look.h"

#include <algorithm>
#include <numeric>

#include "examples/gpt/commands.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "nn/text/terminal.h"

namespace gradus {
namespace {

constexpr std::size_t kLikeliest = 8;  // next tokens shown as bars

// A token as a label of one or a few columns: blanks get a sign that can be seen.
std::string label(const Vocabulary& vocabulary, int id, bool unicode) {
    const std::string& token = vocabulary.token(id);
    const auto byte = static_cast<unsigned char>(token[0]);
    if (token == " ") return unicode ? "␣" : "_";
    if (token == "\n") return unicode ? "↵" : "\\n";
    if (token.size() == 1 && (byte < 0x20 || byte >= 0x7F)) return fmt::format("{:02x}", byte);
    if (!unicode && byte >= 0x80) return "?";
    return token;
}

// From the likeliest down.
std::vector<int> likeliest(const Tensor& lens, Index t, std::size_t count) {
    std::vector<int> ids(static_cast<std::size_t>(lens.size(1)));
    std::iota(ids.begin(), ids.end(), 0);
    count = std::min(count, ids.size());
    std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                      [&](int a, int b) { return lens.at(t, a) > lens.at(t, b); });
    ids.resize(count);
    return ids;
}

class Look {
 public:
    Look(const Vocabulary& vocabulary, const std::vector<LayerView>& views, std::vector<int> ids,
         const TextStyle& style)
        : vocabulary_(vocabulary), views_(views), ids_(std::move(ids)), style_(style) {}

    void all() const {
        surprise();
        next();
        lens();
        for (std::size_t layer = 0; layer < views_.size(); ++layer) attention(layer);
    }

 private:
    std::string label_of(int id) const { return label(vocabulary_, id, style_.unicode); }
    Index last() const { return static_cast<Index>(ids_.size()) - 1; }

    static void heading(const Caption& caption) {
        fmt::print("\n{}\n{}\n{}\n\n", caption.title, wrapped(caption.look_for),
                   wrapped(caption.wrong));
    }

    // The text, and below each character how much it cost: a digit of nats, 9 for more.
    void surprise() const {
        heading({"How much each character surprises it",
                 "The digit below is -log p in nats: 0 was expected, 2 is one in seven. The loss "
                 "is the mean of these.",
                 "Wrong: high digits inside words that it has read many times."});
        const std::vector<double> nats = surprises(views_, ids_);
        std::string above, below;
        double sum = 0;
        const auto flush = [&] {
            fmt::print("{}\n{}\n", above, below);
            above.clear(), below.clear();
        };
        for (std::size_t i = 0; i < nats.size(); ++i) {
            const std::string token = label_of(ids_[i + 1]);
            const int width = display_width(token);
            if (display_width(above) + width >= style_.columns) flush();
            above += token;
            below += fmt::format("{:<{}}", std::min(9, static_cast<int>(nats[i] + 0.5)), width);
            sum += nats[i];
        }
        if (nats.empty()) {
            fmt::print("(the text has one token: nothing came before it)\n");
            return;
        }
        flush();
        fmt::print("mean {:.3f} nats\n", sum / static_cast<double>(nats.size()));
    }

    void next() const {
        const Tensor& p = views_.back().lens;
        BarChart chart;
        chart.caption = {"What it would write next",
                         "Long bars first; sampling draws from all of them.",
                         "Wrong: even bars after a text that leaves no choice."};
        chart.value = {"probability"};
        for (const int id : likeliest(p, last(), kLikeliest)) {
            chart.labels.push_back(label_of(id));
            chart.values.push_back(static_cast<double>(p.at(last(), id)));
        }
        heading(chart.caption);
        fmt::print("{}", text(chart, style_));
    }

    void lens() const {
        heading({"What each layer would write, were it the last (logit lens)",
                 "The answer forms on the way up; the stream grows with every block.",
                 "Wrong: a layer that changes nothing, or a stream that explodes."});
        for (std::size_t layer = 0; layer < views_.size(); ++layer) {
            std::string line =
                fmt::format("layer {}  stream {:5.2f} ", layer + 1, views_[layer].norm);
            for (const int id : likeliest(views_[layer].lens, last(), 3))
                line += fmt::format("  {} {:.2f}", label_of(id),
                                    static_cast<double>(views_[layer].lens.at(last(), id)));
            fmt::print("{}\n", fit_width(line, style_.columns));
        }
    }

    // As many of the last positions as the terminal has room for, two columns a cell.
    void attention(std::size_t layer) const {
        const Tensor& p = views_[layer].attention;  // (NH, T, T)
        const Index T = p.size(1);
        const Index shown = std::min<Index>(T, std::max(4, (style_.columns - 10) / 2));
        for (Index head = 0; head < p.size(0); ++head) {
            HeatMap map;
            map.caption = {fmt::format("Attention: layer {}, head {}", layer + 1, head + 1),
                           "A row looks, a column is looked at; each row sums to 1. Not "
                           "necessarily an explanation: what is gathered may be small.",
                           "Wrong: anything above the diagonal, which would be the future."};
            map.row_axis = "looks";
            map.column_axis = "looked at";
            for (Index t = T - shown; t < T; ++t) {
                map.row_labels.push_back(label_of(ids_[static_cast<std::size_t>(t)]));
                for (Index s = T - shown; s < T; ++s)
                    map.values.push_back(static_cast<double>(p[(head * T + t) * T + s]));
            }
            map.column_labels = map.row_labels;
            if (layer == 0 && head == 0)
                heading(map.caption);
            else
                fmt::print("\n{}\n\n", map.caption.title);
            fmt::print("{}", text(map, style_));
        }
    }

    const Vocabulary& vocabulary_;
    const std::vector<LayerView>& views_;
    std::vector<int> ids_;
    TextStyle style_;
};

}  // namespace

int look_command(const TextOptions& options) {
    const RunInfo info = load_run_info(options.folder);
    const Gpt model = load_run_model(options.folder, info);
    const std::string prompt = options.prompt.empty() ? info.prompt : options.prompt;
    std::vector<int> ids = info.vocabulary.encode(prompt);
    begin_document(info, ids);
    require(!ids.empty(), "look: the text is empty (--prompt TEXT)");
    require(static_cast<Index>(ids.size()) <= info.model.context,
            "look: the text has {} tokens, this model sees {} (a shorter --prompt)", ids.size(),
            info.model.context);
    const TerminalAbilities terminal = terminal_abilities(false, options.ascii);
    const TextStyle style{.columns = std::max(20, terminal_columns() - 1),
                          .unicode = terminal.unicode,
                          .colour = terminal.colour};
    fmt::print("{}\n", wrapped(fmt::format("{}: {} layers, {} heads, loss {:.3f}", options.folder,
                                           info.model.layers, info.model.heads, info.val)));
    const std::vector<LayerView> views = look_inside(model, ids);
    Look(info.vocabulary, views, ids, style).all();
    return 0;
}

}  // namespace gradus

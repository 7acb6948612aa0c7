// SPDX-License-Identifier: MIT
// gradus look: what a trained model does inside while it reads a text.
#include <algorithm>

#include "examples/gpt/commands.h"
#include "nn/files/atomic_file.h"
#include "nn/look/page.h"
#include "nn/look/pictures.h"
#include "nn/plot/text.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

struct LookOptions {
    std::string folder, prompt, html;
    bool ascii = false;
};

constexpr std::size_t kNextTokens = 8;  // next tokens shown as bars
constexpr int kPlaneRows = 20;          // lines of the embedding's picture

class Look {
 public:
    Look(const Reading& reading, const TextStyle& style) : reading_(reading), style_(style) {}

    void all(const Scatter& embedding) const {
        surprise();
        show(next_bars(reading_, kNextTokens), style_);
        lens();
        for (std::size_t layer = 0; layer < reading_.views.size(); ++layer) attention(layer);
        show(stream_histograms(reading_), style_);
        TextStyle tall = style_;
        tall.rows = kPlaneRows;
        show(embedding, tall);
    }

 private:
    static void heading(const Caption& caption) {
        fmt::print("\n{}\n{}\n{}\n\n", caption.title, wrapped(caption.look_for),
                   wrapped("Wrong: " + caption.wrong));
    }

    static void show(const auto& picture, const TextStyle& style) {
        heading(picture.caption);
        fmt::print("{}", text(picture, style));
    }

    // The text, and below each character how much it cost: a digit of nats, 9 for more.
    void surprise() const {
        heading({"How much each character surprises it",
                 "The digit below is -log p in nats: 0 was expected, 2 is one in seven. The loss "
                 "is the mean of these.",
                 "high digits inside words that it has read many times."});
        const std::vector<double> nats = surprisal(reading_.views, reading_.ids);
        std::string above, below;
        double sum = 0;
        const auto flush = [&] {
            fmt::print("{}\n{}\n", above, below);
            above.clear(), below.clear();
        };
        for (std::size_t i = 0; i < nats.size(); ++i) {
            const std::string token = reading_.label(reading_.ids[i + 1]);
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

    void lens() const {
        heading({"What each layer would write, were it the last (logit lens)",
                 "The answer forms on the way up; the stream grows with every block.",
                 "a layer that changes nothing, or a stream that explodes."});
        const Index last = reading_.tokens() - 1;
        for (std::size_t layer = 0; layer < reading_.views.size(); ++layer) {
            const LayerView& view = reading_.views[layer];
            std::string line = fmt::format("layer {}  stream {:5.2f} ", layer + 1, view.norm);
            for (const int id : likeliest(view.lens, last, 3))
                line += fmt::format("  {} {:.2f}", reading_.label(id),
                                    static_cast<double>(view.lens.at(last, id)));
            fmt::print("{}\n", fit_width(line, style_.columns));
        }
    }

    // As many of the last positions as the terminal has room for, two columns a cell. What it means
    // is said once.
    void attention(std::size_t layer) const {
        const HeatMaps maps =
            attention_maps(reading_, layer, std::max(4, (style_.columns - 10) / 2));
        if (layer == 0)
            heading(maps.caption);
        else
            fmt::print("\n");
        fmt::print("{}", text(maps, style_));
    }

    const Reading& reading_;
    TextStyle style_;
};

// What stands at the top of the page.
std::vector<std::pair<std::string, std::string>> facts(const std::string& folder,
                                                       const TextRun& info,
                                                       const Reading& reading) {
    std::string text;
    for (Index t = 0; t < reading.tokens(); ++t) text += reading.label_at(t);
    return {{"model", folder},
            {"data", info.data},
            {"layers", std::to_string(info.model.layers)},
            {"heads", std::to_string(info.model.heads)},
            {"width", std::to_string(info.model.width)},
            {"steps", std::to_string(info.result.steps)},
            {"loss", fmt::format("{:.3f}", info.result.val)},
            {"text", text}};
}

int look(const LookOptions& options) {
    const TextRun info = load_text_run(options.folder);
    const Gpt model = load_text_model(options.folder, info);
    const std::string prompt = options.prompt.empty() ? info.prompt : options.prompt;
    std::vector<int> ids = info.tokenizer.encode(prompt);
    prepend_bos(info, ids);
    require(!ids.empty(), "look: the text is empty (--prompt TEXT)");
    require(static_cast<Index>(ids.size()) <= info.model.context,
            "look: the text has {} tokens, this model sees {} (a shorter --prompt)", ids.size(),
            info.model.context);
    if (!options.html.empty()) {
        const Reading reading = read_text(model, info.tokenizer, ids, true);
        write_file(options.html, look_html(options.folder, facts(options.folder, info, reading),
                                           model, info.tokenizer, reading));
        fmt::print("{}\n", options.html);
        return 0;
    }
    const TerminalAbilities terminal = terminal_abilities(false, options.ascii);
    const TextStyle style{.columns = std::max(20, terminal_columns() - 1),
                          .unicode = terminal.unicode,
                          .colour = terminal.colour};
    fmt::print("{}\n", wrapped(fmt::format("{}: {} layers, {} heads, loss {:.3f}", options.folder,
                                           info.model.layers, info.model.heads, info.result.val)));
    Look(read_text(model, info.tokenizer, ids, style.unicode), style)
        .all(embedding_plane(model, info.tokenizer, style.unicode));
    return 0;
}

}  // namespace

void add_look(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("look", "Show what a trained model does inside");
    const auto options = std::make_shared<LookOptions>();
    add_folder(*command, options->folder);
    command
        ->add_option("--prompt", options->prompt,
                     "The text it reads (default: the beginning that its samples have)")
        ->type_name("TEXT");
    command
        ->add_option("--html", options->html,
                     "Write all of it, and more, as a page into this file instead (default: none)")
        ->type_name("FILE");
    command->add_flag(
        "--ascii", options->ascii,
        "Draw with ASCII characters only (the default where the locale is not UTF-8)");
    command->footer(
        "Examples:\n  gradus look runs/tales-quick --prompt \"Mia Fox found\"\n"
        "  gradus look runs/tales-quick --html look.html");
    command->callback([&action, options] { action = [options] { return look(*options); }; });
}

}  // namespace gradus

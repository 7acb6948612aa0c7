// SPDX-License-Identifier: MIT
// gradus look: shows what a trained model does inside while it reads a prompt.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "examples/gpt/commands.h"
#include "nn/files/atomic_file.h"
#include "nn/look/page.h"
#include "nn/look/terminal.h"
#include "nn/plot/png.h"
#include "nn/terminal/terminal.h"

namespace gradus {
namespace {

struct LookOptions {
    std::string folder, prompt, html, png;
    bool ascii = false;
};

// The facts at the top of the page.
std::vector<std::pair<std::string, std::string>> facts(const TrainedText& trained,
                                                       const Reading& reading) {
    std::string text;
    for (Index t = 0; t < reading.tokens(); ++t) text += reading.label_at(t);
    const TextModel& model = trained.model;
    std::vector<std::pair<std::string, std::string>> list = {
        {"model", trained.path},
        {"layers", std::to_string(model.layers())},
        {"heads", std::to_string(model.heads())},
        {"width", std::to_string(model.width())}};
    if (trained.run) {
        list.insert(list.begin() + 1, {"data", trained.run->data});
        list.emplace_back("steps", std::to_string(trained.run->result.steps));
        if (std::isfinite(trained.run->result.val))
            list.emplace_back("loss", fmt::format("{:.3f}", trained.run->result.val));
    } else {
        list.insert(list.begin() + 1, {"origin", trained.origin});
    }
    list.emplace_back("text", text);
    return list;
}

// Each picture in a file of its own, whose names are printed.
void write_pictures(const std::string& folder, const TextModel& model, const Tokenizer& tokenizer,
                    const Reading& reading) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);  // if it fails, so does the first file
    const auto write = [&](const std::string& name, const auto& picture) {
        write_picture(folder + "/" + name + ".png", picture);
        print_text(stdout, fmt::format("{}/{}.png\n", folder, name));
    };
    write("next", next_bars(reading, 8));
    if (reading.tokens() > 1) write("lens", lens_map(reading));
    for (std::size_t layer = 0; layer < reading.views.size(); ++layer)
        write(fmt::format("attention-{}", layer + 1),
              attention_maps(reading, layer, reading.tokens()));
    write("stream", stream_histograms(reading));
    write("embedding", embedding_plane(model, tokenizer, false));
}

int look(const LookOptions& options) {
    const TrainedText trained = load_model(options.folder, WeightUse::mapped);
    const TextModel& model = trained.model;
    const Tokenizer& tokenizer = trained.words();
    const std::string prompt = options.prompt.empty() ? trained.prompt : options.prompt;
    const std::vector<int> ids = trained.opening(tokenizer.encode(prompt));
    require(!(prompt.empty() && trained.begin.empty()), "look: the text is empty (--prompt TEXT)");
    require(static_cast<Index>(ids.size()) <= model.context(),
            "look: the text has {} tokens, more than the context of {} (shorten --prompt)",
            ids.size(), model.context());
    if (!options.png.empty())  // its letters are ASCII
        write_pictures(options.png, model, tokenizer, read_text(model, tokenizer, ids, false));
    if (!options.html.empty()) {
        const Reading reading = read_text(model, tokenizer, ids, true);
        write_file(options.html,
                   look_html(options.folder, facts(trained, reading), model, tokenizer, reading));
        print_text(stdout, options.html + "\n");
    }
    if (!options.html.empty() || !options.png.empty()) return 0;
    TextStyle style = terminal_style();
    style.unicode = style.unicode && !options.ascii;
    const double loss = trained.run ? trained.run->result.val : kNotMeasured;
    const std::string title =
        fmt::format("{}: {} layer{}, {} head{}, {}", options.folder, model.layers(),
                    model.layers() == 1 ? "" : "s", model.heads(), model.heads() == 1 ? "" : "s",
                    std::isfinite(loss) ? fmt::format("loss {:.3f}", loss) : trained.origin);
    print_text(stdout, wrapped(for_output(title)) + "\n");
    fmt::print("{}", look_text(read_text(model, tokenizer, ids, style.unicode),
                               embedding_plane(model, tokenizer, style.unicode), style));
    return 0;
}

}  // namespace

void add_look(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("look", "Show what a trained model does inside");
    const auto options = std::make_shared<LookOptions>();
    add_folder(*command, options->folder);
    command
        ->add_option("--prompt", options->prompt,
                     "The text it reads (default: the prompt of its samples)")
        ->type_name("TEXT");
    command
        ->add_option(
            "--html", options->html,
            "Write all of it, and more, to this file as an HTML page instead (default: none)")
        ->type_name("FILE");
    command
        ->add_option("--png", options->png,
                     "Write its pictures to this folder as PNG files instead (default: none)")
        ->type_name("DIR");
    command->add_flag(
        "--ascii", options->ascii,
        "Draw with ASCII characters only (the default where the locale is not UTF-8)");
    command->footer(
        "Examples:\n  gradus look runs/tales-quick --prompt \"Mia Fox found\"\n"
        "  gradus look runs/tales-quick --html look.html");
    command->callback([&action, options] { action = [options] { return look(*options); }; });
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "examples/gpt/options.h"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "examples/gpt/presets.h"
#include "examples/gpt/progress.h"
#include "nn/text/near_names.h"

namespace gradus {
namespace {

constexpr auto kTraining = "How long and how fast", kModel = "The model", kProgram = "This program";

// "quick 2500, cpu 2000, char 5000": a default that depends on the preset.
template <class Get>
std::string defaults(Get get) {
    std::string text;
    for (const auto& p : presets())
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", p.name, get(p));
    return " (default: " + text + ")";
}

// For CLI11: an empty answer means that the value will do. It would take -1 for 2^64 - 1.
std::string not_negative(const std::string& value) {
    return value.rfind('-', 0) == 0 ? value + " is negative" : "";
}

void add_gpt_flags(CLI::App& app, GptOptions& o) {
    std::string about = "Model and training in one word:";
    for (const auto& p : presets()) about += "\n" + p.name + ": " + p.about;
    app.add_option("--data", o.data,
                   "What to learn: tales, tales-zh, idioms (made up by the program, their exact "
                   "entropy is known), or a "
                   "text file in UTF-8")
        ->capture_default_str()
        ->type_name("NAME|FILE");
    app.add_option("--preset", o.preset, about)->capture_default_str()->type_name("NAME");
    app.add_option("--steps", o.steps,
                   "Training steps" + defaults([](auto& p) { return p.training.steps; }))
        ->type_name("N")
        ->group(kTraining);
    app.add_option("--batch", o.batch,
                   "Windows per step, or as many stories as make the same number of characters" +
                       defaults([](auto& p) { return p.batch; }))
        ->type_name("N")
        ->group(kTraining);
    app.add_option("--accumulate", o.accumulate,
                   "Batches whose gradients are averaged into one step: a large batch in little "
                   "memory (default: 1)")
        ->type_name("N")
        ->group(kTraining);
    app.add_option("--lr", o.lr,
                   "Highest learning rate; it warms up, then falls along a cosine" +
                       defaults([](auto& p) { return fmt::format("{}", p.training.lr); }))
        ->type_name("X")
        ->group(kTraining);
    app.add_option("--dropout", o.dropout,
                   "Part of the activations that is zeroed while training" +
                       defaults([](auto& p) { return fmt::format("{}", p.model.dropout); }))
        ->type_name("X")
        ->group(kTraining);
    app.add_flag(
           "--bf16", o.bf16,
           "Round the factors of matrix products to 8 significant bits; weights and sums stay "
           "float. Faster where the processor has AMX or AVX512_BF16 (default: off)")
        ->group(kTraining);
    app.add_option("--layers", o.layers,
                   "Blocks on top of each other" + defaults([](auto& p) { return p.model.layers; }))
        ->type_name("N")
        ->group(kModel);
    app.add_option("--heads", o.heads,
                   "Attention heads per block; must divide the width" +
                       defaults([](auto& p) { return p.model.heads; }))
        ->type_name("N")
        ->group(kModel);
    app.add_option("--width", o.width,
                   "Numbers per position" + defaults([](auto& p) { return p.model.width; }))
        ->type_name("N")
        ->group(kModel);
    app.add_option("--context", o.context,
                   "Characters that the model sees at once; for stories the longest story" +
                       defaults([](auto& p) { return p.model.context; }))
        ->type_name("N")
        ->group(kModel);
    app.add_flag("--bytes", o.bytes,
                 "One token a byte instead of a character: takes any file at all (default: off)")
        ->group(kModel);
    app.add_option("--seed", o.seed, "Same seed, same model, to the bit (default: 1)")
        ->check(not_negative)
        ->type_name("N")
        ->group(kProgram);
    app.add_option("--threads", o.threads,
                   "Processors to use; the result does not depend on it (default: all)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024).description(""))
        ->group(kProgram);
    app.add_option("--out", o.out,
                   "Folder for the trained model (default: runs/DATA-PRESET, numbered if taken)")
        ->type_name("DIR")
        ->group(kProgram);
    app.add_option("--resume", o.resume,
                   "Go on with an interrupted run; only --steps, --threads, --plain, --ascii and "
                   "--no-chat go with it")
        ->type_name("DIR")
        ->group(kProgram);
    app.add_flag("--plain", o.plain,
                 "Whole key=value lines instead of the moving display (the default when piped)")
        ->group(kProgram);
    app.add_flag("--ascii", o.ascii,
                 "Draw with ASCII characters only (the default where the locale is not UTF-8)")
        ->group(kProgram);
    app.add_flag("--no-chat", o.no_chat,
                 "Stop after training (default: off, but never asks when piped)")
        ->group(kProgram);
    app.footer(
        "Examples:\n"
        "  gradus gpt                          two minutes, English stories, then talk to it\n"
        "  gradus gpt --data tales-zh          the same in Chinese\n"
        "  gradus gpt --data book.txt --preset cpu\n"
        "  gradus gpt --resume runs/tales-quick");
}

void add_folder(CLI::App& app, TextOptions& o) {
    app.add_option("folder", o.folder, "A trained model's folder, as gradus gpt printed it")
        ->required()
        ->type_name("DIR");
}

void add_text_flags(CLI::App& app, TextOptions& o) {
    add_folder(app, o);
    app.add_option("--temperature", o.sampler.temperature,
                   "1: as the model learnt it; lower: safer; 0: always the likeliest")
        ->capture_default_str()
        ->type_name("X");
    app.add_option("--top-k", o.sampler.top_k, "Only the K likeliest next characters; 0: all")
        ->capture_default_str()
        ->type_name("K");
    app.add_option("--top-p", o.sampler.top_p,
                   "Only the likeliest that together reach probability P; 1: all")
        ->capture_default_str()
        ->type_name("P");
    app.add_option("--tokens", o.tokens, "Characters to write (default: one story, or 500)")
        ->type_name("N");
    app.add_option("--seed", o.seed, "Starts the random choices: same seed, same text")
        ->capture_default_str()
        ->check(not_negative)
        ->type_name("N");
    app.add_option("--threads", o.threads, "Processors to use (default: all)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024).description(""));
    app.add_flag("--int8", o.int8,
                 "Weights in 8 bits: a quarter of the memory, large models write faster; says what "
                 "it costs in loss (default: off)");
}

// CLI11's help, with the explanations wrapped to the terminal; in a narrow one they stand below the
// flags.
class Help : public CLI::Formatter {
 public:
    Help() { column_width(static_cast<std::size_t>(terminal_columns() >= 70 ? 24 : 4)); }
    std::string make_option_desc(const CLI::Option* option) const override {
        const int room = terminal_columns() - 1 - static_cast<int>(get_column_width());
        return wrapped(option->get_description(), 0, room);
    }
};

// CLI11 says what was wrong in one or more lines; we want one, with the nearest known flag for a
// misspelt one.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App* chosen = &app;
    for (const CLI::App* sub : app.get_subcommands()) chosen = sub;
    const std::vector<std::string> extra = chosen->remaining(true);
    const std::string where = chosen == &app ? "" : chosen->get_name() + ": ";
    if (!extra.empty()) {
        std::vector<std::string> known;
        if (extra[0].rfind("-", 0) == 0) {
            for (const CLI::Option* option : chosen->get_options())
                if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames()[0]);
        } else {
            for (const CLI::App* sub : app.get_subcommands({})) known.push_back(sub->get_name());
        }
        const std::string word = extra[0].substr(0, extra[0].find('='));
        const auto near = near_names(word, known, 1);
        return fmt::format("{}{} is not known{} (gradus {}--help lists all)", where, word,
                           near.empty() ? "" : "; did you mean " + near[0] + "?",
                           chosen == &app ? "" : chosen->get_name() + " ");
    }
    if (chosen == &app)
        return "say what to do: gpt, chat, sample or look (gradus --help explains them)";
    std::string text = error.what();
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return where + text;
}

}  // namespace

Command parse_command(int argc, char** argv) {
    Command command;
    CLI::App app("Train a small GPT from nothing, and talk to it.", "gradus");
    app.require_subcommand(1);
    app.formatter(std::make_shared<Help>());
    CLI::App* gpt = app.add_subcommand("gpt", "Train a GPT in front of you, then talk to it");
    CLI::App* chat = app.add_subcommand("chat", "Talk to a trained model");
    CLI::App* sample =
        app.add_subcommand("sample", "Print text from a trained model, and nothing else");
    CLI::App* look = app.add_subcommand("look", "Show what a trained model does inside");
    add_gpt_flags(*gpt, command.gpt);
    add_text_flags(*chat, command.text);
    add_text_flags(*sample, command.text);
    sample
        ->add_option("--prompt", command.text.prompt,
                     "The text to go on from (default: a fresh start)")
        ->type_name("TEXT");
    add_folder(*look, command.text);
    look->add_option("--prompt", command.text.prompt,
                     "The text it reads (default: the beginning that its samples have)")
        ->type_name("TEXT");
    look->add_option("--html", command.text.html,
                     "Write all of it, and more, as a page into this file instead (default: none)")
        ->type_name("FILE");
    look->add_flag("--ascii", command.text.ascii,
                   "Draw with ASCII characters only (the default where the locale is not UTF-8)");
    look->footer(
        "Examples:\n  gradus look runs/tales-quick --prompt \"Mia Fox found\"\n"
        "  gradus look runs/tales-quick --html look.html");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        const CLI::App* about = &app;
        for (const CLI::App* sub : app.get_subcommands()) about = sub;
        command.help = about->help();
        return command;
    } catch (const CLI::ParseError& error) {
        throw std::invalid_argument(complaint(app, error));
    }
    command.kind = gpt->parsed()    ? Command::Kind::gpt
                   : chat->parsed() ? Command::Kind::chat
                   : look->parsed() ? Command::Kind::look
                                    : Command::Kind::sample;
    if (command.kind == Command::Kind::gpt && !command.gpt.resume.empty()) {
        for (const char* flag :
             {"--data", "--preset", "--batch", "--accumulate", "--lr", "--dropout", "--layers",
              "--heads", "--width", "--context", "--bytes", "--bf16", "--seed", "--out"})
            require(gpt->count(flag) == 0,
                    "gpt: {} does not go with --resume, which takes up the run as it was started",
                    flag);
    }
    return command;
}

}  // namespace gradus

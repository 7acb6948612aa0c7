// SPDX-License-Identifier: MIT
// gradus gpt: from flags to a trained model on disk.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

constexpr char kWithResume[] =
    "gpt: {} does not go with --resume, which continues the run as it was started";

struct GptOptions {
    std::string data = "tales", preset, tokenizer = "characters", out, resume, name, init;
    std::map<std::string, nlohmann::json> fields;  // configuration set by flags, by name
    int threads = 0;                               // 0: all processors
    bool plain = false, ascii = false, no_chat = false;
};

const Preset& chosen_preset(const GptOptions& o) {
    const Preset& chosen = preset(!o.preset.empty() ? o.preset
                                  : o.init.empty()  ? "quick"
                                                    : "finetune");
    require(!o.init.empty() || !chosen.for_trained, "--preset {} needs a trained model: --init DIR",
            chosen.name);
    require(o.init.empty() || chosen.for_trained,
            "--preset {} makes a model of its own, --init brings one (--preset finetune, and flags "
            "such as --steps)",
            chosen.name);
    return chosen;
}

// The flags are those of a GPT; a Llama has not all of these fields.
void require_known(const GptOptions& o, TextRun& run) {
    const std::vector<Field> known = run.all_fields();
    for (const auto& said : o.fields)
        require(std::any_of(known.begin(), known.end(),
                            [&](const Field& field) { return field.name == said.first; }),
                "gpt: {} says nothing to a {} model, which has no such setting", said.first,
                architecture_of(run.model));
}

// Who asks for a width alone has not chosen the heads that must divide it.
void require_divisible(const GptOptions& o, const TextRun& run) {
    const auto* gpt = std::get_if<GptConfig>(&run.model);
    if (!gpt || o.fields.contains("heads") || !o.fields.contains("width")) return;
    Index heads = std::max<Index>(1, gpt->heads);
    if (gpt->width < 1 || gpt->width % heads == 0) return;
    while (gpt->width % heads != 0) --heads;
    require(false,
            "--width {} does not go with the {} heads of preset {}, which must divide it "
            "(add --heads {})",
            gpt->width, gpt->heads, run.preset, heads);
}

// A new run: the preset, the data, and the flags that override them. `init` has the model if it is
// trained already.
TextRun new_run(const GptOptions& o, const TextData& data, const TrainedText* init) {
    TextRun run = init ? fine_tuning_run(chosen_preset(o), o.data, data, init->model.config(),
                                         std::filesystem::absolute(o.init).string())
                       : preset_run(chosen_preset(o), o.data, data);
    if (init)
        for (const Field& field : fields_of(run.model))
            require(!field.about.flag || !o.fields.contains(field.name),
                    "gpt: {} does not go with --init, which brings a model as it is", field.flag());
    require_known(o, run);
    const double lr = run.training.lr;
    for (const Field& field : run.all_fields())
        if (const auto said = o.fields.find(field.name); said != o.fields.end())
            set_field(field, said->second);
    if (!o.fields.contains("min_lr")) run.training.min_lr *= run.training.lr / lr;  // same shape
    require(run.batch >= 1 && run.batch <= 65536, "--batch {}, must be 1 to 65536", run.batch);
    require(run.training.steps >= 1 && run.training.steps <= 1'000'000'000,
            "--steps {}, must be 1 to 1000000000", run.training.steps);
    run.name = o.name;
    require_divisible(o, run);
    validate(run.model);
    require(run.window >= 0 && run.window <= context_of(run.model),
            "--window {}, must be 0 to {}, the model's context", run.window, context_of(run.model));
    data.require_context(run.length());
    return run;
}

TextRun resumed_run(const GptOptions& o) {
    if (!holds_run(o.resume) && is_pretrained(o.resume))
        throw FileError(
            o.resume, "is a published model, not a run (to train it further: --init, and --data)");
    TextRun run = load_text_run(o.resume);
    require_known(o, run);
    for (const Field& field : run.all_fields()) {
        const auto said = o.fields.find(field.name);
        if (said == o.fields.end()) continue;
        require(field.about.resumable, kWithResume, field.flag());
        set_field(field, said->second);
    }
    require(run.training.steps >= run.result.steps, "gpt: --steps {}, but {} are done already",
            run.training.steps, run.result.steps);
    return run;
}

// The data of a run, in the tokens of `given` or of one that is learnt from it, as `choice` says. A large
// file takes a while to be read and, for BPE, to learn merges from.
TextData read_data(const std::string& name, const std::optional<Tokenizer>& given,
                   const std::string& choice, std::uint64_t seed,
                   const TerminalCapabilities& terminal) {
    const std::string file = std::filesystem::path(name).filename().string();
    const TokenizerChoice learnt = given ? TokenizerChoice() : TokenizerChoice::of(choice);
    const bool bpe = learnt.kind == Tokenizer::Kind::bpe;
    const std::string what =
        bpe ? fmt::format("Learning {} merges from {}", learnt.merges, file) : "Reading " + file;
    return with_progress(terminal, what, [&]() -> TextData {
        if (given) return {*given, name, seed};
        if (bpe && hooks().tokenizer) return {hooks().tokenizer(name, learnt.merges), name, seed};
        return {name, learnt, seed};
    });
}

// Whether --tokenizer names a file or a folder. The words for learning one come first, so that a
// folder called "bytes" changes nothing.
bool names_file(const std::string& tokenizer) {
    std::error_code ignored;
    return tokenizer != "characters" && tokenizer != "bytes" && !tokenizer.starts_with("bpe:") &&
           std::filesystem::exists(tokenizer, ignored);
}

// The tokenizer that --tokenizer or --init brings; none if one is to be learnt from the data.
std::optional<Tokenizer> given_tokenizer(const GptOptions& o, const TrainedText* init) {
    if (init) return init->words();
    if (names_file(o.tokenizer)) return load_tokenizer(o.tokenizer);
    return {};
}

Gpt& gpt_in(TextModel& model) {
    auto* gpt = std::get_if<Gpt>(&model.any);
    require(gpt, "gpt: your own parts make a GPT, and this run's model is a {}",
            architecture_of(model.config()));
    return *gpt;
}

int train(const GptOptions& o) {
    const bool resuming = !o.resume.empty();
    if (const std::string runs = o.out.empty() ? "" : runs_within(o.out); !runs.empty())
        throw FileError(o.out, runs + " (give a new folder, such as " + o.out + "/NAME)");
    if (!o.out.empty() && holds_run(o.out))
        throw FileError(o.out,
                        "already holds a run (continue it with --resume, or choose another --out)");
    TextRun run;
    std::optional<TrainedText> init;
    if (resuming) {
        run = resumed_run(o);
        require_same_file(run);
    } else if (o.fields.contains("seed")) {
        run.training.seed = o.fields.at("seed").get<std::uint64_t>();
    }
    if (!o.init.empty()) {
        chosen_preset(o);  // a misspelt one is found before a model of gigabytes is read
        init = load_model(o.init, WeightUse::trainable);
    }
    const std::string name = resuming ? run.data : o.data;
    const TerminalCapabilities terminal = terminal_capabilities(o.plain, o.ascii);
    TextData data =
        read_data(name, resuming ? run.tokenizer : given_tokenizer(o, init ? &*init : nullptr),
                  o.tokenizer, run.training.seed, terminal);
    if (resuming)
        require_same_file(run);  // nor has it changed while it was read
    else
        run = new_run(o, data, init ? &*init : nullptr);
    if (!resuming && !init && names_file(o.tokenizer))
        run.tokens_from = std::filesystem::absolute(o.tokenizer).string();
    if (!resuming || run.data_crc64.empty())  // otherwise it is still that
        run.data_crc64 = data.source() ? "" : data_crc64(name);

    require_memory(run, data);
    start_threads(o.threads);
    TextModel model = init ? init->model : TextModel(run.model, Initialiser(run.training.seed));
    const TextParts parts =
        hooks().parts ? hooks().parts(gpt_in(model), run.training.seed, false) : TextParts();
    Task task = with_progress(terminal, "Measuring the bigram baseline",
                              [&] { return text_task(run, model, data, interrupted, parts); });
    const std::string usual =
        "runs/" + std::filesystem::path(o.data).stem().string() + "-" + run.preset;
    FitOptions options{.folder = resuming        ? o.resume
                                 : o.out.empty() ? fresh_folder(usual)
                                                 : o.out,
                       .training = run.training,
                       .run = run.run,
                       .resume = resuming ? Resume::yes : Resume::no,
                       .stop = interrupted,
                       .terminal = terminal};
    task.resume_command = fmt::format("./gradus gpt --resume {}", shell_word(options.folder));
    if (hooks().before_training) hooks().before_training(run, data, options);
    {
        const InterruptGuard guard;
        const FitResult fitted = fit(named_parameters(model), fields_of(run.model), task, options);
        if (!fitted.finished) return 130;
        if (hooks().after_training && !fitted.was_finished)
            hooks().after_training(run, options.folder);
    }
    if (!options.terminal.live) return 0;
    const std::string folder = shell_word(options.folder);
    fmt::print("Talk to it again with: ./gradus chat {}\n", folder);
    fmt::print("Look inside with: ./gradus look {}\n", folder);
    if (o.no_chat) return 0;
    TextOptions talk;
    talk.seed = run.training.seed;
    return chat(Writer(trained_text(options.folder, run, model), parts, talk));
}

}  // namespace

void add_gpt(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("gpt", "Train a GPT in front of you, then talk to it");
    const auto options = std::make_shared<GptOptions>();
    GptOptions& o = *options;
    command
        ->add_option(
            "--data", o.data,
            "What to learn: tales, tales-zh, idioms, names, sums (generated, so their exact "
            "entropy is known), or a text file in UTF-8, also gzipped; of a .jsonl file, the text "
            "of each line, followed by a line break")
        ->capture_default_str()
        ->type_name("NAME|FILE");
    command
        ->add_option("--preset", o.preset,
                     about_presets() + "\n(default: quick; with --init finetune)")
        ->type_name("NAME");
    command
        ->add_option(
            "--init", o.init,
            "Begin with a trained model, not with random weights: a run's folder, GPT-2's or a "
            "Llama's as published, a .gguf file (default: none)")
        ->type_name("DIR|FILE");
    command
        ->add_option(
            "--tokenizer", o.tokenizer,
            "What the model reads and writes one at a time.\n"
            "characters: best for a short text and a small model\n"
            "bytes: for any file, even if it is not text\n"
            "bpe:N: byte-pair encoding, frequent words and parts of words; up to N of them "
            "are learnt from the data. For a text of a megabyte or more: bpe:2000 makes an "
            "English one 2.6 times as short, so the model looks back further\n"
            "a folder or file: the tokenizer there, such as GPT-2's or another run's")
        ->capture_default_str()
        ->type_name("WORD|DIR|FILE");
    add_field_flags(*command, o.fields);
    const auto group = "This program";
    add_threads(*command, o.threads);
    command
        ->add_option("--out", o.out,
                     "Folder for the trained model (default: runs/DATA-PRESET, numbered if taken)")
        ->type_name("DIR")
        ->group(group);
    command
        ->add_option("--name", o.name,
                     "A name for the model, with which it greets you (default: none)")
        ->type_name("NAME")
        ->group(group);
    command
        ->add_option("--resume", o.resume,
                     "Continue an interrupted run; its model and data cannot be changed")
        ->type_name("DIR")
        ->group(group);
    command
        ->add_flag("--plain", o.plain,
                   "Lines of key=value instead of the live display (the default when piped)")
        ->group(group);
    command
        ->add_flag("--ascii", o.ascii,
                   "Draw with ASCII characters only (the default where the locale is not UTF-8)")
        ->group(group);
    command
        ->add_flag("--no-chat", o.no_chat,
                   "Stop after training (default: start a chat, except when piped)")
        ->group(group);
    command->footer(
        "Examples:\n"
        "  gradus gpt                          English stories; then you talk to it\n"
        "  gradus gpt --data tales-zh          the same in Chinese\n"
        "  gradus gpt --data book.txt --preset cpu\n"
        "  gradus gpt --data book.txt --tokenizer bpe:2000\n"
        "  gradus gpt --init gpt2 --data book.txt   fine-tune GPT-2 on a book\n"
        "  gradus gpt --resume runs/tales-quick\n"
        "  gradus gpt --mine                   on the parts that you wrote in the course");
    command->callback([&action, command, options] {
        for (const char* flag : {"--data", "--preset", "--init", "--tokenizer", "--out", "--name"})
            require(options->resume.empty() || command->count(flag) == 0, kWithResume, flag);
        require(options->init.empty() || command->count("--data") > 0,
                "gpt: --init needs --data, what to train the model further on (a file, or one of "
                "tales, tales-zh, idioms, names, sums)");
        require(options->init.empty() || command->count("--tokenizer") == 0,
                "gpt: --tokenizer does not go with --init, which brings its own");
        require(options->init.empty() || !hooks().parts,
                "gpt: --init does not go with --mine, which begins with your own parts");
        // Throws before anything is read.
        if (!names_file(options->tokenizer)) TokenizerChoice::of(options->tokenizer);
        action = [options] { return train(*options); };
    });
}

}  // namespace gradus

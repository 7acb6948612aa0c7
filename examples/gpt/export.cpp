// SPDX-License-Identifier: MIT
// gradus export: a trained model in the files of other software.
#include <filesystem>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

struct ExportOptions {
    std::string folder, to, out, format;
};

WeightFormat format_named(const std::string& name) {
    for (const WeightFormat format : {WeightFormat::f32, WeightFormat::f16, WeightFormat::bf16,
                                      WeightFormat::q8_0, WeightFormat::q4_0})
        if (name == to_string(format)) return format;
    require(false, "export: --format {} is not known (known: f32, f16, bf16, q8_0, q4_0)", name);
    return {};
}

// Where the export goes unless --out says: beside the model, "runs/tales-quick.gguf".
std::string usual_place(std::string folder, const std::string& to) {
    std::error_code error;  // "." has a name, too
    if (const auto full = std::filesystem::weakly_canonical(folder, error);
        !error && std::filesystem::path(folder).filename().string().find_first_not_of('.') ==
                      std::string::npos)
        folder = full.string();
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    for (const std::string end : {".gguf", ".bin"})
        if (folder.ends_with(end)) folder.resize(folder.size() - end.size());
    return folder + (to == "hf" ? "-hf" : "." + to);
}

double bytes_in(const std::string& path) {
    double bytes = 0;
    std::error_code error;
    if (!std::filesystem::is_directory(path, error))
        bytes = static_cast<double>(std::filesystem::file_size(path, error));
    else
        for (const auto& file : std::filesystem::directory_iterator(path, error))
            bytes += static_cast<double>(file.file_size(error));
    return bytes;
}

std::string next_step(const std::string& to, const std::string& out) {
    const std::string place = shell_word(out);
    if (to == "gguf") return fmt::format("llama-cli -m {} -no-cnv -p \"...\"", place);
    return std::string("python3 -c 'import sys; ") +
           (to == "npz" ? "import numpy; print(numpy.load(sys.argv[1]).files)' "
                        : "from transformers import pipeline; "
                          "print(pipeline(\"text-generation\", sys.argv[1])(\"...\"))' ") +
           place;
}

// Returns what was left out, and why; "" if nothing.
std::string write(const ExportedModel& what, const std::string& to, const std::string& out,
                  WeightFormat format) {
    require(to != "npz" || format == WeightFormat::f32, "export: --to npz has the format f32 only");
    return with_progress(terminal_capabilities(false, false), "Writing " + out, [&] {
        if (to == "hf") return export_hf(what, out, format);
        to == "gguf" ? export_gguf(what, out, format) : export_npz(what, out);
        return std::string();
    });
}

int export_model(const ExportOptions& o) {
    const WeightFormat format = format_named(o.format);
    const TrainedText trained = load_model(o.folder, WeightUse::mapped);
    std::optional<Tokenizer> tokenizer = trained.tokenizer;
    const std::optional<int> bos = trained.begin.empty() ? std::optional<int>() : trained.begin[0];
    if (tokenizer)  // of a run on documents, the character that ends one
        tokenizer->set_bos_eos(bos, trained.stop.empty() ? std::optional<int>() : trained.stop[0]);
    const ExportedModel what{.model = trained.model,
                             .tokenizer = tokenizer ? &*tokenizer : nullptr,
                             .bos = bos,
                             .eos = trained.stop,
                             .name = trained.name};
    const std::string out = o.out.empty() ? usual_place(o.folder, o.to) : o.out;
    const std::string ending = std::filesystem::path(out).extension().string();
    require(o.to == "hf" ? ending != ".gguf" && ending != ".npz" : ending == "." + o.to,
            "export: --out {}, must be {} for --to {}", out,
            o.to == "hf" ? "a folder" : "a file that ends in ." + o.to, o.to);
    if (std::error_code error; o.to != "hf" && std::filesystem::exists(out, error))
        throw FileError(out, "exists already (choose another --out)");
    const std::string left_out = write(what, o.to, out, format);
    if (!left_out.empty()) tokenizer = {};
    std::string text = fmt::format("{}Wrote {}, {}.", left_out.empty() ? "" : left_out + ". ", out,
                                   bytes_text(bytes_in(out)));
    const bool runs = tokenizer || o.to == "npz";
    text += runs ? " Try it with:" : " Without a tokenizer, it reads and writes token ids only.";
    print_text(stdout, wrapped(for_output(text)) + "\n");
    if (runs) print_text(stdout, "  " + for_output(next_step(o.to, out)) + "\n");
    return 0;
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("export", "Write a model for other software: PyTorch, llama.cpp, NumPy");
    const auto options = std::make_shared<ExportOptions>();
    ExportOptions& o = *options;
    add_folder(*command, o.folder);
    command
        ->add_option("--to", o.to,
                     "hf: a folder that transformers loads; gguf: a file that llama.cpp runs; npz: "
                     "the bare numbers (no default)")
        ->required()
        ->check([](const std::string& to) {
            return to == "hf" || to == "gguf" || to == "npz"
                       ? ""
                       : to + " is not known (known: hf, gguf, npz)";
        })
        ->type_name("hf|gguf|npz");
    command
        ->add_option("--out", o.out,
                     "Where to write it (default: beside the model, DIR-hf, DIR.gguf or DIR.npz)")
        ->type_name("PATH");
    o.format = "f32";
    command
        ->add_option(
            "--format", o.format,
            "How the numbers of the matrices are stored. f32: exact; f16, bf16: half the size; for "
            "gguf also q8_0 and q4_0: a quarter and a seventh")
        ->capture_default_str()
        ->type_name("FORMAT");
    command->footer(
        "A model whose tokens are characters goes to hf and npz, not to llama.cpp, which has no\n"
        "such tokenizer (train with --tokenizer bytes or --tokenizer bpe:2000). A GPT needs\n"
        "llama.cpp of March 2025 or later.\n"
        "Examples:\n  gradus export runs/book-cpu-2 --to gguf --format q8_0\n"
        "  gradus export runs/book-cpu --to hf --out book-hf");
    command->callback(
        [&action, options] { action = [options] { return export_model(*options); }; });
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "nn/run/text_run.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nn/files/atomic_file.h"
#include "nn/files/tokenizers/run_vocabulary.h"
#include "nn/files/weights/safetensors.h"
#include "nn/files/weights/weights.h"
#include "nn/terminal/printable.h"
#include "tensor/memory_limit.h"

namespace gradus {

std::vector<Field> TextRun::batch_fields() {
    return {
        {"batch", &batch,
         About{.help = "Windows per micro-batch, or documents; a preset takes as many of these as "
                       "make up its number of characters"}},
        {"window", &window,
         About{.help = "Tokens per window of running text; 0: as many as the model can read",
               .optional = true}}};
}

std::vector<Field> TextRun::all_fields() {
    std::vector<Field> list = fields_of(training);
    for (const auto& more : {batch_fields(), fields_of(run), fields_of(model)})
        list.insert(list.end(), more.begin(), more.end());
    std::erase_if(list, [](const Field& field) { return !field.about.flag; });
    return list;
}

std::vector<ConfigSection> TextRun::sections() {
    return {{"", fields_of(*this)}, {"training", batch_fields()}};
}

TokenizerChoice TextRun::choice() const {
    return {tokenizer.kind(),
            tokenizer.bpe() ? static_cast<int>(tokenizer.bpe()->merges().size()) : 0};
}

std::vector<int> TextRun::bos() const {
    if (!stop.empty()) return tokenizer.encode(stop);
    return tokenizer.bos() ? std::vector<int>{*tokenizer.bos()} : std::vector<int>();
}

std::vector<int> TextRun::eos() const {
    if (!stop.empty()) return tokenizer.encode(stop);
    return tokenizer.eos() ? std::vector<int>{*tokenizer.eos()} : std::vector<int>();
}

std::vector<int> TextRun::opening(std::string_view text) const {
    std::vector<int> ids = bos();
    const std::vector<int> typed = tokenizer.encode(text);
    ids.insert(ids.end(), typed.begin(), typed.end());
    return ids;
}

namespace {

// Of the architecture that run.json names; older ones name none, and are GPTs.
TextConfig empty_config(const nlohmann::json& whole) {
    const auto said = whole.find("architecture");
    if (said == whole.end() || *said == "gpt") return GptConfig();
    require(*said == "llama", "\"architecture\" is {} (known: gpt, llama)",
            in_quotes(said->dump(-1, ' ', true)));
    return LlamaConfig();
}

}  // namespace

TextRun load_text_run(const std::string& folder) {
    TextRun run;
    const Description description(folder);
    description.checked([&] { run.model = empty_config(description.whole()); });
    std::vector<ConfigSection> sections = run.sections();
    sections.insert(sections.end(), {{"model", fields_of(run.model)},
                                     {"training", fields_of(run.training)},
                                     {"training", fields_of(run.run)}});
    description.read(sections, run.result, {"vocabulary", "architecture"});
    description.checked([&] {
        validate(run.model);
        const auto& whole = description.whole();
        require(whole.contains("vocabulary") && whole["vocabulary"].is_object(),
                "\"vocabulary\" is missing or not an object");
        run.tokenizer = vocabulary_from_json(whole["vocabulary"], in_folder(folder, "run.json"));
        const Index V = vocabulary_of(run.model);
        // A published model may have rows that no token uses.
        require(run.tokenizer.size() == V || (!run.init.empty() && run.tokenizer.size() < V),
                "the vocabulary lists {} tokens, the model has {}", run.tokenizer.size(), V);
        run.tokenizer.encode(run.prompt);
        require(run.stop.empty() || run.tokenizer.encode(run.stop).size() == 1,
                "\"stop\" must be one character or empty");
        require(run.batch >= 1 && run.batch <= 65536, "\"batch\" is {}, must be 1 to 65536",
                run.batch);
    });
    return run;
}

namespace {

TextModel model_in(const std::string& path, const TextRun& run) {
    // Checked before the model is created: a wrong size in run.json must not allocate terabytes.
    Index count = 0;
    const SafetensorsFile file = load_safetensors(path);
    for (const auto& tensor : file.tensors())
        count += std::accumulate(tensor.shape.begin(), tensor.shape.end(), Index{1},
                                 std::multiplies<>());
    if (count != parameter_count(run.model))
        throw FileError(path, fmt::format("holds {} values, the model described by run.json has {}",
                                          count, parameter_count(run.model)));
    const double bytes = sizeof(Real) * static_cast<double>(count);
    require_memory(bytes, fmt::format("{}: {} parameters take {}", path, count, bytes_text(bytes)),
                   "close other programs, or use a machine with more");
    TextModel model(run.model, Initialiser::none());
    load(path, model);
    return model;
}

// The state to resume from holds the weights, too.
std::string remedy(const std::string& folder) {
    try {
        const FileRecords files = Description(folder).files();
        if (!files.contains("resume.safetensors")) return "";
        saved_copy(folder, "resume.safetensors", files);
        return fmt::format(" (gradus gpt --resume {} writes it again)", shell_word(folder));
    } catch (const FileError&) {
        return "";
    }
}

}  // namespace

TextModel load_text_model(const std::string& folder, const TextRun& run) {
    const std::string description = in_folder(folder, "run.json");
    for (std::string text = read_file(description);;) {
        try {
            return model_in(saved_copy(folder, "model.safetensors", Description(folder).files()),
                            run);
        } catch (const FileError& error) {
            // A run that goes on may have saved between our reading run.json and the weights.
            const std::string now = read_file(description);
            if (now == text) throw FileError(error, remedy(folder));
            text = now;
        }
    }
}

std::string data_crc64(const std::string& name) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(name, ignored) ? checksum_of_file(name).text() : "";
}

void require_same_file(const TextRun& run) {
    const std::string now = run.data_crc64.empty() ? "" : data_crc64(run.data);
    if (!now.empty() && now != run.data_crc64)
        throw FileError(run.data, fmt::format("the file has changed: its checksum is {}, that of "
                                              "the run's data was {}",
                                              now, run.data_crc64));
}

std::string command_of(TextRun& run) {
    std::string command =
        fmt::format("./gradus gpt --data {} --preset {}", shell_word(run.data), run.preset);
    if (!run.init.empty()) command += " --init " + shell_word(run.init);
    const std::string tokens =
        run.tokens_from.empty() ? run.choice().words() : shell_word(run.tokens_from);
    if (run.init.empty() && tokens != "characters") command += " --tokenizer " + tokens;
    std::vector<Field> fields = run.batch_fields();
    for (const auto& more : {fields_of(run.training), fields_of(run.run)})
        fields.insert(fields.end(), more.begin(), more.end());
    const std::vector<Field> model = fields_of(run.model);
    if (run.init.empty()) fields.insert(fields.end(), model.begin(), model.end());
    for (const Field& field : fields) {
        if (!field.about.flag) continue;
        const bool yes_no = std::holds_alternative<bool*>(field.value) ||
                            std::holds_alternative<YesNo>(field.value);
        if (!yes_no)
            command += " " + field.flag() + " " + shell_word(field.text());
        else
            command +=
                field.text() == "yes" ? " " + field.flag() : " --no-" + field.flag().substr(2);
    }
    return command;
}

}  // namespace gradus

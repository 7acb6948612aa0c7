// SPDX-License-Identifier: MIT
#include "nn/files/run.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/safetensors.h"

namespace gradus {
namespace {

using nlohmann::json;
constexpr const char* kFormat = "gradus-run-1";

std::string in(const std::string& folder, const char* name) {
    return (std::filesystem::path(folder) / name).string();
}

void make_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!std::filesystem::is_directory(folder))
        throw FileError(folder, "cannot create this folder: " +
                                    (error ? error.message() : "a file is in the way"));
}

json to_json(const RunInfo& r) {
    const auto& m = r.model;
    const auto& t = r.training;
    json out = {
        {"format", kFormat},
        {"model",
         {{"layers", m.layers},
          {"heads", m.heads},
          {"width", m.width},
          {"context", m.context},
          {"vocabulary", m.vocabulary},
          {"dropout", m.dropout},
          {"bias", m.bias == Bias::yes}}},
        {"vocabulary", r.vocabulary.to_json()},
        {"data", r.data},
        {"preset", r.preset},
        {"prompt", r.prompt},
        {"stop", r.stop},
        {"training",
         {{"steps", t.steps},
          {"batch", r.batch},
          {"accumulate", t.accumulate},
          {"warmup", t.warmup},
          {"lr", t.lr},
          {"min_lr", t.min_lr},
          {"clip", t.clip},
          {"beta1", t.adamw.beta1},
          {"beta2", t.adamw.beta2},
          {"eps", t.adamw.eps},
          {"decay", t.adamw.decay},
          {"seed", t.seed}}},
        {"result", {{"steps", r.steps_done}, {"val", r.val}, {"seconds", r.seconds}}},
    };
    if (r.floor >= 0) out["result"]["floor"] = r.floor;
    return out;
}

RunInfo from_json(const json& j) {
    require(j.at("format") == kFormat, "\"format\" is {}, this program reads \"{}\"",
            j.at("format").dump(), kFormat);
    RunInfo r;
    const json &m = j.at("model"), &t = j.at("training"), &result = j.at("result");
    r.model = {.layers = m.at("layers"),
               .heads = m.at("heads"),
               .width = m.at("width"),
               .context = m.at("context"),
               .vocabulary = m.at("vocabulary"),
               .dropout = m.at("dropout"),
               .bias = m.at("bias").get<bool>() ? Bias::yes : Bias::no};
    r.model.validate();
    r.vocabulary = Vocabulary::from_json(j.at("vocabulary"));
    require(r.vocabulary.size() == r.model.vocabulary,
            "the vocabulary lists {} tokens, the model has {}", r.vocabulary.size(),
            r.model.vocabulary);
    r.data = j.at("data");
    r.preset = j.at("preset");
    r.prompt = j.at("prompt");
    r.stop = j.at("stop");
    r.batch = t.at("batch");
    r.training.steps = t.at("steps");
    r.training.accumulate = t.at("accumulate");
    r.training.warmup = t.at("warmup");
    r.training.lr = t.at("lr");
    r.training.min_lr = t.at("min_lr");
    r.training.clip = t.at("clip");
    r.training.adamw = {
        .beta1 = t.at("beta1"), .beta2 = t.at("beta2"), .eps = t.at("eps"), .decay = t.at("decay")};
    r.training.seed = t.at("seed");
    require(r.batch >= 1, "batch is {}", r.batch);
    r.steps_done = result.at("steps");
    r.val = result.at("val").is_number() ? result.at("val").get<double>() : NAN;
    r.seconds = result.at("seconds");
    r.floor = result.value("floor", -1.0);
    return r;
}

std::vector<NamedTensor> tensors(const std::vector<NamedParameter>& parameters) {
    std::vector<NamedTensor> list;
    for (const auto& p : parameters) list.push_back({p.name, p.variable.value()});
    return list;
}

// Fills tensors by name; the file must hold exactly these.
void fill(const SafetensorsFile& file, const std::vector<NamedParameter>& parameters) {
    for (const auto& p : parameters) file.read(p.name, p.variable.value());
    if (file.tensors().size() != parameters.size())
        throw FileError(file.path(),
                        fmt::format("holds {} tensors, the model described by run.json has {}",
                                    file.tensors().size(), parameters.size()));
}

}  // namespace

void save_run(const std::string& folder, const RunInfo& info, Gpt& model) {
    make_folder(folder);
    save_safetensors(in(folder, "model.safetensors"), tensors(named_parameters(model)),
                     {{"format", kFormat}});
    write_file(in(folder, "run.json"), to_json(info).dump(2) + "\n");
}

RunInfo load_run_info(const std::string& folder) {
    const std::string path = in(folder, "run.json");
    if (!std::filesystem::is_directory(folder))
        throw FileError(folder,
                        "there is no such folder (a run is saved by: gradus gpt --out DIR)");
    const std::string text = read_file(path);
    try {
        return from_json(json::parse(text));
    } catch (const json::exception& error) {
        throw FileError(path, std::string("not a run description: ") + error.what());
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

Gpt load_run_model(const std::string& folder, const RunInfo& info) {
    const SafetensorsFile file = load_safetensors(in(folder, "model.safetensors"));
    Gpt model(info.model, 0);
    fill(file, named_parameters(model));
    return model;
}

void save_resume(const std::string& folder, const Trainer& trainer) {
    make_folder(folder);
    save_safetensors(in(folder, "resume.safetensors"), tensors(trainer.state()),
                     {{"format", kFormat}, {"steps", std::to_string(trainer.steps_done())}});
}

void load_resume(const std::string& folder, Trainer& trainer) {
    const SafetensorsFile file = load_safetensors(in(folder, "resume.safetensors"));
    const auto steps = file.metadata().find("steps");
    Index done = -1;
    if (steps != file.metadata().end() && !steps->second.empty() && steps->second.size() < 16 &&
        steps->second.find_first_not_of("0123456789") == std::string::npos)
        done = std::stoll(steps->second);
    if (done < 0)
        throw FileError(file.path(), "its metadata does not say after how many steps it was saved");
    fill(file, trainer.state());
    trainer.resume_at(done);
}

}  // namespace gradus

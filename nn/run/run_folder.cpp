// SPDX-License-Identifier: MIT
#include "nn/run/run_folder.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>
#include <type_traits>

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
    for (const auto& sample : r.samples)
        out["samples"].push_back(
            {{"step", sample.step}, {"val", sample.val}, {"text", sample.text}});
    if (t.bf16) out["training"]["bf16"] = true;
    return out;
}

// A field of the wanted type, or std::invalid_argument naming it.
template <class T>
T field(const json& object, const char* key) {
    const auto at = object.find(key);
    require(at != object.end(), "\"{}\" is missing", key);
    const bool text = std::is_same_v<T, std::string>, flag = std::is_same_v<T, bool>,
               whole = std::is_integral_v<T>;
    require(text                    ? at->is_string()
            : flag                  ? at->is_boolean()
            : std::is_unsigned_v<T> ? at->is_number_unsigned()
            : whole                 ? at->is_number_integer()
                                    : at->is_number(),
            "\"{}\" is {} {}, must be {}", key, at->type_name(), at->is_number() ? at->dump() : "",
            text                    ? "a text"
            : flag                  ? "true or false"
            : std::is_unsigned_v<T> ? "a whole number, not negative"
            : whole                 ? "a whole number"
                                    : "a number");
    return at->template get<T>();
}

// JSON has no NaN: it is written as null.
double loss(const json& object) {
    const auto at = object.find("val");
    return at != object.end() && at->is_null() ? NAN : field<double>(object, "val");
}

const json& part(const json& object, const char* key) {
    require(object.is_object() && object.contains(key) && object[key].is_object(),
            "\"{}\" is missing or no object", key);
    return object[key];
}

RunInfo from_json(const json& j) {
    require(j.is_object(), "needs an object, not {}", j.type_name());
    require(j.value("format", json()) == kFormat, "\"format\" is {}, this program reads \"{}\"",
            j.value("format", json()).dump(), kFormat);
    RunInfo r;
    const json &m = part(j, "model"), &t = part(j, "training"), &result = part(j, "result");
    r.model = {.layers = field<Index>(m, "layers"),
               .heads = field<Index>(m, "heads"),
               .width = field<Index>(m, "width"),
               .context = field<Index>(m, "context"),
               .vocabulary = field<Index>(m, "vocabulary"),
               .dropout = field<Real>(m, "dropout"),
               .bias = field<bool>(m, "bias") ? Bias::yes : Bias::no};
    r.model.validate();
    r.vocabulary = Tokenizer::from_json(part(j, "vocabulary"));
    require(r.vocabulary.size() == r.model.vocabulary,
            "the vocabulary lists {} tokens, the model has {}", r.vocabulary.size(),
            r.model.vocabulary);
    r.data = field<std::string>(j, "data");
    r.preset = field<std::string>(j, "preset");
    r.prompt = field<std::string>(j, "prompt");
    r.stop = field<std::string>(j, "stop");
    r.vocabulary.encode(r.prompt);
    require(r.stop.empty() || r.vocabulary.encode(r.stop).size() == 1,
            "\"stop\" must be one character or empty");
    r.batch = field<Index>(t, "batch");
    require(r.batch >= 1 && r.batch <= 65536, "\"batch\" is {}, must be 1 to 65536", r.batch);
    r.training.steps = field<Index>(t, "steps");
    r.training.accumulate = field<Index>(t, "accumulate");
    r.training.warmup = field<Index>(t, "warmup");
    r.training.lr = field<double>(t, "lr");
    r.training.min_lr = field<double>(t, "min_lr");
    r.training.clip = field<double>(t, "clip");
    r.training.adamw = {.beta1 = field<Real>(t, "beta1"),
                        .beta2 = field<Real>(t, "beta2"),
                        .eps = field<Real>(t, "eps"),
                        .decay = field<Real>(t, "decay")};
    r.training.seed = field<std::uint64_t>(t, "seed");
    if (t.contains("bf16")) r.training.bf16 = field<bool>(t, "bf16");
    r.steps_done = field<Index>(result, "steps");
    r.val = loss(result);
    r.seconds = field<double>(result, "seconds");
    if (result.contains("floor")) r.floor = field<double>(result, "floor");
    if (j.contains("samples")) {
        require(j["samples"].is_array(), "\"samples\" is no list");
        for (const json& sample : j["samples"]) {
            require(sample.is_object(), "\"samples\" holds {}, must hold objects",
                    sample.type_name());
            r.samples.push_back(
                {field<Index>(sample, "step"), loss(sample), field<std::string>(sample, "text")});
        }
    }
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

void prepend_bos(const RunInfo& info, std::vector<int>& ids) {
    if (!info.stop.empty()) ids.insert(ids.begin(), info.vocabulary.encode(info.stop)[0]);
}

void save_run(const std::string& folder, const RunInfo& info, Gpt& model) {
    make_folder(folder);
    save_safetensors(in(folder, "model.safetensors"), tensors(named_parameters(model)),
                     {{"format", kFormat}});
    // A model of bytes may write what is not UTF-8: such bytes become U+FFFD.
    const std::string text = to_json(info).dump(2, ' ', false, json::error_handler_t::replace);
    write_file(in(folder, "run.json"), text + "\n");
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
    // Before the model is made: a wrong size in run.json must not ask for terabytes.
    Index count = 0;
    for (const auto& tensor : file.tensors())
        count += std::accumulate(tensor.shape.begin(), tensor.shape.end(), Index{1},
                                 std::multiplies<>());
    if (count != info.model.parameter_count())
        throw FileError(file.path(),
                        fmt::format("holds {} numbers, the model described by run.json has {}",
                                    count, info.model.parameter_count()));
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

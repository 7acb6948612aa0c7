// SPDX-License-Identifier: MIT
// A run for a comparison, read from its folder.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "nn/files/weights/safetensors.h"
#include "nn/models/pretrained.h"
#include "nn/run/comparison.h"
#include "nn/run/run_files.h"

namespace gradus {
namespace {

using nlohmann::json;

std::string text_of(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_array() && value.empty()) return "";
    if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// What defines a run, without its data (which is compared apart) and what follows from it.
std::map<std::string, std::string> configuration_of(const json& whole) {
    static const std::set<std::string> others = {"format", "checksum",   "data",   "data_crc64",
                                                 "files",  "vocabulary", "result", "samples",
                                                 "prompt", "stop"};
    std::map<std::string, std::string> found;
    const auto add = [&](std::string name, const json& value) {
        std::replace(name.begin(), name.end(), '_', ' ');
        found[name] = text_of(value);
    };
    for (const auto& entry : whole.items()) {
        if (others.contains(entry.key())) continue;
        if (!entry.value().is_object()) {
            add(entry.key(), entry.value());
            continue;
        }
        for (const auto& field : entry.value().items())
            if (field.key() != "vocabulary" && field.key() != "steps")  // among the facts
                add(field.key(), field.value());
    }
    return found;
}

std::string string_in(const json& whole, const char* name) {
    const auto at = whole.find(name);
    return at != whole.end() && at->is_string() ? at->get<std::string>() : "";
}

std::string tokenizer_of(const json& whole) {
    const auto at = whole.find("vocabulary");
    if (at == whole.end() || !at->is_object()) return "";
    const auto merges = at->find("merges");
    return string_in(*at, "kind") +
           (merges != at->end() && merges->is_array() ? fmt::format(":{}", merges->size()) : "");
}

double median_rate(const std::vector<LogRow>& log) {
    std::vector<double> rates;
    for (const LogRow& row : log)
        if (std::isfinite(row.per_second)) rates.push_back(row.per_second);
    if (rates.empty()) return kNotMeasured;
    const auto middle = rates.begin() + std::ssize(rates) / 2;
    std::nth_element(rates.begin(), middle, rates.end());
    return *middle;
}

}  // namespace

ComparedRun compared_run(const std::string& folder) {
    if (!holds_run(folder) && is_pretrained(folder))
        throw FileError(folder,
                        "is a published model, without a record of its training (compare takes the "
                        "folders of runs)");
    const Description description(folder);
    const json& whole = description.whole();
    ComparedRun run;
    run.folder = folder;
    description.read(run.result);
    run.data = string_in(whole, "data");
    run.checksum = string_in(whole, "data_crc64");
    run.tokenizer = tokenizer_of(whole);
    run.configuration = configuration_of(whole);
    const json training = whole.value("training", json::object());
    if (training.is_object() && training.contains("steps") && training["steps"].is_number_integer())
        run.planned_steps = training["steps"].get<Index>();
    const SafetensorsFile weights(in_folder(folder, "model.safetensors"));
    for (const auto& tensor : weights.tensors()) {
        Index count = 1;
        for (const Index size : tensor.shape) count *= size;
        run.parameters += count;
    }
    const std::string log = in_folder(folder, "log.csv");
    if (std::filesystem::exists(log))
        run.log = read_log(log, run.result.steps);
    else  // it is an extra
        for (const Snapshot& s : run.result.snapshots)
            run.log.push_back({.step = s.step, .val = s.val});
    if (!run.data.empty()) run.tokens_per_second = median_rate(run.log);
    for (const Snapshot& s : run.result.snapshots)
        if (!s.text.empty()) run.sample = s.text;
    return run;
}

}  // namespace gradus

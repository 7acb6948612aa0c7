// SPDX-License-Identifier: MIT
#include "nn/files/weights.h"

#include "nn/files/safetensors.h"

namespace gradus {
namespace {

// The parts of parameter names that have changed since version 0.1: new, old.
constexpr std::pair<std::string_view, std::string_view> kOldNames[] = {
    {".up.", ".widen."},
    {".down.", ".narrow."},
    {"norm.weight", "norm.gain"},
    {"norm1.weight", "norm1.gain"},
    {"norm2.weight", "norm2.gain"}};

std::string old_name(std::string name) {
    for (const auto& [now, then] : kOldNames)
        if (const auto at = name.find(now); at != name.npos) name.replace(at, now.size(), then);
    return name;
}

}  // namespace

void save_weights(const std::string& path, const std::vector<NamedParameter>& parameters,
                  const std::map<std::string, std::string>& metadata) {
    std::vector<NamedTensor> list;
    for (const auto& p : parameters) list.push_back({p.name, p.variable.value()});
    save_safetensors(path, list, metadata);
}

std::map<std::string, std::string> load_weights(const std::string& path,
                                                const std::vector<NamedParameter>& parameters) {
    const SafetensorsFile file = load_safetensors(path);
    const auto name_there = [&](const std::string& name) {
        const std::string old = old_name(name);
        return !file.contains(name) && file.contains(old) ? old : name;
    };
    for (const auto& p : parameters) {
        const Shape there(file.info(name_there(p.name)).shape), here = p.variable.shape();
        if (!(there == here))
            throw FileError(path, fmt::format("tensor \"{}\" has shape {}, the model has {}",
                                              name_there(p.name), there, here));
    }
    if (file.tensors().size() != parameters.size())
        throw FileError(path, fmt::format("holds {} tensors, the model has {}",
                                          file.tensors().size(), parameters.size()));
    for (const auto& p : parameters) file.read(name_there(p.name), p.variable.value());
    return file.metadata();
}

}  // namespace gradus

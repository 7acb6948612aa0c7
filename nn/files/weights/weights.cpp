// SPDX-License-Identifier: MIT
#include "nn/files/weights/weights.h"

#include <algorithm>

#include "nn/files/tensor_name.h"
#include "nn/files/weights/safetensors.h"
#include "nn/progress.h"

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

// The file's entry for a weight that stays there. What is stored keeps its format; what has not been
// loaded yet takes the file's. Linear's weight is (IN, OUT) in a file, and (OUT, IN) in I8.
StoredWeight find(const SafetensorsFile& file, const std::string& name, const StoredWeight& w) {
    const bool int8 = file.info(name).dtype == "I8";
    const WeightLayout layout = int8 ? WeightLayout::out_in : w.layout;
    const Shape shape =
        layout == WeightLayout::in_out ? Shape{w.in(), w.out()} : Shape{w.out(), w.in()};
    const StoredWeight there = file.stored(name, shape, layout);
    if (w.data && there.format != w.format)
        throw FileError(file.path(),
                        fmt::format("tensor \"{}\" is {}, but the model keeps it in "
                                    "{}; load_mapped() takes any format",
                                    name, to_string(there.format), to_string(w.format)));
    return there;
}

}  // namespace

Checksum save_weights(const std::string& path, const std::vector<NamedParameter>& parameters,
                      const std::map<std::string, std::string>& metadata,
                      const std::vector<NamedWeight>& stored) {
    std::vector<NamedTensor> list;
    for (const auto& p : parameters) list.push_back({p.name, p.variable.value()});
    for (const auto& w : stored) list.push_back({w.name, {}, *w.weight});
    return save_safetensors(path, list, metadata);
}

std::map<std::string, std::string> load_weights(const std::string& path,
                                                const std::vector<NamedParameter>& parameters,
                                                const std::vector<NamedWeight>& stored) {
    const SafetensorsFile file = load_safetensors(path);
    const auto name_there = [&](const std::string& name) {
        const std::string old = old_name(name);
        return !file.contains(name) && file.contains(old) ? old : name;
    };
    for (const auto& p : parameters) {
        // Not as a Shape: what a file holds may have too many axes for one.
        const std::vector<Index>& there = file.info(name_there(p.name)).shape;
        const Shape here = p.variable.shape();
        if (!std::equal(there.begin(), there.end(), here.begin(), here.end()))
            throw FileError(path, fmt::format("tensor \"{}\" has shape {}, the model has {}",
                                              name_there(p.name), shape_text(there), here));
    }
    std::vector<StoredWeight> found;
    std::size_t scales = 0;
    for (const auto& [name, weight] : stored) {
        found.push_back(find(file, name_there(name), *weight));
        scales += found.back().scale.defined();
    }
    if (file.tensors().size() != parameters.size() + stored.size() + scales)
        throw FileError(path,
                        fmt::format("holds {} tensors, the model has {}", file.tensors().size(),
                                    parameters.size() + stored.size() + scales));
    double done = 0;
    for (const auto& p : parameters) {
        file.read(name_there(p.name), p.variable.value());
        Progress::report(++done / static_cast<double>(parameters.size()));
    }
    for (std::size_t i = 0; i < stored.size(); ++i) *stored[i].weight = found[i];
    return file.metadata();
}

std::string not_finite(const std::vector<NamedParameter>& parameters) {
    for (const auto& p : parameters)
        if (!all_finite(p.variable.value())) return p.name;
    return "";
}

}  // namespace gradus

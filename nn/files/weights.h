// SPDX-License-Identifier: MIT
// Saves and loads the parameters of any module, by name, in a safetensors file.
//     save("net.safetensors", net);
//     load("net.safetensors", net);
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/module.h"

namespace gradus {

// Replaces the whole file in one step. Throws FileError on failure.
void save_weights(const std::string& path, const std::vector<NamedParameter>& parameters,
                  const std::map<std::string, std::string>& metadata = {});

// Fills the parameters; the file must contain exactly these, with these shapes. The names that
// version 0.1 wrote ("mlp.widen.weight", "norm.gain") are accepted too. Returns the file's
// metadata. Throws FileError on failure; missing or extra tensors and wrong shapes are detected
// before anything is changed.
std::map<std::string, std::string> load_weights(const std::string& path,
                                                const std::vector<NamedParameter>& parameters);

template <Module M>
void save(const std::string& path, M& module) {
    save_weights(path, named_parameters(module));
}
template <Module M>
void load(const std::string& path, M& module) {
    load_weights(path, named_parameters(module));
}

}  // namespace gradus

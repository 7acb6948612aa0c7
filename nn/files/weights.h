// SPDX-License-Identifier: MIT
// The parameters of any module in a safetensors file, by name.
//     save("net.safetensors", net);
//     load("net.safetensors", net);
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/module.h"

namespace gradus {

// Replaces the file as a whole. Throws FileError.
void save_weights(const std::string& path, const std::vector<NamedParameter>& parameters,
                  const std::map<std::string, std::string>& metadata = {});

// Fills the parameters; the file must hold exactly these, with these shapes. What version 0.1 wrote
// under other names ("mlp.widen.weight", "norm.gain") is found too. Returns the file's metadata.
// Throws FileError, naming the tensor, before anything is changed.
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

// SPDX-License-Identifier: MIT
// Saves and loads the parameters of any module, by name, in a safetensors file.
//     save("net.safetensors", net);
//     load("net.safetensors", net);
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/files/checksum.h"
#include "nn/stored_weights.h"

namespace gradus {

// Replaces the whole file in one step, and returns its checksum. Stored weights keep their format.
// Throws FileError on failure.
Checksum save_weights(const std::string& path, const std::vector<NamedParameter>& parameters,
                      const std::map<std::string, std::string>& metadata = {},
                      const std::vector<NamedWeight>& stored = {});

// Fills the parameters, and maps the stored weights; the file must contain exactly these, with these
// shapes. The names that version 0.1 wrote ("mlp.widen.weight", "norm.gain") are accepted too.
// Returns the file's metadata. Throws FileError on failure; missing or extra tensors and wrong
// shapes are detected before anything is changed.
std::map<std::string, std::string> load_weights(const std::string& path,
                                                const std::vector<NamedParameter>& parameters,
                                                const std::vector<NamedWeight>& stored = {});

// The name of the first parameter that holds a NaN or an infinity; empty if all are finite.
std::string not_finite(const std::vector<NamedParameter>& parameters);

template <Module M>
void save(const std::string& path, M& module) {
    save_weights(path, named_parameters(module), {}, stored_weights(module));
}
template <Module M>
void load(const std::string& path, M& module) {
    load_weights(path, named_parameters(module), stored_weights(module));
}

// Loads a model whose matrices stay in the file, in whatever format it has them: no copy is made,
// each page is read when it is first used, and processes that use the same file share the memory.
// The matrices can then only be read. Built with Initialiser::none(), a model of any size is ready
// at once:
//     Gpt model(config, Initialiser::none());
//     load_mapped("model.safetensors", model);
template <Module M>
void load_mapped(const std::string& path, M& module) {
    visit_stores(module, [](auto& layer) { layer.unload(); });
    load(path, module);
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "nn/module.h"

#include <algorithm>

namespace gradus {

Index parameter_count(const std::vector<NamedParameter>& parameters) {
    Index count = 0;
    for (const auto& p : parameters) count += p.variable.value().count();
    return count;
}

std::string summary(const std::vector<NamedParameter>& parameters) {
    std::size_t names = 3, shapes = 0;
    for (const auto& p : parameters) {
        names = std::max(names, p.name.size());
        shapes = std::max(shapes, to_string(p.variable.shape()).size());
    }
    std::string text;
    const auto line = [&](const std::string& name, const std::string& shape, Index count) {
        text += fmt::format("{:<{}}  {:<{}}  {:>12}\n", name, names, shape, shapes, count);
    };
    for (const auto& p : parameters)
        line(p.name, to_string(p.variable.shape()), p.variable.value().count());
    line("all", "", parameter_count(parameters));
    return text;
}

Variable Initialiser::normal(const Shape& shape, double stddev) {
    return parameter(
        Tensor::normal(shape, static_cast<Real>(stddev), seed_, Stream::init, next_++));
}

}  // namespace gradus

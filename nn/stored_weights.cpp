// SPDX-License-Identifier: MIT
#include "nn/stored_weights.h"

#include <algorithm>

namespace gradus {

std::string summary(const std::vector<NamedParameter>& parameters,
                    const std::vector<NamedWeight>& stored) {
    struct Line {
        std::string name, shape;
        Index count;
    };
    std::vector<Line> lines;
    for (const auto& p : parameters)
        lines.push_back({p.name, to_string(p.variable.shape()), p.variable.value().count()});
    for (const auto& [name, w] : stored)
        lines.push_back(
            {name, to_string(w->shape()) + " " + to_string(w->format), w->shape().count()});
    Line all{"all", "", 0};
    for (const auto& line : lines) all.count += line.count;
    lines.push_back(all);
    std::size_t names = 0, shapes = 0;
    for (const auto& line : lines) {
        names = std::max(names, line.name.size());
        shapes = std::max(shapes, line.shape.size());
    }
    std::string text;
    for (const auto& [name, shape, count] : lines)
        text += fmt::format("{:<{}}  {:<{}}  {:>12}\n", name, names, shape, shapes, count);
    return text;
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "lessons/check/stage.h"

#include "nn/files/atomic_file.h"
#include "nn/terminal/terminal.h"

namespace gradus::lessons {

void Stage::say(const std::string& words) const {
    fmt::print("{}\n\n", wrapped(words, 0, style_.columns));
}

void Stage::print(const std::string& lines) const {
    fmt::print("{}{}", lines, lines.empty() || lines.back() != '\n' ? "\n" : "");
}

void Stage::draw(const std::string& name, const Caption& caption, const std::string& drawn,
                 const std::string& file) const {
    if (marks_ == Marks::pictures) {
        fmt::print("\x1e{}\x1f{}\x1f{}\x1f{}\n{}\x1e\n", name, caption.title, caption.look_for,
                   caption.wrong, drawn);
    } else {
        fmt::print("{}\n{}\n", wrapped(caption.title, 0, style_.columns), drawn);
        if (!caption.look_for.empty()) say("Look for: " + caption.look_for);
        if (!caption.wrong.empty()) say("When something is wrong: " + caption.wrong);
    }
    if (!folder_.empty()) write_file(folder_ + "/" + name + ".svg", file);
}

Demo::Demo(std::function<void(Stage&)> run) {
    demos().push_back(std::move(run));
}

std::vector<std::function<void(Stage&)>>& demos() {
    static std::vector<std::function<void(Stage&)>> list;
    return list;
}

}  // namespace gradus::lessons

// SPDX-License-Identifier: MIT
// The stage of a lesson's demo: prints paragraphs and lines, and shows pictures in the terminal and
// as files.
//
//     const Demo demo([](Stage& stage) {
//         stage.say("The same three scores, colder and colder:");
//         stage.show("colder", BarChart{...});
//     });
#pragma once

#include <fmt/core.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nn/plot/svg.h"
#include "nn/plot/text.h"

namespace gradus::lessons {

// For programs that take the pictures out of the output. pictures: before each comes a line of the
// character U+001E, its name and the three parts of its caption, divided by U+001F; then the picture
// alone; then a line of another U+001E.
enum class Marks { none, pictures };

class Stage {
 public:
    // `folder` receives the pictures as files; if it is empty, no files are written.
    Stage(TextStyle style, std::string folder, Marks marks = Marks::none)
        : style_(style), folder_(std::move(folder)), marks_(marks) {}

    const TextStyle& style() const { return style_; }
    void say(const std::string& words) const;    // a paragraph, wrapped to the stage's width
    void print(const std::string& lines) const;  // lines, unchanged
    // Shows a picture with its caption; also writes it to the folder as NAME.svg.
    template <class Picture>
    void show(const std::string& name, const Picture& picture) const {
        draw(name, picture.caption, text(picture, style_), folder_.empty() ? "" : svg(picture));
    }

 private:
    void draw(const std::string& name, const Caption& caption, const std::string& drawn,
              const std::string& file) const;

    TextStyle style_;
    std::string folder_;
    Marks marks_;
};

struct Demo {
    explicit Demo(std::function<void(Stage&)> run);
};
std::vector<std::function<void(Stage&)>>& demos();

}  // namespace gradus::lessons

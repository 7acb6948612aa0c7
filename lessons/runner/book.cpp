// SPDX-License-Identifier: MIT
// ./gradus book: all lessons as one HTML page, for a projector, a phone or a printer. It needs no
// script, no network and no file beside it.
#include <fmt/core.h>

#include "lessons/runner/book_page.h"
#include "lessons/runner/book_words.h"
#include "lessons/runner/commands.h"
#include "lessons/runner/compiler.h"
#include "lessons/runner/lesson_html.h"
#include "nn/files/atomic_file.h"
#include "nn/plot/page.h"

namespace gradus::lessons {
namespace {

std::string contents(const Course& course, const BookWords& words) {
    std::string out = fmt::format(
        "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">{}</h2>\n"
        "<ol>\n",
        words.contents);
    for (const auto& lesson : course.lessons)
        out += fmt::format("<li><a href=\"#lesson-{}\">{} {}</a></li>\n", lesson.number,
                           lesson.number, html_escape(lesson.title));
    return out + "</ol>\n</nav>\n";
}

}  // namespace

int book_command(const Course& course, const std::string& out, const TerminalStyle& style) {
    const BookWords& words = kEnglish;
    std::string lessons;
    std::size_t pictures = 0;
    for (const auto& lesson : course.lessons) {
        const auto drawn = demo_pictures(course, lesson, {}, Svg::wanted);
        pictures += drawn.size();
        lessons += lesson_html(lesson_blocks(lesson), lesson, drawn, words);
    }
    const std::string header = fmt::format("<header>\n<h1>{}</h1>\n<p>{}</p>\n</header>\n{}",
                                           words.title, words.about, contents(course, words));
    const std::string page = book_page(words, words.title, header, lessons);
    std::string path = out;
    if (path.empty()) {
        make_folder(course.folder.path());
        path = course.folder.path() + "/book.html";
    }
    write_file(path, page);
    fmt::print("{}\n",
               fitted(fmt::format("{} lessons, {} pictures, {} KB: {}", course.lessons.size(),
                                  pictures, page.size() / 1000, path),
                      style));
    fmt::print("{}\n", fitted("Open it in a browser; it needs no network. To print it or to save "
                              "it as a PDF, use the browser's Print (Ctrl+P).",
                              style));
    return 0;
}

}  // namespace gradus::lessons

// SPDX-License-Identifier: MIT
// ./gradus built: the closing page. The text is lessons/BUILT.md, in which "<!-- picture: NAME -->"
// marks where a table of the learner's own files goes.
#include <course_paths.h>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "lessons/mine/receipt.h"
#include "lessons/runner/book_page.h"
#include "lessons/runner/challenges.h"
#include "lessons/runner/commands.h"
#include "lessons/runner/compiler.h"
#include "lessons/runner/lesson_html.h"
#include "lessons/runner/lesson_lines.h"
#include "lessons/runner/text.h"
#include "lessons/runner/tokens.h"
#include "nn/files/atomic_file.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// The parts of GPT-2, under the names that its code and its weights give them, and the lessons in which
// they are written.
struct Gpt2Part {
    const char* name;
    std::vector<const char*> lessons;  // numbers
};
const std::vector<Gpt2Part> kParts = {
    {"byte-level BPE", {"15"}},
    {"wte and wpe, the embeddings", {"13", "20"}},
    {"ln_1, ln_2, ln_f", {"19"}},
    {"attn: softmax(q k / 8) v", {"16"}},
    {"attn: the causal mask", {"17"}},
    {"attn: 12 heads, and backwards", {"18"}},
    {"matmul, softmax and gelu", {"03", "06"}},
    {"linear layers, c_attn to c_proj", {"10"}},
    {"h.0 to h.11 and the whole model", {"21"}},
    {"automatic differentiation", {"04", "05", "07"}},
    {"cross-entropy", {"08"}},
    {"Adam", {"11"}},
    {"batches, learning rate, clipping", {"22"}},
    {"temperature, top-k, top-p", {"23"}},
    {"past, the KV cache", {"24"}},
};

// Lines with code on them, without those that hold only notes.
int lines_of_code(const std::string& text) {
    int count = 0;
    for (const auto& line : lines_of(code_only(text))) count += !trimmed(line).empty();
    return count;
}

Spans words(const std::string& text) {
    return {{SpanKind::text, text, "", {}}};
}
Spans code(const std::string& text) {
    return {{SpanKind::code, text, "", {}}};
}

Block paragraph(const std::string& text) {
    Block block;
    block.spans = words(text);
    return block;
}

Block table_of(const std::vector<std::string>& heads) {
    Block block;
    block.kind = BlockKind::table;
    block.rows.emplace_back();
    for (const auto& head : heads) block.rows[0].push_back(words(head));
    return block;
}

class BuiltPage {
 public:
    explicit BuiltPage(const Course& course) : course_(course) {
        const Progress progress = course.folder.progress();
        for (const auto& lesson : course.lessons) {
            if (lesson.number == "00") continue;  // a greeting, and no part of a GPT
            const LessonState state = course.folder.state(lesson, progress);
            if (state == LessonState::changed)
                changed_ += (changed_.empty() ? "" : ", ") + lesson.number;
            if (state == LessonState::passed || state == LessonState::changed)
                files_.push_back({&lesson, read_file(course.folder.file(lesson))});
            else
                missing_.push_back(&lesson);
        }
    }

    // The text with the tables in their places. `whole`: also the program itself.
    Blocks blocks(bool whole) const {
        Blocks page;
        const std::string path = GRADUS_COURSE_SOURCE "/BUILT.md";
        for (const Block& block : read_markdown(lesson_file(path), path)) {
            if (block.kind != BlockKind::picture)
                page.push_back(block);
            else if (block.info == "count")
                page.push_back(paragraph(count()));
            else if (block.info == "parts")
                page.push_back(parts());
            else if (block.info == "challenges")
                page.push_back(challenge_table());
            else if (block.info != "program")
                throw LessonError(path, "no table is called " + block.info);
            else if (whole)
                program(page);
            else
                page.push_back(paragraph("It is in the page."));
        }
        return page;
    }

 private:
    struct File {
        const Lesson* lesson;
        std::string text;
    };

    const File* file(const std::string& number) const {
        const auto same = std::find_if(files_.begin(), files_.end(),
                                       [&](const File& f) { return f.lesson->number == number; });
        return same == files_.end() ? nullptr : &*same;
    }

    std::string count() const {
        int lines = 0;
        for (const auto& f : files_) lines += lines_of_code(f.text);
        std::string text = fmt::format(
            "Of the {1} lessons after 00 you have passed {0}: {2} lines of code in {3}.",
            files_.size(), files_.size() + missing_.size(), lines, course_.folder.path());
        if (!changed_.empty())
            text += fmt::format(" Changed since, and not checked: {}.", changed_);
        if (missing_.empty() && changed_.empty())
            text +=
                " Between the text that your GPT learns from and the story that it tells, they "
                "compute everything but products of matrices and a few sums.";
        if (missing_.empty()) return text;
        std::string list;
        for (const Lesson* lesson : missing_) list += (list.empty() ? "" : ", ") + lesson->number;
        return text + fmt::format(" Not yet yours, and built in until then: {}.", list);
    }

    Block parts() const {
        Block table = table_of({"GPT-2", "yours", "lines"});
        for (const Gpt2Part& part : kParts) {
            std::string names;
            int lines = 0;
            for (const char* number : part.lessons) {
                const File* own = file(number);
                if (!names.empty()) names += ", ";
                names += own ? own->lesson->file : fmt::format("(lesson {})", number);
                if (own) lines += lines_of_code(own->text);
            }
            table.rows.push_back({words(part.name), words(names), words(fmt::format("{}", lines))});
        }
        return table;
    }

    // The best receipt of the runs in this folder.
    static std::string best(const Challenge& challenge) {
        std::optional<double> best;
        std::error_code none;
        for (const auto& run : fs::directory_iterator("runs", none)) {
            const std::string path = run.path().string() + "/receipt.txt";
            if (!fs::exists(path, none)) continue;
            try {
                const auto score = challenge.score(unchained(read_file(path), path));
                if (score && (!best || (*score > *best) == challenge.more_is_better)) best = score;
            } catch (const FileError&) {  // ./gradus receipt says what is wrong with it
            }
        }
        return best ? challenge.number(*best) : "-";
    }

    static Block challenge_table() {
        Block table = table_of({"challenge", "counted", "ours", "yours"});
        for (const Challenge& c : challenges())
            table.rows.push_back(
                {words(c.title), words(c.measure), words(c.number(c.record)), words(best(c))});
        return table;
    }

    void program(Blocks& page) const {
        for (const auto& f : files_) {
            Block name;
            name.kind = BlockKind::heading;
            name.level = 2;
            name.spans = code(f.lesson->file);
            name.spans.push_back(words(fmt::format(" · {}", f.lesson->title))[0]);
            page.push_back(name);
            Block text;
            text.kind = BlockKind::code;
            text.info = "cpp";
            text.text = trimmed(f.text) + "\n";
            page.push_back(text);
        }
        if (files_.empty()) page.push_back(paragraph("No lesson has passed yet: ./gradus start"));
    }

    const Course& course_;
    std::vector<File> files_;
    std::vector<const Lesson*> missing_;
    std::string changed_;  // since they passed, numbers
};

}  // namespace

int built_command(const Course& course, const std::string& out, const TerminalStyle& style) {
    const BookWords& language = kEnglish;
    const BuiltPage built(course);
    Lesson page;  // what the writers of lessons' texts take: no number, no minutes, no demo
    page.number = "built";
    page.folder = GRADUS_COURSE_SOURCE;
    const std::string html = book_page(language, language.built, "",
                                       lesson_html(built.blocks(true), page, {}, language));
    std::string path = out;
    if (path.empty()) {
        make_folder(course.folder.path());
        path = course.folder.path() + "/built.html";
    }
    write_file(path, html);
    TerminalStyle text = style;
    text.columns = std::clamp(style.columns, 20, 80);
    for (const auto& step : lesson_steps(built.blocks(false), page, {}, text, language))
        fmt::print("{}", step.text);
    fmt::print("{}\n", fitted(fmt::format("The page, with your whole program: {}", path), style));
    return 0;
}

}  // namespace gradus::lessons

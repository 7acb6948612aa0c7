// SPDX-License-Identifier: MIT
// verify for a lesson's text: what it quotes must be what its demo prints.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "lessons/runner/compiler.h"
#include "lessons/runner/markdown.h"
#include "lessons/runner/process.h"
#include "lessons/runner/text.h"
#include "lessons/runner/verify_parts.h"
#include "nn/files/atomic_file.h"
#include "nn/text/display_width.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// A fenced block of Markdown: ```text demo
struct Fenced {
    std::string info, text;
};

// A page, split into its fenced blocks and everything else.
struct Markdown {
    std::vector<Fenced> blocks;
    std::string prose;
    bool closed = true;
};

Markdown markdown_of(const std::string& text) {
    Markdown markdown;
    std::string fence;  // "" outside
    for (const auto& line : lines_of(text)) {
        const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
        if (fence.empty() && ticks >= 3) {
            fence = line.substr(0, ticks);
            markdown.blocks.push_back({trimmed(line.substr(ticks)), ""});
        } else if (!fence.empty() && line == fence) {
            fence.clear();
        } else if (!fence.empty()) {
            markdown.blocks.back().text += line + "\n";
        } else {
            markdown.prose += line + "\n";
        }
    }
    markdown.closed = fence.empty();
    return markdown;
}

class TextVerifier : Reports {
 public:
    TextVerifier(const Course& course, const Lesson& lesson, Findings& findings)
        : Reports(findings.problems), course_(course), lesson_(lesson), findings_(findings) {}

    void text() {
        const std::string text = lesson_text(lesson_);
        const Markdown markdown = markdown_of(text);
        if (!markdown.closed) problem("README.md: a block of code is not closed");
        const std::string demo = output_of({"demo", "solution", "72", "mu"});
        blocks(demo);
        for (const int columns : {40, 80}) fits(columns);
        reading_time(markdown);
        demo_blocks(markdown, demo);
        numbers(markdown, demo + output_of({"numbers", "solution"}));
        code_blocks(markdown);
        links(markdown);
        for (const char* part : {"## What you should see", "./gradus check"})
            if (text.find(part) == std::string::npos) problem("README.md: \"{}\" is missing", part);
        const bool solved =
            lesson_file(lesson_.path("stub.h")).find("unfinished(") == std::string::npos;
        if (!solved && markdown.prose.find("\n|---") == std::string::npos)
            problem("README.md: there is no table of symbols");
    }

 private:
    std::string output_of(const std::vector<std::string>& arguments) {
        return output_of_program(course_, lesson_, arguments, findings_);
    }

    // ./gradus book and ./gradus read can show all of the text, each question that asks for a guess
    // with its answer folded up, and each picture of the demo in its place.
    void blocks(const std::string& demo) {
        Blocks blocks;
        try {
            blocks = lesson_blocks(lesson_);
        } catch (const LessonError& e) {
            return problem("{}", e.what());
        }
        std::multiset<std::string> placed;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const Block& block = blocks[i];
            if (block.kind == BlockKind::picture) placed.insert(block.info);
            const bool asks = block.kind == BlockKind::paragraph && !block.spans.empty() &&
                              block.spans[0].kind == SpanKind::strong &&
                              plain_text(block.spans).starts_with("Before you");
            bool answered = false;
            for (std::size_t k = i + 1; k < std::min(i + 3, blocks.size()); ++k)
                answered = answered || blocks[k].kind == BlockKind::answer;
            if (asks && !answered)
                problem("README.md, line {}: no answer, in <details>, comes after this question",
                        block.line);
        }
        static const std::regex mark("\x1e([^\x1f\n]+)\x1f");
        std::set<std::string> drawn;
        for (std::sregex_iterator i(demo.begin(), demo.end(), mark), end; i != end; ++i)
            drawn.insert((*i)[1]);
        for (const auto& name : drawn)
            if (placed.count(name) != 1)
                problem("README.md: <!-- picture: {} --> occurs {} times; it has one place", name,
                        placed.count(name));
        for (const auto& name : std::set<std::string>(placed.begin(), placed.end()))
            if (drawn.count(name) == 0) problem("README.md: the demo draws no picture {}", name);
    }

    // At 200 words per minute, without the blocks of code and formulas; rounded, so to within 1.5
    // minutes.
    void reading_time(const Markdown& markdown) {
        std::istringstream words(markdown.prose);
        int count = 0;
        for (std::string word; words >> word;) ++count;
        if (std::abs(lesson_.reading - count / 200.0) > 1.5)
            problem("README.md says {} minutes of reading, but its {} words take {:.0f}",
                    lesson_.reading, count, count / 200.0);
    }

    // The demo in plain ASCII at this width.
    void fits(int columns) {
        const std::string out = output_of({"demo", "solution", std::to_string(columns), "-"});
        for (const auto& line : lines_of(out)) {
            if (display_width(line) > columns)
                problem("demo: a line is wider than {} columns: {}", columns, line);
            if (!is_ascii(line)) problem("demo: this line must be ASCII: {}", line);
        }
    }

    void demo_blocks(const Markdown& markdown, const std::string& demo) {
        const auto printed = lines_of(demo);
        for (const auto& block : markdown.blocks) {
            if (block.info != "text demo") continue;
            ++findings_.demo_blocks;
            const auto wanted = lines_of(block.text);
            const auto found = std::search(printed.begin(), printed.end(), wanted.begin(),
                                           wanted.end(), [](const auto& a, const auto& b) {
                                               return a.substr(0, a.find_last_not_of(' ') + 1) ==
                                                      b.substr(0, b.find_last_not_of(' ') + 1);
                                           });
            if (wanted.empty() || found == printed.end())
                problem("README.md: the demo does not print this block:\n{}", block.text);
        }
        if (findings_.demo_blocks == 0) problem("README.md: no block \"text demo\"");
    }

    void numbers(const Markdown& markdown, const std::string& printed) {
        static const std::regex decimal(R"((^|[^\w.])(\d+\.\d+(e[+-]?\d+)?)(?![\w]|\.\d))");
        const auto all = [](const std::string& text) {
            std::set<std::string> found;
            for (std::sregex_iterator i(text.begin(), text.end(), decimal), end; i != end; ++i)
                found.insert((*i)[2]);
            return found;
        };
        // Formulas count as prose; code in backticks, links and arXiv numbers do not.
        std::string prose = markdown.prose;
        for (const auto& block : markdown.blocks)
            if (block.info == "math") prose += block.text;
        static const std::regex elsewhere(R"(`[^`$]+`|\]\([^)]*\)|arXiv:\S+)");
        prose = std::regex_replace(prose, elsewhere, " ");
        const auto known = all(printed);
        for (const auto& number : all(prose)) {
            ++findings_.numbers;
            if (known.count(number) == 0)
                problem("README.md quotes {}, which neither the demo nor the worked numbers print",
                        number);
        }
    }

    // Each must compile after the stub, as it stands or as the body of a function.
    void code_blocks(const Markdown& markdown) {
        for (const auto& block : markdown.blocks) {
            if (block.info != "cpp") continue;
            ++findings_.code_blocks;
            const std::string head =
                fmt::format("#include \"{}\"\nnamespace mine {{\n", lesson_.path("stub.h"));
            const bool stands = compiles(head + block.text + "\n}\n");
            if (!stands && !compiles(head + "inline void body() {\n" + block.text + "\n}\n}\n"))
                problem("README.md: this block does not compile:\n{}", block.text);
        }
    }

    bool compiles(const std::string& source) {
        const std::string path = fmt::format("{}/block-{}.cpp", course_.build.work, lesson_.name);
        write_file(path, source);
        std::vector<std::string> command = {course_.build.compiler};
        append(command, course_.build.flags);
        append(command, course_.build.lessons.at(lesson_.name).definitions);
        append(command, {"-fsyntax-only", "-w", path});
        return run(command).code == 0;
    }

    void links(const Markdown& markdown) {
        static const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
        const std::string& text = markdown.prose;
        for (std::sregex_iterator i(text.begin(), text.end(), link), end; i != end; ++i) {
            const std::string target = (*i)[1];
            if (target.starts_with("http")) continue;
            ++findings_.links;
            if (!fs::exists(lesson_.folder + "/" + target))
                problem("README.md links to {}, which does not exist", target);
        }
    }

    const Course& course_;
    const Lesson& lesson_;
    Findings& findings_;
};

}  // namespace

void verify_text(const Course& course, const Lesson& lesson, Findings& findings) {
    TextVerifier(course, lesson, findings).text();
}

}  // namespace gradus::lessons

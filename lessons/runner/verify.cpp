// SPDX-License-Identifier: MIT
#include "lessons/runner/verify.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "lessons/runner/commands.h"
#include "lessons/runner/compiler.h"
#include "lessons/runner/markdown.h"
#include "lessons/runner/text.h"
#include "lessons/runner/verdict.h"
#include "nn/files/atomic_file.h"
#include "nn/text/display_width.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

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

class Verifier {
 public:
    Verifier(const Course& course, const Lesson& lesson)
        : course_(course),
          lesson_(lesson),
          program_(course.build.programs + "/" + lesson.name),
          stub_(lesson_file(lesson.path("stub.h"))),
          solved_(stub_.find("unfinished(") == std::string::npos) {}

    Findings run_all() {
        const auto start = std::chrono::steady_clock::now();
        order();
        hints();
        answers();
        mutants();
        text();
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        findings_.seconds = passed.count();
        return findings_;
    }

 private:
    template <class... Args>
    void problem(fmt::format_string<Args...> format, Args&&... args) {
        findings_.problems.push_back(fmt::format(format, std::forward<Args>(args)...));
    }

    Verdict verdict_on(const std::string& answer) {
        const std::string results =
            fmt::format("{}/verify-{}.results", course_.build.work, lesson_.name);
        fs::create_directories(course_.build.work);
        fs::remove(results);
        const ProcessResult ended =
            run({program_, lesson_.name, "check", answer, results},
                {lesson_.seconds, 3 * lesson_.seconds}, {{"GRADUS_NONCE", "verify"}});
        Verdict verdict;
        verdict.lesson = lesson_.name;
        judge(verdict, course_, lesson_, ended, fs::exists(results) ? read_file(results) : "",
              "verify");
        if (verdict.kind == VerdictKind::ended && !ended.err.empty())
            verdict.sentence += ": " + ended.err;
        return verdict;
    }

    std::string output_of(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {program_, lesson_.name});
        const ProcessResult ended = run(arguments, {30, 60});
        if (ended.code != 0)
            problem("{} ended with exit code {}: {}", arguments[2], ended.code, ended.err);
        return ended.out;
    }

    // No lesson may need a later one.
    void order() {
        for (const auto& list : {lesson_.needs, lesson_.uses})
            for (const auto& number : list)
                if (number >= lesson_.number) problem("needs lesson {}, which comes later", number);
    }

    void hints() {
        if (lesson_.hints.size() != 3)
            problem("hints.md has {} hints; three are needed", lesson_.hints.size());
        for (const auto& hint : lesson_.hints)
            if (!is_ascii(hint))
                problem("a hint is not ASCII, which a plain terminal needs: {}", hint);
        // Lines of the solution that are long enough to be distinctive.
        for (const auto& line : lines_of(lesson_file(lesson_.path("solution.h")))) {
            const std::string code = trimmed(line);
            if (code.size() < 18 || code.starts_with("//") || code[0] == '#' || solved_) continue;
            if (stub_.find(code) != std::string::npos) continue;
            for (std::size_t i = 0; i < lesson_.hints.size(); ++i)
                if (lesson_.hints[i].find(code) != std::string::npos)
                    problem("hint {} holds a line of the solution: {}", i + 1, code);
        }
    }

    void answers() {
        const Verdict stub = verdict_on("stub");
        if (solved_) {
            if (!stub.passed()) problem("the stub is complete but fails: {}", stub.sentence);
        } else if (stub.passed()) {
            problem("the stub passes");
        } else if (stub.kind != VerdictKind::unfinished) {
            problem("the stub fails without saying what is unfinished: {}", stub.sentence);
        }
        if (!solved_ && stub.cases_passed > 0)
            problem("{} cases pass on the stub: they test none of the learner's code",
                    stub.cases_passed);
        std::vector<std::string> right = {"solution"};
        if (fs::exists(lesson_.path("twin.h"))) right.push_back("twin");
        for (const auto& answer : right) {
            const Verdict verdict = verdict_on(answer);
            if (!verdict.passed())
                problem("the {} fails: {}: {}", answer, verdict.test, verdict.sentence);
        }
    }

    void mutants() {
        findings_.mutants = static_cast<int>(lesson_.mutants.size());
        if (!solved_ && lesson_.mutants.size() < 3)
            problem("mutants.md has {} mutants; three are needed", lesson_.mutants.size());
        for (const auto& mutant : lesson_.mutants) {
            if (!is_ascii(mutant.sentence))
                problem("the sentence of mutant {} is not ASCII", mutant.name);
            const Verdict verdict = verdict_on(mutant.name);
            if (verdict.passed()) {
                problem("mutant {} passes the check", mutant.name);
                continue;
            }
            if (verdict.kind != VerdictKind::wrong && verdict.kind != VerdictKind::threw)
                problem("mutant {} does not fail on a number: {}", mutant.name, verdict.sentence);
            const std::string named = output_of({"misconception", mutant.name, verdict.function()});
            if (named != mutant.name + "\n")
                problem("mutant {} is recognised as: {}", mutant.name,
                        named.empty() ? "nothing" : named);
        }
        neighbours();
    }

    // Wrong, and close to a mutant, but not that mistake: its sentence would be false.
    void neighbours() {
        findings_.neighbours = static_cast<int>(lesson_.neighbours.size());
        for (const auto& neighbour : lesson_.neighbours) {
            const Verdict verdict = verdict_on(neighbour.name);
            if (verdict.passed()) problem("neighbour {} passes the check", neighbour.name);
            const std::string named =
                output_of({"misconception", neighbour.name, verdict.function()});
            if (!named.empty()) problem("neighbour {} is taken for: {}", neighbour.name, named);
        }
    }

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
        if (!solved_ && markdown.prose.find("\n|---") == std::string::npos)
            problem("README.md: there is no table of symbols");
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
    std::string program_, stub_;
    bool solved_;  // the stub is complete: lesson 00, which shows how it all works
    Findings findings_;
};

}  // namespace

Findings verify(const Course& course, const Lesson& lesson) {
    return Verifier(course, lesson).run_all();
}

int verify_command(const Course& course, const std::string& name, bool json,
                   const TerminalStyle& style) {
    std::vector<const Lesson*> chosen;
    for (const auto& lesson : course.lessons)
        if (name.empty() || course.lesson(name).name == lesson.name) chosen.push_back(&lesson);
    // Lessons share nothing, so as many are verified in parallel as there are processors; findings
    // are printed in lesson order.
    std::vector<std::promise<Findings>> promised(chosen.size());
    std::vector<std::future<Findings>> findings;
    for (auto& promise : promised) findings.push_back(promise.get_future());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < chosen.size(); i = next++) {
            try {
                promised[i].set_value(verify(course, *chosen[i]));
            } catch (...) {
                promised[i].set_exception(std::current_exception());
            }
        }
    };
    std::vector<std::jthread> workers;
    const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < processors && i < chosen.size(); ++i) workers.emplace_back(work);

    nlohmann::json list = nlohmann::json::array();
    int mutants = 0, problems = 0, lessons = 0;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const Lesson& lesson = *chosen[i];
        const Findings found = findings[i].get();
        ++lessons;
        mutants += found.mutants;
        problems += static_cast<int>(found.problems.size());
        list.push_back({{"lesson", lesson.name},
                        {"problems", found.problems},
                        {"mutants", found.mutants},
                        {"seconds", found.seconds}});
        if (json) continue;
        fmt::print(
            "{} {:<18} {} mutants, {} neighbours, {} numbers, {} demo blocks, {} code blocks, {} "
            "links, "
            "{:.1f} s\n",
            found.problems.empty() ? (style.unicode ? "✓" : "ok") : "FAILED", lesson.name,
            found.mutants, found.neighbours, found.numbers, found.demo_blocks, found.code_blocks,
            found.links, found.seconds);
        for (const auto& words : found.problems) fmt::print("    {}\n", words);
        std::fflush(stdout);
    }
    if (json)
        fmt::print("{}\n", nlohmann::json({{"version", 1}, {"lessons", list}}).dump(2));
    else
        fmt::print("{} lessons, {} mutants, {} problems\n", lessons, mutants, problems);
    return problems == 0 ? 0 : 1;
}

}  // namespace gradus::lessons

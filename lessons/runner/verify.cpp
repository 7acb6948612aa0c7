// SPDX-License-Identifier: MIT
#include "lessons/runner/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "lessons/runner/commands.h"
#include "lessons/runner/compiler.h"
#include "lessons/runner/text.h"
#include "lessons/runner/verdict.h"
#include "lessons/runner/verify_parts.h"
#include "lessons/runner/verify_slips.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// "sign" for "slip sign matmul 13:46"; "" if it is a mutant.
std::string rule_of(const std::string& name) {
    return name.starts_with("slip ") ? name.substr(5, name.find(' ', 5) - 5) : "";
}

class Verifier : Reports {
 public:
    Verifier(const Course& course, const Lesson& lesson)
        : Reports(findings_.problems),
          course_(course),
          lesson_(lesson),
          stub_(lesson_file(lesson.path("stub.h"))),
          solved_(stub_.find("unfinished(") == std::string::npos) {}

    Findings run_all() {
        const auto start = std::chrono::steady_clock::now();
        order();
        hints();
        answers();
        mutants();
        verify_text(course_, lesson_, findings_);
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        findings_.seconds = passed.count();
        return findings_;
    }

 private:
    // With `first`, of the cases up to the first that fails.
    Verdict verdict_on(const std::string& answer, bool first = false) {
        const std::string results =
            fmt::format("{}/verify-{}.results", course_.build.work, lesson_.name);
        make_folder(course_.build.work);
        fs::remove(results);
        std::vector<std::string> command = {course_.build.programs + "/" + lesson_.name,
                                            lesson_.name, "check", answer, results};
        if (first) command.push_back("first");
        const ProcessResult ended =
            run(command, {lesson_.seconds, 3 * lesson_.seconds}, {{"GRADUS_NONCE", "verify"}});
        Verdict verdict;
        verdict.lesson = lesson_.name;
        judge(verdict, course_, lesson_, ended, fs::exists(results) ? read_file(results) : "",
              "verify");
        if (verdict.kind == VerdictKind::ended && !ended.err.empty())
            verdict.sentence += ": " + ended.err;
        return verdict;
    }

    std::string output_of(const std::vector<std::string>& arguments) {
        return output_of_program(course_, lesson_, arguments, findings_);
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
        std::vector<std::string> failing;
        for (const auto& mutant : lesson_.mutants) {
            if (!is_ascii(mutant.sentence))
                problem("the sentence of mutant {} is not ASCII", mutant.name);
            const Verdict verdict = verdict_on(mutant.name, true);
            if (verdict.passed()) {
                problem("mutant {} passes the check", mutant.name);
                continue;
            }
            if (verdict.kind != VerdictKind::wrong && verdict.kind != VerdictKind::threw)
                problem("mutant {} does not fail on a number: {}", mutant.name, verdict.sentence);
            append(failing, {mutant.name, verdict.function()});
        }
        const std::size_t mutants = failing.size() / 2;
        findings_.neighbours = static_cast<int>(lesson_.neighbours.size());
        for (const auto& neighbour : lesson_.neighbours) {
            const Verdict verdict = verdict_on(neighbour.name, true);
            if (verdict.passed()) problem("neighbour {} passes the check", neighbour.name);
            append(failing, {neighbour.name, verdict.function()});
        }
        if (failing.empty()) return;
        const auto named = recognised(failing);
        for (std::size_t i = 0; i < mutants; ++i)
            if (const auto& [mutant, taken_for] = named[i]; taken_for != mutant)
                problem("mutant {} is recognised as: {}", mutant,
                        taken_for.empty() ? "nothing" : taken_for);
        for (std::size_t i = mutants; i < named.size(); ++i)
            judge_neighbour(lesson_.neighbours[i - mutants], named[i].second);
    }

    // Wrong, and close to a mutant, but not that mistake: its sentence would be false.
    void judge_neighbour(const Mutant& neighbour, const std::string& taken_for) {
        // A slip it may be, if its own sentence says so: "(slip sign)".
        std::string slips;
        for (const auto& name : words_of(taken_for)) {
            const std::string rule = rule_of(name);
            if (rule.empty() || neighbour.sentence.find("(slip " + rule + ")") == std::string::npos)
                problem("neighbour {} is taken for: {}", neighbour.name, name);
            slips += rule;
        }
        if (slips.empty() && neighbour.sentence.find("(slip ") != std::string::npos)
            problem("neighbour {} is not taken for a slip", neighbour.name);
    }

    // Answers, each with the function that failed, and the mistakes that they are taken for.
    std::vector<std::pair<std::string, std::string>> recognised(
        const std::vector<std::string>& answers_functions) {
        std::vector<std::string> arguments = {"misconceptions"};
        append(arguments, answers_functions);
        const auto lines = lines_of(output_of(arguments));
        std::vector<std::pair<std::string, std::string>> list;
        for (std::size_t i = 0; 2 * i < answers_functions.size(); ++i)
            list.emplace_back(answers_functions[2 * i], i < lines.size() ? lines[i] : "");
        return list;
    }

    const Course& course_;
    const Lesson& lesson_;
    std::string stub_;
    bool solved_;  // the stub is complete: lesson 00, which shows how it all works
    Findings findings_;
};

}  // namespace

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string output_of_program(const Course& course, const Lesson& lesson,
                              std::vector<std::string> arguments, Findings& findings) {
    arguments.insert(arguments.begin(), {course.build.programs + "/" + lesson.name, lesson.name});
    const ProcessResult ended = run(arguments, {30, 60});
    if (ended.code != 0)
        findings.problems.push_back(
            fmt::format("{} ended with exit code {}: {}", arguments[2], ended.code, ended.err));
    return ended.out;
}

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
    struct Both {
        Findings rules;
        SlipFindings slips;
    };
    const char* wanted = std::getenv("GRADUS_SLIPS");
    const bool update = wanted != nullptr && std::string(wanted) == "update";
    std::vector<std::promise<Both>> promised(chosen.size());
    std::vector<std::future<Both>> findings;
    for (auto& promise : promised) findings.push_back(promise.get_future());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < chosen.size(); i = next++) {
            try {
                const SlipFindings slips = verify_slips(course, *chosen[i], update);
                promised[i].set_value({verify(course, *chosen[i]), slips});
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
        auto [found, slips] = findings[i].get();
        append(found.problems, slips.problems);
        ++lessons;
        mutants += found.mutants;
        problems += static_cast<int>(found.problems.size());
        list.push_back({{"lesson", lesson.name},
                        {"problems", found.problems},
                        {"mutants", found.mutants},
                        {"slips", slips.failing},
                        {"slips_named", slips.named},
                        {"seconds", found.seconds + slips.seconds}});
        if (json) continue;
        fmt::print(
            "{} {:<18} {} mutants, {} neighbours, {} numbers, {} demo blocks, {} code blocks, {} "
            "links, {:.1f} s\n",
            found.problems.empty() ? (style.unicode ? "✓" : "ok") : "FAILED", lesson.name,
            found.mutants, found.neighbours, found.numbers, found.demo_blocks, found.code_blocks,
            found.links, found.seconds);
        fmt::print(
            "    {} slips, {} compile, {} fail: {} are named, {} more end with their line; {:.1f} "
            "s\n",
            slips.made, slips.compiled, slips.failing, slips.named, slips.placed, slips.seconds);
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

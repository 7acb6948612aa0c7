// SPDX-License-Identifier: MIT
#include "lessons/runner/verdict.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "lessons/runner/compiler.h"
#include "lessons/runner/slips.h"
#include "lessons/runner/text.h"
#include "nn/files/atomic_file.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// What all programs that we started have used.
struct Used {
    double seconds = 0;
    long interrupted = 0;  // how often one had to make room for another

    static Used by_children() {
        rusage used{};
        ::getrusage(RUSAGE_CHILDREN, &used);
        const auto seconds = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
        };
        return {seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_nivcsw};
    }
};

// A check that the machine did not let begin says nothing about the code.
void refuse_to_blame(const ProcessResult& ended) {
    rlimit memory{};
    ::getrlimit(RLIMIT_AS, &memory);
    const auto says = [&](const char* words) { return ended.err.find(words) != std::string::npos; };
    if (says("ReserveShadowMemoryRange failed") || says("Shadow memory range interleaves") ||
        (memory.rlim_cur != RLIM_INFINITY &&
         (says("failed to allocate 0x") || says("std::bad_alloc") || says("out of memory"))))
        throw MachineError(
            "the address sanitizer does not get the memory that it needs to watch your code "
            "(ulimit -v?): ./gradus doctor");
    if (ended.code == 127)
        throw MachineError("the check cannot be started: " +
                           ended.err.substr(0, std::min(ended.err.find('\n'), ended.err.size())) +
                           " (./gradus doctor)");
}

// A folder for the sanitizers' reports (their option log_path), so that std::cerr is the learner's
// alone: it neither crowds out a report nor looks like one. Not beside the program: the path of a
// learner's folder may hold any character, and the option has no way to write some of them.
class SanitizerReports {
 public:
    SanitizerReports() : made_(::mkdtemp(folder_) != nullptr) {}
    ~SanitizerReports() {
        std::error_code ignored;
        if (made_) fs::remove_all(folder_, ignored);
    }
    SanitizerReports(const SanitizerReports&) = delete;
    SanitizerReports& operator=(const SanitizerReports&) = delete;

    // Without a folder they go to std::cerr, as ever.
    std::string option() const {
        return made_ ? std::string(":log_path=") + folder_ + "/report" : "";
    }
    std::string text() const {
        std::string all;
        if (made_)
            for (const auto& entry : fs::directory_iterator(folder_))
                all += read_file(entry.path().string());
        return all;
    }

 private:
    char folder_[32] = "/tmp/gradus-XXXXXX";
    bool made_;
};

// The undefined-behaviour sanitizer of g++ writes to standard error all the same: "FILE:LINE:COLUMN:
// runtime error: ...", and where. Cuts that off the end of `text` and returns it.
std::string cut_report(std::string& text) {
    const std::size_t sign = text.rfind(": runtime error: ");
    if (sign == std::string::npos || text.find("\n    #0 0x", sign) == std::string::npos) return "";
    const std::size_t line = text.rfind('\n', sign);
    const std::string report = text.substr(line == std::string::npos ? 0 : line + 1);
    text.resize(text.size() - report.size());
    return report;
}

// Fills in everything but the misconception and the time.
void check_into(Verdict& verdict, const Course& course, const Lesson& lesson, Program& program) {
    if (const BuildProblem problem = build_program(course, lesson, program)) {
        verdict.kind = problem.kind;
        verdict.sentence = problem.sentence;
        verdict.source = problem.line;
        verdict.compiler = problem.rest;
        return;
    }
    verdict.compiler = program.warning;
    verdict.own = program.own;
    verdict.built_in = program.built_in;
    std::random_device random;
    const std::string nonce = fmt::format("{:08x}{:08x}", random(), random());
    const std::string results = program.path + ".results";
    fs::remove(results);
    const SanitizerReports reports;
    const Used before = Used::by_children();
    ProcessResult ended = run({program.path, lesson.name,
                               verdict.which == Cases::all ? "check" : "last", "mine", results},
                              {lesson.seconds, wall_seconds(lesson)},
                              {{"ASAN_OPTIONS",
                                "detect_leaks=0:detect_stack_use_after_return=1:hard_rss_limit_mb="
                                "2048:allocator_may_return_null=0" +
                                    reports.option()},
                               {"UBSAN_OPTIONS", "print_stacktrace=1" + reports.option()},
                               {"GRADUS_NONCE", nonce}});
    const std::string report = reports.text() + cut_report(ended.err);
    const std::string mark = "AddressSanitizer:DEADLYSIGNAL\n";  // which never goes to the file
    if (!report.empty() && ended.err.ends_with(mark))
        ended.err.resize(ended.err.size() - mark.size());
    const std::string written = ended.err;
    ended.err = report + written;
    refuse_to_blame(ended);
    if (!report.empty()) ended.err = report;
    const Used after = Used::by_children();
    verdict.processor_seconds = after.seconds - before.seconds;
    // It was stopped by the clock, and it is not the one that waited.
    if (ended.late && verdict.processor_seconds < 0.9 * lesson.seconds &&
        after.interrupted - before.interrupted > 100)
        throw MachineError(fmt::format(
            "this machine is too busy to check anything: in {:.0f} seconds the check computed for "
            "{:.1f}. Try again",
            ended.seconds, verdict.processor_seconds));
    judge(verdict, course, lesson, ended, fs::exists(results) ? read_file(results) : "", nonce);
    verdict.printed_err = written;
}

// The slips of these ids ("sign matmul 13:46"): one sentence, or two or three of which one is true.
void name_slips(Verdict& verdict, const Lesson& lesson, const std::vector<std::string>& ids) {
    std::vector<std::string> sentences;
    for (const auto& slip : slips_of(lesson)) {
        if (std::find(ids.begin(), ids.end(), slip.id()) == ids.end()) continue;
        if (std::find(sentences.begin(), sentences.end(), slip.sentence) != sentences.end())
            continue;
        sentences.push_back(slip.sentence);
        verdict.mistakes.push_back(slip.rule);
    }
    if (sentences.empty()) return;
    verdict.misconception = verdict.mistakes[0];
    verdict.explanation = sentences[0];
    for (std::size_t i = 1; i < sentences.size(); ++i)
        verdict.explanation += " Or: " + sentences[i];
    if (sentences.size() > 1)
        verdict.explanation =
            "More than one slip gives these results; yours may be one of these, or several. " +
            verdict.explanation;
}

// In a separate run, because a wrong answer may crash on these inputs, too.
void name_misconception(Verdict& verdict, const Lesson& lesson, const Program& program) {
    const ProcessResult ended =
        run({program.path, lesson.name, "misconception", "mine", verdict.function()}, {5, 10},
            {{"ASAN_OPTIONS", "detect_leaks=0"}});
    std::vector<std::string> slips;
    for (const auto& name : lines_of(ended.out)) {
        if (name.starts_with("slip ")) slips.push_back(name.substr(5));
        const Mutant* mutant = lesson.mutant(name);
        if (mutant == nullptr) continue;
        verdict.mistakes.push_back(name);
        if (verdict.mistakes.size() == 1) {
            verdict.misconception = name;
            verdict.explanation = mutant->sentence;
        } else {
            verdict.explanation += " Or: " + mutant->sentence;
        }
    }
    if (verdict.mistakes.size() > 1)
        verdict.explanation =
            "More than one typical mistake gives these results; yours may be one of these, or "
            "several. " +
            verdict.explanation;
    if (verdict.mistakes.empty()) name_slips(verdict, lesson, slips);
}

constexpr int kGrace = 5;  // minutes beyond the usual time before a hint is offered

// A check and a watch in another window write the same objects: the second waits for the first.
class OneAtATime {
 public:
    explicit OneAtATime(const std::string& folder) {
        make_folder(folder);
        file_ = ::open((folder + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
        if (file_ >= 0) ::flock(file_, LOCK_EX);
    }
    ~OneAtATime() {
        if (file_ >= 0) ::close(file_);
    }
    OneAtATime(const OneAtATime&) = delete;
    OneAtATime& operator=(const OneAtATime&) = delete;

 private:
    int file_;
};

// "matmul/b-transposed", as Record::stop.
std::string place_of(const Verdict& verdict) {
    const std::string place = verdict.test.empty() ? name_of(verdict.kind) : verdict.function();
    return verdict.misconception.empty() ? place : place + "/" + verdict.misconception;
}

void remember(const Verdict& verdict, const Course& course, const Lesson& lesson,
              const std::string& hash) {
    Progress progress = course.folder.progress();
    progress.spend(lesson.name, unix_time());
    Record& record = progress.of(lesson.name);
    if (verdict.passed()) {
        record.passed = hash;
        record.checked = record.stop = "";
    } else if (record.passed.empty()) {  // who has passed may break it again, to see what happens
        // The stub is red before anything is written: that is not a try.
        const std::string before = record.checked.empty()
                                       ? hash_of_code(read_file(lesson.path("stub.h")))
                                       : record.checked;
        record.tries += hash != before;
        record.checked = hash;
        record.stop = place_of(verdict);
    }
    for (const auto& name : verdict.mistakes)
        if (std::find(record.met.begin(), record.met.end(), name) == record.met.end())
            record.met.push_back(name);
    progress.write();
}

}  // namespace

void offer_hint(Verdict& verdict, const Course& course, const Lesson& lesson) {
    if (verdict.passed() || !course.folder.exists()) return;
    Progress progress = course.folder.progress();
    Record& record = progress.of(lesson.name);
    const auto count = static_cast<int>(lesson.hints.size());
    if (!record.passed.empty() || record.offered || record.hints >= count ||
        record.seconds < 60 * (lesson.minutes + kGrace))
        return;
    record.offered = true;
    try {
        progress.write();
    } catch (const FileError&) {
        return;  // it would be offered again after every check
    }
    verdict.offer = fmt::format(
        "You have been at this for {} minutes; the usual is {}. ./gradus hint {} gives {} hint.",
        record.seconds / 60, lesson.minutes, lesson.number,
        record.hints == 0           ? "a first"
        : record.hints + 1 == count ? "the last"
                                    : "another");
}

Verdict check_lesson(const Course& course, const Lesson& lesson, Cases which) {
    const auto start = std::chrono::steady_clock::now();
    const OneAtATime turn(course.build.work);
    Verdict verdict;
    verdict.which = which;
    verdict.lesson = lesson.name;
    verdict.title = lesson.title;
    verdict.file = shown(course, lesson.file);
    // Hashed before compiling: if the file is saved meanwhile, the new text counts as changed.
    const std::string file = course.folder.file(lesson);
    const std::string hash = fs::exists(file) ? hash_of_code(read_file(file)) : "";
    Program program;
    check_into(verdict, course, lesson, program);
    if (verdict.kind == VerdictKind::wrong || verdict.kind == VerdictKind::threw ||
        verdict.kind == VerdictKind::crash)
        name_misconception(verdict, lesson, program);
    const bool unknown = verdict.kind == VerdictKind::wrong || verdict.kind == VerdictKind::crash;
    if (unknown && verdict.mistakes.empty() && verdict.compiler.empty())
        verdict.compiler = remark(course, lesson);
    // Whoever passes the last cases goes on to all of them, which decide.
    const bool goes_on = which == Cases::last && verdict.passed();
    if (course.folder.exists() && !goes_on) {
        try {
            remember(verdict, course, lesson, hash);
        } catch (const FileError& e) {
            verdict.note = fmt::format("Your progress could not be recorded: {}", e.what());
        }
    }
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    verdict.seconds = passed.count();
    return verdict;
}

nlohmann::json to_json(const Verdict& v) {
    return {{"lesson", v.lesson},
            {"title", v.title},
            {"file", v.file},
            {"passed", v.passed()},
            {"kind", name_of(v.kind)},
            {"sentence", v.sentence},
            {"test", v.test},
            {"where", v.where},
            {"misconception", v.misconception},
            {"explanation", v.explanation},
            {"cases", v.cases},
            {"cases_passed", v.cases_passed},
            {"cases_total", v.cases_total},
            {"calls", v.calls},
            {"own", v.own},
            {"built_in", v.built_in},
            {"seconds", v.seconds}};
}

}  // namespace gradus::lessons

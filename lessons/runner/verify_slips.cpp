// SPDX-License-Identifier: MIT
#include "lessons/runner/verify_slips.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "lessons/runner/compiler.h"
#include "lessons/runner/process.h"
#include "lessons/runner/slips.h"
#include "lessons/runner/text.h"
#include "lessons/runner/verify_parts.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// What became of one slip: a line of what try_slips() writes.
struct Tried {
    std::string outcome, words, names;
};

// Whether two lists of fingerprints are the same, up to what another compiler may round otherwise.
bool alike(const std::string& a, const std::string& b) {
    std::istringstream left(a), right(b);
    std::string x, y;
    while (true) {
        const bool more = static_cast<bool>(left >> x);
        if (static_cast<bool>(right >> y) != more) return false;
        if (!more) return true;
        if (x == y) continue;
        if (x == "=" || x == "!" || y == "=" || y == "!") return false;
        const double p = std::atof(x.c_str()), q = std::atof(y.c_str());
        if (!(std::abs(p - q) <= 1e-8 * std::max(1.0, std::abs(q)))) return false;
    }
}

class SlipVerifier : Reports {
 public:
    SlipVerifier(const Course& course, const Lesson& lesson)
        : Reports(findings_.problems),
          course_(course),
          lesson_(lesson),
          stem_(course.build.work + "/" + lesson.name + "/slips"),
          slips_(slips_of(lesson)) {
        for (const auto& record : read_slip_records(lesson)) records_[record.id] = record;
        findings_.made = static_cast<int>(slips_.size());
    }

    SlipFindings run_all(bool update) {
        const auto start = std::chrono::steady_clock::now();
        make_folder(fs::path(stem_).parent_path().string());
        if (update) {
            find_invalid();
        } else {
            compare_lists();
            for (const auto& [id, record] : records_)
                if (record.outcome == "invalid") invalid_.insert(id);
        }
        if (findings_.problems.empty() && slips_.size() > invalid_.size()) {
            build();
            if (findings_.problems.empty()) judge(update);
        }
        if (update) write();
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        findings_.seconds = passed.count();
        return findings_;
    }

 private:
    void compare_lists() {
        std::set<std::string> now;
        for (const auto& slip : slips_) now.insert(slip.id());
        int missing = 0, left = 0;
        for (const auto& id : now) missing += records_.count(id) == 0;
        for (const auto& [id, record] : records_) left += now.count(id) == 0;
        if (missing + left > 0)
            problem(
                "slips.txt: {} slips are missing and {} cannot be made any more: "
                "GRADUS_SLIPS=update ./gradus verify {}",
                missing, left, lesson_.number);
    }

    std::string unit() const {
        std::vector<Slip> valid;
        for (const auto& slip : slips_)
            if (invalid_.count(slip.id()) == 0) valid.push_back(slip);
        return slips_unit(lesson_, valid);
    }

    std::vector<std::string> command() const {
        // Of the learner's flags only the address sanitizer, by which a slip that reads outside an
        // array gives no numbers. The rest costs time and changes nothing: a lesson with 200 slips
        // compiles in 1.1 s of processor time instead of 2.0 (g++ 12).
        std::vector<std::string> words = {course_.build.compiler};
        const auto& fast = course_.build.fast;
        const bool whole = std::any_of(fast.begin(), fast.end(), [](const auto& flag) {
            return flag.starts_with("-fsanitize=");  // the library, too: then all flags stay
        });
        for (const auto& flag : course_.build.watched) {
            if (flag == "-include") break;
            words.push_back(whole                                    ? flag
                            : flag == "-fsanitize=address,undefined" ? "-fsanitize=address"
                            : flag == "-g1"                          ? "-g0"
                            : flag == "-O1"                          ? "-O0"
                                                                     : flag);
        }
        append(words, course_.build.lessons.at(lesson_.name).definitions);
        return words;
    }

    // The slips that do not compile, from the names of their lines in the compiler's messages.
    void find_invalid() {
        static const std::regex line(R"((?:^|\n|from )slip (\S+ \w+ \d+:\d+[a-z]?):\d+)");
        for (int round = 0; round < 20; ++round) {
            write_file(stem_ + ".cpp", unit());
            auto words = command();
            append(words, {"-fsyntax-only", "-w", "-fmax-errors=0", stem_ + ".cpp"});
            const ProcessResult ended =
                run_process(words, {.processor_seconds = 120, .seconds = 300, .kept = 1 << 26});
            if (ended.code == 0) return;
            const std::size_t before = invalid_.size();
            for (std::sregex_iterator i(ended.err.begin(), ended.err.end(), line), end; i != end;
                 ++i)
                invalid_.insert((*i)[1]);
            if (invalid_.size() == before)
                return problem("the slips do not compile: {}", ended.err.substr(0, 500));
        }
    }

    // Whether the program is: what the slips include, these objects include, too.
    bool is_newer_than(const Built& built) const {
        if (!fs::exists(stem_)) return false;
        const auto time = fs::last_write_time(stem_);
        if (fs::last_write_time(stem_ + ".cpp") > time) return false;
        for (const auto& list :
             {course_.build.harness, built.check, built.answers, course_.build.libraries})
            for (const auto& file : list)
                if (fs::exists(file) && fs::last_write_time(file) > time) return false;
        return true;
    }

    void build() {
        const std::string source = stem_ + ".cpp", text = unit();
        const Built& built = course_.build.lessons.at(lesson_.name);
        if (fs::exists(source) && read_file(source) == text && is_newer_than(built)) return;
        if (!fs::exists(source) || read_file(source) != text) write_file(source, text);
        auto words = command();
        append(words, {"-w", "-c", source, "-o", stem_ + ".o"});
        ProcessResult ended = run(words);
        if (ended.code != 0) return problem("the slips do not compile: {}", ended.err);
        words = command();
        for (const auto& part : {course_.build.harness, built.check, built.answers, built.install})
            append(words, part);
        for (const auto& number : lesson_.uses) {
            const Built& used = course_.build.lessons.at(course_.number(number)->name);
            append(words, used.answers);
            append(words, used.install);
        }
        append(words, {stem_ + ".o"});
        append(words, course_.build.libraries);
        append(words, {"-o", stem_});
        ended = run(words);
        if (ended.code != 0) problem("the slips cannot be linked: {}", ended.err);
    }

    void judge(bool update) {
        const ProcessResult ended =
            run({stem_, lesson_.name, "slips", stem_ + ".results",
                 std::to_string(std::min(lesson_.seconds, 3))},
                {600, 600},
                {{"ASAN_OPTIONS",
                  "detect_leaks=0:symbolize=0:detect_stack_use_after_return=1:max_allocation_size_"
                  "mb=400:allocator_may_return_null=0"}});
        if (ended.code != 0)
            return problem("the slips ended with exit code {}: {}", ended.code, ended.err);
        std::istringstream in(read_file(stem_ + ".results"));
        for (std::string line; std::getline(in, line);) {
            std::vector<std::string> fields(1);
            for (const char c : line)
                if (c == '\t')
                    fields.emplace_back();
                else
                    fields.back() += c;
            tried_[fields.at(0)] = {fields.at(1), fields.at(2), fields.at(3)};
        }
        for (const auto& slip : slips_)
            if (invalid_.count(slip.id()) == 0) judge(slip, update);
        const int told = findings_.named + findings_.placed;
        if (5 * told < 4 * findings_.failing)
            problem(
                "of {} slips that fail only {} are told in words or with their line, less than "
                "four fifths",
                findings_.failing, told);
    }

    void judge(const Slip& slip, bool update) {
        const std::string id = slip.id();
        const auto found = tried_.find(id);
        if (found == tried_.end()) return problem("slip {} was not checked", id);
        const Tried& tried = found->second;
        const SlipRecord& record = records_[id];
        ++findings_.compiled;
        if (tried.outcome == "passes") {
            if (!update && (record.outcome != "passes" || record.rest.empty()))
                problem("slip {} passes the check, and slips.txt gives no reason: {}", id,
                        slip.line);
            return;
        }
        ++findings_.failing;
        const bool named = !tried.names.empty();
        findings_.named += named;
        findings_.placed += !named && (tried.outcome == "crashes" || tried.outcome == "late");
        // A mutant, or itself, perhaps with others that give the same.
        if (named && tried.names.starts_with("slip ") &&
            (";" + tried.names + ";").find(";slip " + id + ";") == std::string::npos)
            problem("slip {} is recognised as: {}", id, tried.names);
        if (!update && (record.outcome != tried.outcome || !alike(record.rest, tried.words)))
            problem("slip {}: slips.txt has \"{} {}\", now it is \"{} {}\"", id, record.outcome,
                    record.rest, tried.outcome, tried.words);
    }

    void write() {
        std::vector<SlipRecord> all;
        for (const auto& slip : slips_) {
            const std::string id = slip.id();
            if (invalid_.count(id) != 0) {
                all.push_back({id, "invalid", ""});
                continue;
            }
            const Tried& tried = tried_[id];
            const bool passes = tried.outcome == "passes";
            const SlipRecord& before = records_[id];
            all.push_back({id, tried.outcome,
                           !passes                      ? tried.words
                           : before.outcome == "passes" ? before.rest
                                                        : ""});
        }
        if (!all.empty()) write_file(lesson_.path("slips.txt"), to_text(all));
    }

    const Course& course_;
    const Lesson& lesson_;
    std::string stem_;
    std::vector<Slip> slips_;
    std::map<std::string, SlipRecord> records_;
    std::map<std::string, Tried> tried_;
    std::set<std::string> invalid_;
    SlipFindings findings_;
};

}  // namespace

SlipFindings verify_slips(const Course& course, const Lesson& lesson, bool update) {
    return SlipVerifier(course, lesson).run_all(update);
}

}  // namespace gradus::lessons

// SPDX-License-Identifier: MIT
// The verdict on a learner's file: passed, or not yet and why, in words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "lessons/runner/build.h"
#include "lessons/runner/process.h"
#include "lessons/runner/verdict_kind.h"

namespace gradus::lessons {

// Which cases a check runs.
enum class Cases {
    all,
    last  // the last of each function, its hardest. Such a check does not decide whether it passed.
};

struct Verdict {
    std::string lesson, title, file;
    Cases which = Cases::all;
    VerdictKind kind = VerdictKind::missing;
    std::string sentence;       // what happened, in one sentence
    std::string test;           // the name of the test case that failed, a sentence
    std::string where;          // the variables captured there: "M := 2, N := 3"
    std::string end;            // how the program ended after that, if it did not come to its end
    std::string expression;     // what was checked, if it is readable: "offset({1, 2}, {4, 1})"
    std::string table;          // yours and expected side by side, if they are short
    std::string nudge;          // where to look, if the mistake is none that we know
    std::string source;         // the learner's line
    std::string misconception;  // name of the mutant with this mistake
    std::string explanation;    // that mutant's sentence
    std::vector<std::string> mistakes;  // the names of all mutants that give the same results
    std::string compiler;               // its full output if it failed, else its first warning
    std::string printed, printed_err;   // what the learner's code printed, and to std::cerr
    std::string note;                   // what else there is to say: progress could not be recorded
    std::string offer;                  // of a hint, once, when the usual time is over
    int cases = 0, cases_passed = 0;    // begun; of these, passed
    int cases_total = 0;                // of the lesson; 0: unknown
    std::vector<std::string> finished;  // functions all of whose cases passed
    std::set<std::string> unfinished;   // functions that still call unfinished()
    std::map<std::string, std::uint64_t> calls;      // of the learner's functions
    std::vector<std::string> own, built_in;          // numbers of earlier lessons (build.h)
    std::map<std::string, std::uint64_t> own_calls;  // of the functions of each `own` lesson
    // Slots of the library's table that several of the learner's lessons fill, and the numbers of
    // these lessons; the last is the one whose function ran.
    std::map<std::string, std::vector<std::string>> replaced;
    double seconds = 0;            // from start to verdict
    double processor_seconds = 0;  // of these, what the learner's code computed

    bool passed() const { return kind == VerdictKind::passed; }
    // The function that the failed case is about: its name begins with it.
    std::string function() const { return test.substr(0, std::min(test.find(':'), test.size())); }
};

// How long a check may take on the clock: only code that waits, or a very busy machine, takes so
// much longer than it computes.
inline int wall_seconds(const Lesson& lesson) {
    return std::max(60, 4 * lesson.seconds);
}

// Judges a run of a check by its results (lines of JSON) and by the way it ended. The last line
// must contain `nonce`: a program that ends earlier (exit(0) in the learner's code) has not passed.
// Fills in kind, sentence, test and so on.
void judge(Verdict& verdict, const Course& course, const Lesson& lesson, const ProcessResult& ended,
           const std::string& results, const std::string& nonce);

// Builds, runs and judges the learner's file, identifies the misconception, and records the outcome
// in progress.txt. Throws MachineError (compiler.h) if the machine does not let it come to a verdict.
Verdict check_lesson(const Course& course, const Lesson& lesson, Cases which = Cases::all);

// Sets verdict.offer if the learner has worked on the lesson for clearly longer than is usual, has not passed
// it and has not been offered a hint before; remembers that in progress.txt. For whoever shows the
// verdict to a person.
void offer_hint(Verdict& verdict, const Course& course, const Lesson& lesson);

// The verdict in the form that lessons/verdict.schema.json describes.
nlohmann::json to_json(const Verdict& verdict);

}  // namespace gradus::lessons

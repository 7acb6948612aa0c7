// SPDX-License-Identifier: MIT
// Judges how a check's program ended: its results, crashes, limits and endings of its own.
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "lessons/runner/text.h"
#include "lessons/runner/verdict.h"

namespace gradus::lessons {
namespace {

// The learner's line in a sanitizer's report: the first frame or message inside their file.
std::size_t line_in(const std::string& report, const std::string& file) {
    const std::size_t at = report.find(file + ":");
    if (at == std::string::npos) return 0;
    return static_cast<std::size_t>(std::atol(report.c_str() + at + file.size() + 1));
}

// A term in the sanitizers' reports, and its meaning.
struct Crash {
    const char *sign, *words;
};
constexpr Crash kCrashes[] = {
    {"stack-overflow", "ran out of stack: a function calls itself endlessly or too deeply"},
    {"heap-buffer-overflow", "reached outside an array"},
    {"stack-buffer-overflow", "reached outside a local array"},
    {"global-buffer-overflow", "reached outside an array"},
    {"container-overflow", "reached past the last element of a vector"},
    {"heap-use-after-free", "used memory that had been given back"},
    {"stack-use-after-scope", "used a local variable after its block had ended"},
    {"stack-use-after-return", "used a local variable after its function had returned"},
    {"double-free", "freed the same memory twice"},
    {"alloc-dealloc-mismatch",
     "freed memory in a way that does not fit its allocation (new[], then delete)"},
    {"allocation-size-too-big", "asked for an absurd amount of memory (a negative size?)"},
    {"out of memory", "asked for more memory than there is"},
    {"hard rss limit exhausted", "used more than 2 GB of memory: something grows without end"},
    {"address points to the zero page",
     "used a null pointer, or a vector that is empty (give it a size: std::vector<Real> v(n))"},
    {"FPE", "divided an integer by zero"},
    {"stack smashing", "wrote outside a local array"},
};

std::string signal_words(int signal) {
    switch (signal) {
        case SIGSEGV:
            return "used memory that is not its own (a null pointer or a wild index)";
        case SIGFPE:
            return "divided an integer by zero";
        case SIGABRT:
            return "ended with abort()";
        case SIGILL:
            return "reached code that should be unreachable (a function without return?)";
        case SIGKILL:
            return "was killed by the system: most likely it filled this machine's memory";
        default:
            return fmt::format("was ended by signal {} ({})", signal, ::strsignal(signal));
    }
}

constexpr const char* kMoved =
    "used memory that had been a vector's and was given back, or a place just past it";
constexpr const char* kWhyMoved =
    ". There are three usual causes. A vector that grows moves all its elements: an iterator, a "
    "reference or a range-based for from before the push_back still points to their old place. A "
    "lambda that captures by reference, [&], outlives what it captured. Or an index reaches far "
    "outside another array";

// An access to memory that was given back, or just past it; "" if it is none, or plainly new and
// delete. Stacks that lead through the library's templates may end early, so only what the
// check itself took or gave back is known for sure: an index far outside happened to lead there.
std::string words_of_freed(const std::string& report, const Lesson& lesson) {
    const std::size_t freed = report.find("freed by thread"),
                      taken = report.find("previously allocated by thread");
    if (freed == std::string::npos || taken == std::string::npos) return "";
    const std::string by = report.substr(taken, report.find("SUMMARY", taken) - taken),
                      back = report.substr(freed, taken - std::min(freed, taken));
    const auto of_check = [&](const std::string& stack) {
        const auto has = [&](const std::string& word) {
            return stack.find(word) != std::string::npos;
        };
        return (has("gradus::lesson_") || has("/check.cpp")) && !has(lesson.file);
    };
    if (of_check(by) || of_check(back))
        return report.find("heap-use-after-free") == std::string::npos
                   ? ""
                   : "reached far outside an array (a negative index, or one much too large?)";
    // The functions of the stack, without their parameters.
    static const std::regex of_vector(R"( in [^(<\n]*(vector|allocator)<)");
    return std::regex_search(by, of_vector) ? kMoved : "";
}

std::string crash_words(const ProcessResult& ended, const Lesson& lesson) {
    static const std::regex undefined("runtime error: (.*)");
    std::smatch found;
    // The undefined-behaviour sanitizer explains itself well: "load of null pointer of type ...".
    if (std::regex_search(ended.err, found, undefined)) {
        const std::string words = found[1];
        // Inside the vector's own header, only an empty vector has a null pointer.
        if (words.find("null pointer") != std::string::npos &&
            ended.err.find("stl_vector.h") < ended.err.find("runtime error:"))
            return "reached into a vector that is empty (its size() - 1 is not -1 but huge, as "
                   "sizes have no sign). A vector v; has no elements, a vector v(n); has n";
        if (words.find("null pointer") != std::string::npos)
            return "used a null pointer, such as the data() of a vector without elements";
        if (words == "division by zero") return "divided an integer by zero";
        if (words.find("end of a value-returning function") != std::string::npos ||
            words.find("without returning a value") != std::string::npos)
            return "reached the end of a function without returning a value";
        return "did what C++ does not allow: " + words;
    }
    if (const std::string words = words_of_freed(ended.err, lesson); !words.empty()) return words;
    for (const auto& crash : kCrashes)
        if (ended.err.find(crash.sign) != std::string::npos) return crash.words;
    if (ended.err.find("AddressSanitizer") != std::string::npos)
        return "used memory that is not its own (a null pointer or a wild index)";
    return ended.signal != 0 ? signal_words(ended.signal)
                             : fmt::format("ended with exit code {}", ended.code);
}

void fail(Verdict& verdict, VerdictKind kind, const std::string& sentence) {
    verdict.kind = kind;
    verdict.sentence = sentence;
}

// The program ended in the case `test`, before it wrote its last line.
void judge_end(Verdict& verdict, const Course& course, const Lesson& lesson,
               const ProcessResult& ended, const std::string& test) {
    const std::string in = test.empty() ? "" : fmt::format(", in \"{}\"", test);
    const std::size_t line = line_in(ended.err, lesson.file);
    const std::string place =
        line == 0 ? "" : fmt::format("{}, line {}: ", shown(course, lesson.file), line);
    if (line != 0) verdict.source = line_of_file(course.folder.file(lesson), line);
    // A program that blocks SIGXCPU is killed a second later.
    const bool killed_late =
        ended.signal == SIGKILL && verdict.processor_seconds >= lesson.seconds - 0.5;
    if (ended.late && verdict.processor_seconds > 0 &&
        verdict.processor_seconds < 0.5 * lesson.seconds) {
        fail(verdict, VerdictKind::late,
             fmt::format("your code did not end within {} seconds, but computed for only {:.1f} of "
                         "them{}: does it wait for something, such as input or a lock?",
                         wall_seconds(lesson), verdict.processor_seconds, in));
    } else if (ended.late || ended.code == 124 || killed_late) {
        fail(verdict, VerdictKind::late,
             fmt::format("{}your code did not end within {} seconds{}: an endless loop, or much "
                         "too slow?",
                         place, lesson.seconds, in));
    } else if (ended.code >= 0 && ended.err.find("Sanitizer") == std::string::npos &&
               ended.err.find("runtime error: ") == std::string::npos) {
        fail(verdict, VerdictKind::ended,
             fmt::format("your code ended the whole program with exit code {}{}: a call to exit()? "
                         "A function should only return, so that the check goes on",
                         ended.code, in));
    } else {
        const bool memory = ended.err.find("hard rss limit exhausted") != std::string::npos ||
                            ended.signal == SIGKILL;
        const std::string words = crash_words(ended, lesson);
        fail(verdict, memory ? VerdictKind::memory : VerdictKind::crash,
             fmt::format("{}your code {}{}{}", place, words, in, words == kMoved ? kWhyMoved : ""));
    }
}

// The first question of the first hint; "" if it asks none.
std::string first_question(const Lesson& lesson) {
    if (lesson.hints.empty()) return "";
    const std::string& hint = lesson.hints[0];
    std::size_t end = hint.find('?');
    if (end == std::string::npos) return "";
    // A question in brackets belongs to a sentence.
    if (hint.compare(end, 2, "?)") == 0)
        end = std::min(hint.find_first_of(".?!:", end + 1), hint.size());
    // The end of the sentence before: not the point of 0.1.
    std::size_t begin = 0;
    for (std::size_t i = 0; i + 1 < end; ++i)
        if (hint[i] == '\n' || (std::strchr(".:!", hint[i]) && std::strchr(" \n", hint[i + 1])))
            begin = i + 1;
    return trimmed(hint.substr(begin, end - begin + 1));
}

// What can be said without knowing the mistake: what this case has and those that pass have not.
std::string nudge_for(const Verdict& verdict, const Lesson& lesson,
                      const std::vector<std::string>& before) {
    // A sentence of the author's, such as "the order is not new", needs no nudge.
    if (verdict.kind != VerdictKind::wrong ||
        verdict.sentence.find("yours is") == std::string::npos)
        return "";
    const std::string function = verdict.function();
    std::string last;
    int count = 0;
    for (const auto& test : before)
        if (test.starts_with(function + ":"))
            last = trimmed(test.substr(function.size() + 1)), ++count;
    const std::string known = "This is none of the mistakes that we know. ";
    if (count == 1)
        return fmt::format(
            "{}Your {} passes \"{}\". What does this case have that the other has not?", known,
            function, last);
    if (count > 1)
        return fmt::format(
            "{}Your {} passes the {} cases before, the last of them \"{}\". What does this one "
            "have that they have not?",
            known, function, count, last);
    const bool first = !lesson.functions.empty() && lesson.functions[0] == function;
    const std::string question = first ? first_question(lesson) : "";
    return known + (question.empty() ? "Do this case by hand, beside your code: in which line do "
                                       "the two first differ?"
                                     : "Begin with a question: " + question);
}

constexpr const char* kFull =
    "your code asked for more memory than there is: something grows without end";

// backward() advises to keep the graph, for those who know that they want to. A learner who gets
// there has computed the loss once and steps with it again and again.
std::string words_of_exception(const std::string& words) {
    if (words.starts_with("backward: ") && words.find("already walked and freed") != words.npos)
        return "your code called backward() a second time on a result that it had computed once. "
               "The first call uses up what was recorded. Each step computes its result anew and "
               "calls backward() on it once: neither stands outside the loop over steps, nor "
               "inside a loop over parameters";
    // The library writes the position without its sign: -1 is 18446744073709551615.
    static const std::regex at(
        R"(vector::_M_range_check: __n \(which is (\d+)\).*\(which is (\d+)\))");
    std::smatch found;
    if (std::regex_search(words, found, at))
        return fmt::format(
            "your code threw an exception: at({}) of a vector that has {} element{}",
            static_cast<long long>(std::strtoull(found[1].str().c_str(), nullptr, 10)),
            found[2].str(), found[2] == "1" ? "" : "s");
    return fmt::format("your code threw an exception: {}", words);
}

}  // namespace

void judge(Verdict& verdict, const Course& course, const Lesson& lesson, const ProcessResult& ended,
           const std::string& results, const std::string& nonce) {
    verdict.printed = ended.out;
    bool done = false, failed = false, full = false;  // full: the memory, which ends the check
    std::string current;
    std::vector<std::string> passed, before;       // cases; those before the first failure
    std::set<std::string> open, failed_functions;  // functions with a case that has not ended
    const auto of = [](const std::string& test) {
        return test.substr(0, std::min(test.find(':'), test.size()));
    };
    std::istringstream in(results);
    for (std::string text; std::getline(in, text);) {
        const auto line = nlohmann::json::parse(text, nullptr, false);
        if (line.is_discarded()) continue;  // the program ended while writing this line
        verdict.cases_total = line.value("total", verdict.cases_total);
        if (line.contains("case"))
            current = line["case"], ++verdict.cases, open.insert(of(current));
        if (line.contains("end") && line["passed"] == true) {
            ++verdict.cases_passed;
            passed.push_back(current);
            if (!failed) before.push_back(current);
            open.erase(of(current));
        } else if (line.contains("end")) {
            failed_functions.insert(of(current));
        }
        if (line.contains("unfinished")) verdict.unfinished.insert(line["unfinished"]);
        if (line.value("done", "") == nonce) {
            done = true;
            for (const auto& [name, count] : line["calls"].items()) verdict.calls[name] = count;
            const auto others = line.value("others", nlohmann::json::object());
            for (const auto& [other, functions] : others.items())
                for (const auto& count : functions)
                    verdict.own_calls[other.substr(0, 2)] += count.get<std::uint64_t>();
            const auto replaced = line.value("replaced", nlohmann::json::object());
            for (const auto& [slot, lessons] : replaced.items())
                for (const auto& name : lessons)
                    verdict.replaced[slot].push_back(name.get<std::string>().substr(0, 2));
        }
        full = full || line.value("threw", "") == "std::bad_alloc";
        if (failed ||
            !(line.contains("unfinished") || line.contains("threw") || line.contains("failed")))
            continue;
        failed = true;
        verdict.test = current;
        verdict.expression = line.value("expression", "");
        verdict.where = line.value("where", "");
        if (line.contains("unfinished")) {
            fail(verdict, VerdictKind::unfinished,
                 fmt::format("{} is still unfinished", line["unfinished"].get<std::string>()));
        } else if (line.contains("threw")) {
            const auto words = line["threw"].get<std::string>();
            const bool memory = words == "std::bad_alloc" || words.find("max_size") == 0;
            fail(verdict, memory ? VerdictKind::memory : VerdictKind::threw,
                 memory ? kFull : words_of_exception(words));
        } else {
            fail(verdict, VerdictKind::wrong, line["failed"]);
            verdict.table = line.value("table", "");
        }
    }
    // A function whose cases all passed is finished, also if a later one stopped the program: the
    // cases come in the order of the functions.
    for (const auto& name : lesson.functions) {
        const auto is_of = [&](const std::string& test) { return of(test) == name; };
        const bool good = std::any_of(passed.begin(), passed.end(), is_of) &&
                          failed_functions.count(name) == 0 && open.count(name) == 0 &&
                          verdict.unfinished.count(name) == 0;
        if (good && (done || of(current) != name)) verdict.finished.push_back(name);
    }
    if (failed) {  // the first failure is the one to fix, whatever came after
        verdict.nudge = nudge_for(verdict, lesson, before);
        if (!done && !(full && current == verdict.test)) {
            Verdict last = verdict;
            judge_end(last, course, lesson, ended, current);
            verdict.end = full ? fmt::format("{}, in \"{}\"", kFull, current) : last.sentence;
        }
        return;
    }
    if (!done) {
        verdict.test = current;
        judge_end(verdict, course, lesson, ended, current);
        return;
    }
    if (verdict.cases == 0 || ended.code != 0) {
        fail(verdict, VerdictKind::ended,
             fmt::format("the check ended with exit code {} after {} cases", ended.code,
                         verdict.cases));
        return;
    }
    for (const auto& [name, count] : verdict.calls) {
        if (count > 0) continue;
        fail(verdict, VerdictKind::not_called, fmt::format("the check never called your {}", name));
        return;
    }
    verdict.kind = VerdictKind::passed;
    verdict.sentence = fmt::format("all {} cases pass", verdict.cases);
}

}  // namespace gradus::lessons

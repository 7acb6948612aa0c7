// SPDX-License-Identifier: MIT
// The program of one lesson: checks an answer, names its mistake or plays the demo. It is run by
// ./gradus check, which sets limits, reads the results and puts them into words.
//
//     PROGRAM 03-matmul check ANSWER RESULTS [first] runs the cases, or those up to the first failure;
//         writes JSON lines to RESULTS
//     PROGRAM 03-matmul last ANSWER RESULTS          the same for the last case of each function
//     PROGRAM 03-matmul misconception ANSWER FUNCTION   prints the mutants whose mistake ANSWER
//         makes there
//     PROGRAM 03-matmul slips RESULTS SECONDS        checks every slip, each for at most SECONDS;
//         writes their outcomes to RESULTS
//     PROGRAM 03-matmul demo ANSWER COLUMNS STYLE [FOLDER]   STYLE: u Unicode, c colour, m marks
//         around the pictures (stage.h), - none of these
//     PROGRAM 03-matmul numbers ANSWER               prints the worked numbers of the text
//
// The last line of RESULTS repeats the nonce from the environment (GRADUS_NONCE): only a run that
// came to its end can write it. Exit code: 0 done, 1 a case failed, 2 wrong usage.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS  // the sanitizer or the runner explains crashes
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>

#include "lessons/check/answers.h"
#include "lessons/check/failure.h"
#include "lessons/check/misconception.h"
#include "lessons/check/registry.h"
#include "lessons/check/stage.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

// Present if the learner's file was compiled with a sanitizer.
extern "C" void __sanitizer_print_stack_trace() __attribute__((weak));

namespace gradus::lessons {
namespace {

// Taken from the environment before any of the learner's code runs, and wiped out there. Nothing
// inside one process is proof against everything, but this is not to be found by looking around.
char nonce[32];
__attribute__((constructor(101))) void take_nonce() {
    char* given = std::getenv("GRADUS_NONCE");
    if (given == nullptr) return;
    std::strncpy(nonce, given, sizeof nonce - 1);
    std::memset(given, '-', std::strlen(given));
    ::unsetenv("GRADUS_NONCE");
}

std::ofstream results;
std::string current_case;
const char* current_check = "";                      // its text; "" between two
std::vector<std::string> listed_cases;               // in the order in which they run
std::function<void(const std::string&)> at_failure;  // is told the case, at the first moment

void note_failure() {
    if (at_failure) at_failure(current_case);
}

void write(const nlohmann::json& line) {
    results << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

nlohmann::json calls_of(const Answer& answer) {
    nlohmann::json calls = nlohmann::json::object();
    for (const auto& entry : answer.calls()) calls[entry.function] = entry.count;
    return calls;
}

// What CAPTURE and INFO have noted: "n := 3" tells where; anything else is the author's sentence.
struct Notes {
    std::string where, sentence;

    void add(const std::string& note) {
        std::string& list = note.find(" := ") != std::string::npos ? where : sentence;
        list += (list.empty() ? "" : ", ") + note;
    }
};

// The call in a check's text, if it is one of the function that the case is about.
std::string asked(const char* expression) {
    return call_compared(expression, current_case.substr(0, current_case.find(':')));
}

// An exception thrown by a stub begins with "unfinished: ".
void write_exception(const std::string& words, const std::string& expression,
                     const std::string& where) {
    const std::string mark = "unfinished: ";
    if (words.starts_with(mark))
        write({{"unfinished", words.substr(mark.size())}});
    else
        write({{"threw", words}, {"expression", expression}, {"where", where}});
    // Every other case might fill the memory anew, which takes seconds.
    if (words == "std::bad_alloc") ::_exit(1);
}

// Turns doctest's events into lines of JSON, each flushed immediately: after a crash, the last
// line tells where it happened.
struct Reporter : doctest::IReporter {
    explicit Reporter(const doctest::ContextOptions&) {}
    void test_case_start(const doctest::TestCaseData& data) override {
        current_case = data.m_name;
        current_check = "";
        write({{"case", current_case}});
    }
    void test_case_exception(const doctest::TestCaseException& e) override {
        note_failure();
        Notes notes;  // of the scopes that the exception has left, the innermost first
        for (int i = doctest::IReporter::get_num_stringified_contexts(); i-- > 0;)
            notes.add(doctest::IReporter::get_stringified_contexts()[i].c_str());
        write_exception(e.error_string.c_str(), asked(current_check), notes.where);
    }
    void log_assert(const doctest::AssertData& data) override {
        if (!data.m_failed) return;
        note_failure();
        Notes notes;
        for (int i = 0; i < doctest::IReporter::get_num_active_contexts(); ++i) {
            std::ostringstream context;
            doctest::IReporter::get_active_contexts()[i]->stringify(&context);
            notes.add(context.str());
        }
        nlohmann::json line = {{"expression", readable(data.m_expr)}};
        std::string words = data.m_decomp.c_str();
        const Comparison failed = last_failure();
        if (!failed.ok) {
            const auto names = failed.names.empty() ? names_compared(data.m_expr) : failed.names;
            words = words_of(failed, names);
            line["table"] = table_of(failed, names);
            line["expression"] = asked(data.m_expr);
        }
        // The author's sentence (CHECK_MESSAGE, INFO) explains the failure better than "0.3 < 0.1"
        // does. The words of same() are appended to it.
        const bool compared = words.find("yours ") != std::string::npos;
        const std::string& sentence = notes.sentence;
        line["failed"] = sentence.empty() ? words : compared ? sentence + ": " + words : sentence;
        if (!notes.where.empty()) line["where"] = notes.where;
        write(line);
    }
    void log_message(const doctest::MessageData& data) override {
        if (data.m_severity & doctest::assertType::is_warn) return;
        write({{"failed", data.m_string.c_str()}, {"expression", ""}});
    }
    void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
        write({{"end", current_case}, {"passed", stats.failure_flags == 0}});
    }
    // Answers the option "list-test-cases", which runs nothing.
    void report_query(const doctest::QueryData& data) override {
        for (unsigned i = 0; i < data.num_data; ++i) listed_cases.push_back(data.data[i]->m_name);
    }
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_REPORTER("lesson", 1, Reporter);

// Out of time (RLIMIT_CPU). The sanitizer can show where.
void out_of_time(int) {
    if (__sanitizer_print_stack_trace != nullptr) __sanitizer_print_stack_trace();
    ::_exit(124);
}

int run_with(std::vector<const char*> options) {
    options.insert(options.begin(), {"check", "--reporters=lesson", "--order-by=file", "--no-intro",
                                     "--no-version"});
    doctest::Context context(static_cast<int>(options.size()), options.data());
    return context.run();
}

// The places, counted from 1, of each function's last case: its hardest.
std::vector<std::size_t> last_cases() {
    std::map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < listed_cases.size(); ++i)
        last[listed_cases[i].substr(0, listed_cases[i].find(':'))] = i + 1;
    std::vector<std::size_t> places;
    for (const auto& [function, place] : last) places.push_back(place);
    std::sort(places.begin(), places.end());
    return places;
}

enum class Cases { all, first, last };  // first: up to the first that fails

int check(const std::string& lesson, const std::string& name, const char* path, Cases cases) {
    results.open(path, std::ios::trunc);
    if (!results) throw std::invalid_argument(fmt::format("cannot write {}", path));
    ::signal(SIGXCPU, out_of_time);
    use(lesson, name);
    run_with({"--list-test-cases"});
    const auto places = last_cases();
    write({{"total", cases == Cases::last ? places.size() : listed_cases.size()}});
    int code = 0;
    if (cases != Cases::last)
        code = cases == Cases::first ? run_with({"--abort-after=1"}) : run_with({});
    for (std::size_t i = 0; cases == Cases::last && i < places.size(); ++i) {
        const std::string first = fmt::format("--first={}", places[i]),
                          last = fmt::format("--last={}", places[i]);
        code |= run_with({first.c_str(), last.c_str()});
    }
    nlohmann::json parts = nlohmann::json::object();
    for (const auto& answer : answers())
        if (answer.lesson != lesson && answer.name == "mine")
            parts[answer.lesson] = calls_of(answer);
    nlohmann::json replaced = nlohmann::json::object();
    for (const auto& [slot, lessons] : all_holders())
        if (lessons.size() > 1) replaced[slot] = lessons;
    write({{"done", nonce},
           {"calls", calls_of(*find(lesson, name))},
           {"others", parts},
           {"replaced", replaced}});
    return code == 0 ? 0 : 1;
}

}  // namespace

void run_until_failure(const std::string& function,
                       const std::function<void(const std::string&)>& failed) {
    at_failure = failed;
    const std::string filter = "--test-case=" + function + ":*";
    run_with({filter.c_str()});
    if (current_case.empty()) run_with({});
}

void asks(const char* expression) {
    current_check = expression;
}

}  // namespace gradus::lessons

int main(int argc, char** argv) {
    using namespace gradus::lessons;
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing is left running if the runner is killed
#endif
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto called = [&](const char* mode, std::size_t least, std::size_t most) {
        return words.size() >= least && words.size() <= most && words[1] == mode;
    };
    try {
        // Checks are small: a second thread waits longer than it works (verify 21: 139 s on two cores
        // with two threads each, 98 s with one), and a forked process has none.
        if (!called("demo", 5, 6)) gradus::set_threads(1);
        if (called("check", 4, 5))
            return check(words[0], words[2], argv[4],
                         words.size() == 5 ? Cases::first : Cases::all);
        if (called("last", 4, 4)) return check(words[0], words[2], argv[4], Cases::last);
        if (called("misconception", 4, 4)) return misconception(words[0], words[2], words[3]);
        if (called("misconceptions", 2, words.size()))
            return misconceptions(words[0], {words.begin() + 2, words.end()});
        if (called("slips", 4, 4)) return try_slips(words[0], words[2], std::stoi(words[3]));
        if (called("demo", 5, 6)) {
            use(words[0], words[2]);
            gradus::TextStyle style;
            style.columns = std::atoi(words[3].c_str());
            style.unicode = words[4].find('u') != std::string::npos;
            style.colour = words[4].find('c') != std::string::npos;
            const bool marked = words[4].find('m') != std::string::npos;
            Stage stage(style, words.size() == 6 ? words[5] : "",
                        marked ? Marks::pictures : Marks::none);
            for (const auto& demo : demos()) demo(stage);
            return 0;
        }
        if (called("numbers", 3, 3)) {
            use(words[0], words[2]);
            print_numbers();
            return 0;
        }
        fmt::print(stderr, "{}: this is started by ./gradus check\n", argv[0]);
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
    }
    return 2;
}

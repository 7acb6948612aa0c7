// SPDX-License-Identifier: MIT
// The program of one lesson: checks an answer, names its mistake or plays the demo. It is run by
// ./gradus check, which sets limits, reads the results and puts them into words.
//
//     PROGRAM 03-matmul check ANSWER RESULTS         runs the cases; writes JSON lines to RESULTS
//     PROGRAM 03-matmul last ANSWER RESULTS          the same for the last case of each function
//     PROGRAM 03-matmul misconception ANSWER FUNCTION   prints the mutants whose mistake ANSWER
//         makes there
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
#include "lessons/check/stage.h"
#include "tensor/ops.h"

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

struct Unfinished : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct NamedInstall {
    std::string lesson;
    std::function<void()> run;
};
struct NamedFingerprint {
    std::string function;
    std::function<std::vector<double>()> run;
};
std::vector<Answer>& answers() {
    static std::vector<Answer> list;
    return list;
}
std::vector<NamedInstall>& installs() {
    static std::vector<NamedInstall> list;
    return list;
}
std::vector<NamedFingerprint>& fingerprints() {
    static std::vector<NamedFingerprint> list;
    return list;
}
std::vector<std::function<void()>>& worked_numbers() {
    static std::vector<std::function<void()>> list;
    return list;
}

std::ofstream results;
std::string current_case;
std::vector<std::string> listed_cases;  // in the order in which they run
const Answer* checked = nullptr;

void write(const nlohmann::json& line) {
    results << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

nlohmann::json calls_of(const Answer& answer) {
    nlohmann::json calls = nlohmann::json::object();
    for (const auto& entry : answer.calls()) calls[entry.function] = entry.count;
    return calls;
}

// An exception thrown by a stub begins with "unfinished: ".
void write_exception(const std::string& words) {
    const std::string mark = "unfinished: ";
    if (words.starts_with(mark))
        write({{"unfinished", words.substr(mark.size())}});
    else
        write({{"threw", words}});
    // Every other case might fill the memory anew, which takes seconds.
    if (words == "std::bad_alloc") ::_exit(1);
}

// Turns doctest's events into lines of JSON, each flushed immediately: after a crash, the last
// line tells where it happened.
struct Reporter : doctest::IReporter {
    explicit Reporter(const doctest::ContextOptions&) {}
    void test_case_start(const doctest::TestCaseData& data) override {
        current_case = data.m_name;
        write({{"case", current_case}});
    }
    void test_case_exception(const doctest::TestCaseException& e) override {
        write_exception(e.error_string.c_str());
    }
    void log_assert(const doctest::AssertData& data) override {
        if (!data.m_failed) return;
        nlohmann::json line = {{"expression", readable(data.m_expr)}};
        std::string words = data.m_decomp.c_str();
        if (data.m_threw) return write_exception(data.m_exception.c_str());
        // "n := 3" tells where; the author's sentence (CHECK_MESSAGE) explains the failure better
        // than "0.3 < 0.1" does. The words of same() are appended to it.
        std::string where, sentence;
        for (int i = 0; i < doctest::IReporter::get_num_active_contexts(); ++i) {
            std::ostringstream context;
            doctest::IReporter::get_active_contexts()[i]->stringify(&context);
            std::string& list = context.str().find(" := ") != std::string::npos ? where : sentence;
            list += (list.empty() ? "" : ", ") + context.str();
        }
        const Comparison failed = last_failure();
        if (!failed.ok) {
            const auto names = failed.names.empty() ? names_compared(data.m_expr) : failed.names;
            words = words_of(failed, names);
            line["table"] = table_of(failed, names);
            line["expression"] =
                call_compared(data.m_expr, current_case.substr(0, current_case.find(':')));
        }
        const bool compared = words.find("yours ") != std::string::npos;
        line["failed"] = sentence.empty() ? words : compared ? sentence + ": " + words : sentence;
        if (!where.empty()) line["where"] = where;
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

const Answer* find(const std::string& lesson, const std::string& name) {
    for (const auto& answer : answers())
        if (answer.lesson == lesson && answer.name == name) return &answer;
    return nullptr;
}

bool is_mutant(const Answer& answer) {
    for (const char* name : {"mine", "solution", "twin", "stub"})
        if (answer.name == name) return false;
    return !answer.name.starts_with("near-");
}

// The functions in the table's slots.
std::vector<std::pair<std::string, void (*)()>> slots() {
    std::vector<std::pair<std::string, void (*)()>> list;
#define OP(name, arguments) \
    list.emplace_back(#name, reinterpret_cast<void (*)()>(ops().name.function()));
#include "tensor/ops.inc"
#undef OP
    return list;
}

// The lessons that have filled each slot, one after another.
std::map<std::string, std::vector<std::string>>& holders() {
    static std::map<std::string, std::vector<std::string>> list;
    return list;
}

// Every other lesson linked into this program runs on the learner's functions or, if there are
// none, on the solution's. Of those, only the learner's are installed in the library.
void use(const std::string& lesson, const std::string& name) {
    const Answer* wanted = find(lesson, name);
    if (wanted == nullptr)
        throw std::invalid_argument(fmt::format("{} has no answer \"{}\"", lesson, name));
    for (const auto& answer : answers()) {
        if (answer.lesson == lesson) continue;
        if (answer.name == "mine" || (answer.name == "solution" && !find(answer.lesson, "mine")))
            answer.use();
    }
    wanted->use();
    checked = wanted;
    // In lesson order: 02 and 07 fill the same slot, and the later must win. The twin is the
    // library itself: installed in its own table, it would call itself.
    std::sort(installs().begin(), installs().end(),
              [](const auto& a, const auto& b) { return a.lesson < b.lesson; });
    for (const auto& install : installs()) {
        if (install.lesson == lesson ? name == "twin" : find(install.lesson, "mine") == nullptr)
            continue;
        const auto before = slots();
        install.run();
        const auto after = slots();
        for (std::size_t i = 0; i < after.size(); ++i)
            if (after[i] != before[i]) holders()[after[i].first].push_back(install.lesson);
    }
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

int check(const std::string& lesson, const std::string& name, bool only_last, const char* path) {
    results.open(path, std::ios::trunc);
    if (!results) throw std::invalid_argument(fmt::format("cannot write {}", path));
    ::signal(SIGXCPU, out_of_time);
    use(lesson, name);
    const auto run_with = [](std::vector<std::string> options) {
        std::vector<const char*> words = {"check", "--reporters=lesson", "--order-by=file",
                                          "--no-intro", "--no-version"};
        for (const auto& option : options) words.push_back(option.c_str());
        doctest::Context context(static_cast<int>(words.size()), words.data());
        return context.run();
    };
    run_with({"--list-test-cases"});
    const auto places = last_cases();
    write({{"total", only_last ? places.size() : listed_cases.size()}});
    int code = 0;
    if (!only_last) code = run_with({});
    for (std::size_t i = 0; only_last && i < places.size(); ++i)
        code |=
            run_with({fmt::format("--first={}", places[i]), fmt::format("--last={}", places[i])});
    nlohmann::json parts = nlohmann::json::object();
    for (const auto& answer : answers())
        if (answer.lesson != lesson && answer.name == "mine")
            parts[answer.lesson] = calls_of(answer);
    nlohmann::json replaced = nlohmann::json::object();
    for (const auto& [slot, lessons] : holders())
        if (lessons.size() > 1) replaced[slot] = lessons;
    write({{"done", nonce},
           {"calls", calls_of(*checked)},
           {"others", parts},
           {"replaced", replaced}});
    return code == 0 ? 0 : 1;
}

// One answer's result for one fixed input: empty if it throws, nullopt if it is unfinished.
using Print = std::optional<std::vector<double>>;
using Prints = std::vector<Print>;

Print print_of(const NamedFingerprint& fingerprint) {
    try {
        return fingerprint.run();
    } catch (const Unfinished&) {
        return std::nullopt;
    } catch (const std::exception&) {
        return std::vector<double>();
    }
}

// The same in a process of its own: where the learner's code crashes on one input, the results for
// the others still tell which mistake it makes. A crash counts as an exception.
Print print_apart(const NamedFingerprint& fingerprint) {
    int ends[2];
    if (::pipe(ends) != 0) return std::vector<double>();
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        ::alarm(2);
        const Print print = print_of(fingerprint);
        if (print) {
            const char written = 'w';
            bool ok = ::write(ends[1], &written, 1) == 1;
            const char* bytes = reinterpret_cast<const char*>(print->data());
            std::size_t left = print->size() * sizeof(double);
            while (ok && left > 0) {
                const ssize_t n = ::write(ends[1], bytes, left);
                ok = n > 0;
                if (ok) bytes += n, left -= static_cast<std::size_t>(n);
            }
        }
        ::_exit(print ? 0 : 3);
    }
    ::close(ends[1]);
    std::string bytes;
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        bytes.append(buffer, static_cast<std::size_t>(n));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3) return std::nullopt;
    std::vector<double> numbers;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || bytes.empty()) return numbers;
    numbers.resize((bytes.size() - 1) / sizeof(double));
    std::memcpy(numbers.data(), bytes.data() + 1, numbers.size() * sizeof(double));
    return numbers;
}

Prints prints_of(const Answer& answer, Print (*print)(const NamedFingerprint&) = print_of) {
    answer.use();
    Prints all;
    for (const auto& fingerprint : fingerprints()) all.push_back(print(fingerprint));
    return all;
}

bool alike(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (std::isnan(a[i]) && std::isnan(b[i])) continue;
        if (a[i] == b[i]) continue;          // including infinities
        if (std::isinf(b[i])) return false;  // the line below would accept anything
        if (!(std::abs(a[i] - b[i]) <= 1e-9 * std::max(1.0, std::abs(b[i])))) return false;
    }
    return true;
}

// Of the mutants of `function` only, if there are fingerprints of that name: a case about matmul is
// not explained by a mistake in softmax.
int misconception(const std::string& lesson, const std::string& name, const std::string& function) {
    use(lesson, name);
    const Answer* solution = find(lesson, "solution");
    if (solution == nullptr) throw std::invalid_argument(lesson + " has no solution");
    const Prints yours = prints_of(*checked, name == "mine" ? print_apart : print_of),
                 right = prints_of(*solution);
    const auto is_of_function = [&](const NamedFingerprint& f) { return f.function == function; };
    const bool all = std::none_of(fingerprints().begin(), fingerprints().end(), is_of_function);
    struct Match {
        std::string name;
        std::set<std::size_t> where;  // the fingerprints in which the mutant differs
    };
    std::vector<Match> matches;
    for (const auto& mutant : answers()) {
        if (mutant.lesson != lesson || !is_mutant(mutant)) continue;
        const Prints wrong = prints_of(mutant);
        Match match{mutant.name, {}};
        bool same = true, here = all;
        for (std::size_t i = 0; i < right.size(); ++i) {
            if (alike(*wrong[i], *right[i])) continue;
            if (!yours[i]) continue;  // not written yet: the others decide
            match.where.insert(i);
            here = here || is_of_function(fingerprints()[i]);
            same = same && !wrong[i]->empty() && alike(*yours[i], *wrong[i]);
        }
        if (!match.where.empty() && same && here) matches.push_back(match);
    }
    // A mutant whose mistake shows in fewer places than another's, and looks the same there, has
    // been explained by the other.
    for (const auto& match : matches) {
        const bool explained = std::any_of(matches.begin(), matches.end(), [&](const Match& more) {
            return more.where.size() > match.where.size() &&
                   std::includes(more.where.begin(), more.where.end(), match.where.begin(),
                                 match.where.end());
        });
        if (!explained) fmt::print("{}\n", match.name);
    }
    return 0;
}

}  // namespace

void unfinished(const char* function) {
    throw Unfinished(std::string("unfinished: ") + function);
}

void add_answer(Answer answer) {
    answers().push_back(std::move(answer));
}

Install::Install(const char* lesson, std::function<void()> run) {
    installs().push_back({lesson, std::move(run)});
}
std::string holder(const std::string& slot) {
    const auto found = holders().find(slot);
    return found == holders().end() ? "" : found->second.back();
}

bool is_own(const std::string& lesson) {
    return find(lesson, "mine") != nullptr;
}

Fingerprint::Fingerprint(const char* function, std::function<std::vector<double>()> run) {
    fingerprints().push_back({function, std::move(run)});
}
WorkedNumbers::WorkedNumbers(std::function<void()> run) {
    worked_numbers().push_back(std::move(run));
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
        for (const char* mode : {"check", "last"})
            if (called(mode, 4, 4))
                return check(words[0], words[2], mode == std::string("last"), argv[4]);
        if (called("misconception", 4, 4)) return misconception(words[0], words[2], words[3]);
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
            for (const auto& print : worked_numbers()) print();
            return 0;
        }
        fmt::print(stderr, "{}: this is started by ./gradus check\n", argv[0]);
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
    }
    return 2;
}

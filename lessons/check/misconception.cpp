// SPDX-License-Identifier: MIT
#include "lessons/check/misconception.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "lessons/check/apart.h"

namespace gradus::lessons {
namespace {

bool is_mutant(const Answer& answer) {
    for (const char* name : {"mine", "solution", "twin", "stub", "slip"})
        if (answer.name == name) return false;
    return !answer.name.starts_with("near-") && !answer.name.starts_with("slip ");
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

// print_of() in a process of its own: where the learner's code crashes on one input, the results for
// the others still tell which mistake it makes. A crash counts as an exception.
Print print_apart(const NamedFingerprint& fingerprint) {
    const Apart result = apart(1, [&](const auto& write) {
        const Print print = print_of(fingerprint);
        if (!print) return 3;
        write("w", 1);
        write(print->data(), print->size() * sizeof(double));
        return 0;
    });
    if (result.ended() && result.code() == 3) return std::nullopt;
    std::vector<double> numbers;
    if (!result.ended() || result.code() != 0 || result.written.empty()) return numbers;
    numbers.resize((result.written.size() - 1) / sizeof(double));
    std::memcpy(numbers.data(), result.written.data() + 1, numbers.size() * sizeof(double));
    return numbers;
}

Prints prints_of(const Answer& answer, Print (*print)(const NamedFingerprint&) = print_of) {
    answer.use();
    Prints all;
    for (const auto& fingerprint : fingerprints()) all.push_back(print(fingerprint));
    return all;
}

bool alike(double a, double b) {
    if (a == b || (std::isnan(a) && std::isnan(b))) return true;  // including infinities
    // Next to an infinity, the line below would accept anything.
    return !std::isinf(b) && std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b));
}

bool alike(const std::vector<double>& a, const std::vector<double>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return alike(x, y); });
}

// A result as one number, equal for results that are alike and, but for a coincidence of ten
// digits, for no others: a weighted sum of asinh x, which is as precise as alike() for small and for
// large x. The weights are multiples of the golden ratio, modulo 1, so that order matters.
double digest(const std::vector<double>& numbers) {
    double sum = 0, weight = 0;
    for (const double x : numbers) {
        weight = std::fmod(weight + 0.6180339887498949, 1.0);
        const double place = std::isnan(x)   ? 2000
                             : std::isinf(x) ? std::copysign(1000, x)
                                             : std::asinh(x);
        sum += (0.5 + weight) * (place + 0.125);
    }
    return sum;
}

// One word of slips.txt.
std::string word_of(const Print& print, const Print& right) {
    if (alike(*print, *right)) return "=";
    return print->empty() ? "!" : fmt::format("{:.13g}", digest(*print));
}

// A mistake with its numbers: those of a mutant, or a slip's words for them.
struct Suspect {
    std::string name;
    Prints numbers;
    std::vector<std::string> words;
};

bool matches(const Suspect& suspect, std::size_t i, const std::vector<double>& yours) {
    if (suspect.words.empty()) return alike(yours, *suspect.numbers[i]);
    if (suspect.words[i] == "!" || yours.empty()) return suspect.words[i] == "!" && yours.empty();
    const double wanted = std::atof(suspect.words[i].c_str()), found = digest(yours);
    return std::abs(found - wanted) <= 1e-8 * std::max(1.0, std::abs(wanted));
}

// How many numbers of a wrong result tell something about the mistake: many mistakes end in infinity.
std::size_t telling(const std::vector<double>& yours, const std::vector<double>& right) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < std::min(yours.size(), right.size()); ++i)
        count += std::isfinite(yours[i]) && !alike(yours[i], right[i]);
    return count;
}

class Court {
 public:
    explicit Court(const std::string& lesson) {
        const Answer* solution = find(lesson, "solution");
        if (solution == nullptr) throw std::invalid_argument(lesson + " has no solution");
        right_ = prints_of(*solution);
        for (const auto& mutant : answers())
            if (mutant.lesson == lesson && is_mutant(mutant))
                mutants_.push_back({mutant.name, prints_of(mutant), {}});
    }

    const Prints& right() const { return right_; }
    void add_all_slips(const std::string& lesson) {
        for (const auto& table : slip_tables())
            if (table.lesson == lesson) add_slips(table.lines);
    }
    void add_slip(const std::string& id, const std::vector<std::string>& words) {
        if (words.size() == right_.size()) slips_.push_back({"slip " + id, {}, words});
    }
    void add_slips(const std::string& lines) {
        std::istringstream in(lines);
        for (std::string line; std::getline(in, line);) {
            std::istringstream fields(line);
            std::string rule, function, place, outcome, word;
            fields >> rule >> function >> place >> outcome;
            std::vector<std::string> words;
            while (fields >> word) words.push_back(word);
            if (outcome == "fails" || outcome == "crashes" || outcome == "late")
                add_slip(rule + " " + function + " " + place, words);
        }
    }

    std::vector<std::string> names(const Prints& yours, const std::string& function) const {
        const auto list = names(mutants_, yours, function);
        if (!list.empty()) return list;
        const auto slips = names(slips_, yours, function);
        // More than two guesses explain nothing.
        std::set<std::string> rules;
        for (const auto& slip : slips) rules.insert(slip.substr(0, slip.find(' ', 5)));
        return rules.size() > 2 ? std::vector<std::string>() : slips;
    }

 private:
    bool differs(const Suspect& suspect, std::size_t i) const {
        return suspect.words.empty() ? !alike(*suspect.numbers[i], *right_[i])
                                     : suspect.words[i] != "=";
    }

    std::vector<std::string> names(const std::vector<Suspect>& suspects, const Prints& yours,
                                   const std::string& function) const {
        const auto is_of_function = [&](const NamedFingerprint& f) {
            return f.function == function;
        };
        const bool all = std::none_of(fingerprints().begin(), fingerprints().end(), is_of_function);
        struct Match {
            std::string name;
            std::set<std::size_t> where;  // the fingerprints in which the suspect differs
        };
        std::vector<Match> found;
        for (const auto& suspect : suspects) {
            Match match{suspect.name, {}};
            bool same = true, here = all, solid = false;  // solid: a number is among them
            std::size_t evidence = 0;
            for (std::size_t i = 0; i < right_.size(); ++i) {
                if (!differs(suspect, i)) continue;
                if (!yours[i]) continue;  // not written yet: the others decide
                match.where.insert(i);
                here = here || is_of_function(fingerprints()[i]);
                same = same && matches(suspect, i, *yours[i]);
                solid = solid || !yours[i]->empty();
                evidence += telling(*yours[i], *right_[i]);
            }
            // One or two numbers, or infinities, may agree by chance: then nothing else may be wrong.
            for (std::size_t i = 0; evidence < 3 && same && i < right_.size(); ++i)
                if (is_of_function(fingerprints()[i]) && match.where.count(i) == 0 && yours[i])
                    same = alike(*yours[i], *right_[i]);
            if (solid && same && here) found.push_back(match);
        }
        // What is named must together explain all that is wrong in this function: a result that agrees
        // in one place, beside others that nothing accounts for, agrees by chance. (Where the code
        // ends before it gives numbers, nothing is known.)
        for (std::size_t i = 0; i < right_.size(); ++i) {
            if (!is_of_function(fingerprints()[i]) || !yours[i] || yours[i]->empty()) continue;
            const bool explained = std::any_of(found.begin(), found.end(), [&](const Match& match) {
                return match.where.count(i) > 0;
            });
            if (!explained && !alike(*yours[i], *right_[i])) return {};
        }
        // A mistake that shows in fewer places than another's, and looks the same there, has been
        // explained by the other.
        std::vector<std::string> list;
        for (const auto& match : found) {
            const bool explained = std::any_of(found.begin(), found.end(), [&](const Match& more) {
                return more.where.size() > match.where.size() &&
                       std::includes(more.where.begin(), more.where.end(), match.where.begin(),
                                     match.where.end());
            });
            if (!explained) list.push_back(match.name);
        }
        return list;
    }

    Prints right_;
    std::vector<Suspect> mutants_, slips_;
};

// What became of one slip.
struct Tried {
    std::string id, outcome, function;  // the function whose case failed
    Prints prints;
    std::vector<std::string> words;
};

// All fingerprints in one process; nullopt if that crashes.
std::optional<Prints> prints_together(const Answer& answer, bool& late) {
    const Apart result = apart(1, [&](const auto& write) {
        for (const auto& print : prints_of(answer)) {
            const std::size_t n = print->size();
            write(&n, sizeof n);
            write(print->data(), n * sizeof(double));
        }
        return 0;
    });
    late = is_late(result);
    if (!result.ended() || result.code() != 0) return std::nullopt;
    Prints prints;
    const char* at = result.written.data();
    for (std::size_t i = 0; i < fingerprints().size(); ++i) {
        std::size_t n = 0;
        std::memcpy(&n, at, sizeof n);
        std::vector<double> numbers(n);
        std::memcpy(numbers.data(), at + sizeof n, n * sizeof(double));
        at += sizeof n + n * sizeof(double);
        prints.push_back(numbers);
    }
    return prints;
}

Tried try_slip(const Answer& answer, int seconds) {
    Tried tried;
    tried.id = answer.name.substr(5);  // after "slip "
    const std::size_t at = tried.id.find(' ') + 1;
    tried.function = tried.id.substr(at, tried.id.find(' ', at) - at);
    answer.use();
    bool late = false;
    const auto together = prints_together(answer, late);
    tried.outcome = "late";
    tried.prints.assign(fingerprints().size(), std::vector<double>());
    if (late) return tried;  // and so would the check be
    tried.prints = together ? *together : prints_of(answer, print_apart);
    const Apart checked = apart(seconds, [&](const auto& write) {
        use(answer.lesson, answer.name);
        run_until_failure(tried.function, [&](const std::string& failed) {
            const std::string function = failed.substr(0, failed.find(':'));
            write(function.data(), function.size());
            ::_exit(3);
        });
        return 0;
    });
    if (checked.ended() && checked.code() == 3)
        tried.outcome = "fails", tried.function = checked.written;
    else if (!is_late(checked))
        tried.outcome = checked.ended() && checked.code() == 0 ? "passes" : "crashes";
    return tried;
}

}  // namespace

int misconception(const std::string& lesson, const std::string& name, const std::string& function) {
    use(lesson, name);
    const Prints yours = prints_of(*find(lesson, name), name == "mine" ? print_apart : print_of);
    Court court(lesson);
    court.add_all_slips(lesson);
    for (const auto& mistake : court.names(yours, function)) fmt::print("{}\n", mistake);
    return 0;
}

int misconceptions(const std::string& lesson, const std::vector<std::string>& answers_functions) {
    use(lesson, "solution");
    Court court(lesson);
    court.add_all_slips(lesson);
    for (std::size_t i = 0; i + 1 < answers_functions.size(); i += 2) {
        const Answer* answer = find(lesson, answers_functions[i]);
        if (answer == nullptr)
            throw std::invalid_argument(lesson + " has no answer " + answers_functions[i]);
        fmt::print("{}\n",
                   fmt::join(court.names(prints_of(*answer), answers_functions[i + 1]), ","));
    }
    return 0;
}

int try_slips(const std::string& lesson, const std::string& path, int seconds) {
    use(lesson, "solution");
    Court court(lesson);
    std::vector<Tried> all;
    if (::freopen("/dev/null", "w", stderr) == nullptr) return 2;  // the sanitizer's reports
    for (const auto& answer : answers()) {
        if (answer.lesson != lesson || !answer.name.starts_with("slip ")) continue;
        Tried tried = try_slip(answer, seconds);
        for (std::size_t i = 0; i < tried.prints.size(); ++i)
            tried.words.push_back(word_of(tried.prints[i], court.right()[i]));
        if (tried.outcome != "passes") court.add_slip(answer.name.substr(5), tried.words);
        all.push_back(tried);
    }
    std::ofstream out(path);
    for (const auto& tried : all) {
        std::vector<std::string> names;
        if (tried.outcome != "passes") names = court.names(tried.prints, tried.function);
        out << fmt::format("{}\t{}\t{}\t{}\n", tried.id, tried.outcome, fmt::join(tried.words, " "),
                           fmt::join(names, ";"));
    }
    return out ? 0 : 2;
}

}  // namespace gradus::lessons

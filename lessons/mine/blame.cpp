// SPDX-License-Identifier: MIT
// ./gradus blame: which of a learner's parts breaks the training of a GPT? A short run with the
// reference's parts is repeated with those of one lesson exchanged for the learner's, lesson by
// lesson. A lesson whose run differs is run once more, now with its functions watched (watch.h).
//
//     PROGRAM [LESSON=ANSWER ...]    18-heads=no-root: another answer in the place of "mine"
//     PROGRAM equal STEPS            prints by how much our parts differ from the library's own
//
// In double and on one thread; each run in a process of its own, so that a crash or an endless loop is
// a finding, too. Exit code: 0 nothing found, 1 something, 2 usage.
#define DOCTEST_CONFIG_IMPLEMENT  // the lessons' answers are compiled with a header that has doctest's
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "autograd/cross_entropy.h"
#include "autograd/variable.h"
#include "lessons/15-tokens/yours.h"
#include "lessons/21-gpt/yours.h"
#include "lessons/22-training/yours.h"
#include "lessons/check/registry.h"
#include "lessons/mine/reading.h"
#include "lessons/mine/watch.h"
#include "nn/data/batch.h"
#include "nn/data/text_source.h"
#include "nn/models/gpt.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "nn/text/tokenizer.h"
#include "nn/train/optimiser.h"
#include "nn/train/schedule.h"
#include "tensor/elementwise.h"
#include "tensor/parallel.h"

namespace gradus::lessons {
namespace {

constexpr Index kSteps = 12, kStories = 4;
constexpr unsigned kSeconds = 60;  // that a run may take; the reference's takes less than one

// A step of the run: what it is called, and its number.
struct Event {
    std::string name;
    double number;
};

// The stories of the runs, as tokens.
class Stories {
 public:
    Stories() : source_(text_source("tales-zh")) {
        std::string text;
        for (const auto& character : source_->alphabet()) text += character;
        tokenizer_ = Tokenizer::characters(text);
    }
    int end() const { return tokenizer_.encode("\n")[0]; }
    Sizes sizes() const { return {tokenizer_.size(), source_->max_length(), 16, 2, 2}; }
    std::vector<std::vector<int>> of(Index step) const {
        std::vector<std::vector<int>> list;
        for (Index i = 0; i < kStories; ++i)
            list.push_back(tokenizer_.encode(
                source_->document(1, static_cast<std::uint64_t>(step * kStories + i))));
        return list;
    }
    std::string text() const { return source_->document(1, 0) + source_->document(1, 1); }

 private:
    std::unique_ptr<TextSource> source_;
    Tokenizer tokenizer_;
};

// What training takes from a learner, or from the library.
struct Parts {
    AnyGpt gpt;
    std::function<Examples(const std::vector<std::vector<int>>&, int end)> batch;
    std::function<Variable(const Model&, const Examples&)> loss;
    std::function<double(Index step, const RateSchedule&)> rate;
    std::function<double(const std::vector<Variable>&, double limit)> clip;
};

Parts parts_in_use(const Sizes& sizes) {
    return {your_gpt(sizes, 1), your_story_batch, your_loss, your_learning_rate, your_clipping};
}

Parts parts_of_library(const Sizes& s) {
    const auto model = std::make_shared<Gpt>(
        GptConfig{
            .layers = s.layers, .heads = s.NH, .width = s.C, .context = s.P, .vocabulary = s.V},
        1);
    return {{[model](const Tokens& ids) { return (*model)(ids); },
             [model] { return named_parameters(*model); }},
            [](const std::vector<std::vector<int>>& stories, int end) {
                const Batch batch = document_batch(stories, end);
                return Examples{batch.inputs, batch.targets};
            },
            [](const Model& forward, const Examples& batch) {
                return cross_entropy(forward(batch.inputs), batch.targets);
            },
            [](Index step, const RateSchedule& r) {
                return WarmupCosine{r.steps, r.warmup, r.lr, r.min_lr}(step);
            },
            [](const std::vector<Variable>& variables, double limit) {
                std::vector<NamedParameter> list;
                for (const auto& variable : variables) list.push_back({"", variable});
                const double norm = gradient_norm(list);
                if (norm > limit)
                    for (const auto& variable : variables)
                        variable.grad().copy_from(
                            mul_scalar(variable.grad(), static_cast<Real>(limit / norm)));
                return norm;
            }};
}

// Trains the parts' GPT, and calls add(name, number) for what it sees.
void train(const Parts& parts, const Stories& stories, Index steps,
           const std::function<void(const std::string& name, double number)>& add) {
    const auto parameters = parts.gpt.parameters();
    std::vector<Variable> variables;
    for (const auto& p : parameters) variables.push_back(p.variable);
    AdamW optimiser(parameters, {.beta2 = Real(0.99), .decay = Real(0.1)});
    for (Index step = 0; step < steps; ++step) {
        optimiser.zero_grad();
        const Variable loss =
            parts.loss(parts.gpt.forward, parts.batch(stories.of(step), stories.end()));
        loss.backward();
        add(fmt::format("the loss of step {}", step + 1), loss.item());
        add(fmt::format("the gradient's norm in step {}", step + 1), parts.clip(variables, 1));
        optimiser.step(static_cast<Real>(parts.rate(step, {steps, 3, 0.01, 0.001})));
    }
    const NoGrad guard;
    add("the loss after training",
        parts.loss(parts.gpt.forward, parts.batch(stories.of(steps), stories.end())).item());
}

// A GPT of two blocks and two heads learns short stories, then writes.
std::vector<Event> short_run() {
    std::vector<Event> trace;
    const auto add = [&](const std::string& name, double number) {
        trace.push_back({name, number});
    };
    const Stories stories;
    const Sizes sizes = stories.sizes();
    const Parts parts = parts_in_use(sizes);
    train(parts, stories, kSteps, add);
    const LanguageModel reading = Reading(weights_of(parts.gpt.parameters(), sizes.NH), sizes.V);
    const std::vector<int> prompt = {stories.end(), 5, 9};
    for (const Real temperature : {Real(0), Real(0.8)}) {
        Random random(1);
        GenerateOptions how{.context = sizes.P, .tokens = 25, .stop = {stories.end()}};
        how.sampler = {temperature, temperature > 0 ? 12 : 0, temperature > 0 ? Real(0.9) : 1};
        const auto ids = write_as_learner(reading, prompt, how, random, nullptr);
        add("the number of tokens that it writes", static_cast<double>(ids.size()));
        for (const int id : ids) add("a token that it writes", id);
    }
    const Tensor scores = reading(Tokens({1, 3}, prompt)).value();
    for (Index i = 0; i < scores.count(); ++i) add("a score after three tokens", scores[i]);
    const Merges merges = your_merges(stories.text(), 8);
    for (const auto& [left, right] : merges) add("a merge", 1000.0 * left + right);
    for (const int id : your_encode(stories.text(), merges)) add("a token of a text", id);
    return trace;
}

// The largest relative difference between the losses and norms of a run on the library's own parts
// and one on the reference's.
double largest_difference(Index steps) {
    const Stories stories;
    std::vector<double> library, reference;
    train(parts_of_library(stories.sizes()), stories, steps,
          [&](const std::string&, double number) { library.push_back(number); });
    use_reference();
    train(parts_in_use(stories.sizes()), stories, steps,
          [&](const std::string&, double number) { reference.push_back(number); });
    double largest = 0;
    for (std::size_t i = 0; i < library.size(); ++i)
        largest = std::max(largest, std::abs(library[i] - reference[i]) / std::abs(library[i]));
    return largest;
}

struct Watch {
    std::string lesson;
    std::function<void(Watcher&, const Watched::Switch&, const Watched::Switch&)> install;
};
std::vector<Watch>& watches() {
    static std::vector<Watch> list;
    return list;
}

// Runs `work` in a process of its own and returns the lines that it prints; `problem`: how it ended,
// unless well.
std::vector<std::string> apart(const std::function<std::vector<std::string>()>& work,
                               std::string& problem) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("blame: no pipe");
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("blame: no process");
    if (child == 0) {
        ::close(ends[0]);
        ::alarm(kSeconds);
        std::string text;
        try {
            for (const auto& line : work()) text += line + "\n";
        } catch (const std::exception& error) {
            text = fmt::format("threw {}\n", error.what());
        }
        for (std::size_t done = 0; done < text.size();) {
            const auto count = ::write(ends[1], text.data() + done, text.size() - done);
            if (count <= 0) break;
            done += static_cast<std::size_t>(count);
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(count));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::vector<std::string> lines;
    for (std::size_t at = 0, next; (next = text.find('\n', at)) != std::string::npos; at = next + 1)
        lines.push_back(text.substr(at, next - at));
    if (WIFSIGNALED(status))
        problem = WTERMSIG(status) == SIGALRM
                      ? fmt::format("does not come to an end within {} s", kSeconds)
                      : "crashes: it reads or writes where it should not";
    else if (!lines.empty() && lines[0].starts_with("threw "))
        problem = "stops with: " + lines[0].substr(6);
    return lines;
}

// "number name" for each event of the run in which `lesson` is played by `answer`.
std::vector<std::string> run_with(const std::string& lesson, const std::string& answer,
                                  std::string& problem) {
    return apart(
        [&] {
            if (!lesson.empty()) find(lesson, answer)->use();
            std::vector<std::string> lines;
            for (const auto& event : short_run())
                lines.push_back(fmt::format("{:.17g} {}", event.number, event.name));
            return lines;
        },
        problem);
}

std::vector<std::string> watched(const std::string& lesson, const std::string& answer) {
    std::string problem;
    auto lines = apart(
        [&] {
            Watcher watcher;
            for (const auto& watch : watches())
                if (watch.lesson == lesson)
                    watch.install(
                        watcher, [&] { find(lesson, answer)->use(); },
                        [&] { find(lesson, "solution")->use(); });
            short_run();
            std::vector<std::string> found;
            for (const auto& d : watcher.found())
                found.push_back(fmt::format(
                    "{}{}{}: {}", d.function, d.call > 0 ? fmt::format(", call {}", d.call) : "",
                    d.sizes.empty() ? "" : fmt::format(" ({})", d.sizes), d.what));
            return found;
        },
        problem);
    if (!problem.empty()) lines = {problem};
    return lines;
}

// The first event in which two runs differ; "" if none does.
std::string difference(const std::vector<std::string>& yours,
                       const std::vector<std::string>& expected) {
    for (std::size_t i = 0; i < std::min(yours.size(), expected.size()); ++i) {
        const double a = std::stod(yours[i]), b = std::stod(expected[i]);
        const std::string name = expected[i].substr(expected[i].find(' ') + 1);
        if (!(std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)))) {
            const std::string few = fmt::format("{} is {:.6g} instead of {:.6g}", name, a, b);
            const bool alike = fmt::format("{:.6g}", a) == fmt::format("{:.6g}", b);
            return alike ? fmt::format("{} is {:.11g} instead of {:.11g}", name, a, b) : few;
        }
    }
    return yours.size() == expected.size() ? "" : "it writes another number of tokens";
}

int blame(std::map<std::string, std::string> answers_of) {
    set_threads(1);
    use_reference();
    std::string problem;
    const auto expected = run_with("", "", problem);
    if (!problem.empty()) throw std::runtime_error("blame: the reference itself " + problem);
    for (const auto& answer : answers())
        if (answer.name == "mine") answers_of.emplace(answer.lesson, "mine");
    int found = 0;
    for (const auto& [lesson, answer] : answers_of) {
        if (find(lesson, answer) == nullptr)
            throw std::invalid_argument(fmt::format("{} has no answer {}", lesson, answer));
        problem.clear();
        const auto yours = run_with(lesson, answer, problem);
        const std::string differs = problem.empty() ? difference(yours, expected) : problem;
        if (differs.empty()) continue;
        ++found;
        print_text(stdout, wrapped(fmt::format("{}: with yours, {}.", lesson, differs)) + "\n");
        for (const auto& line : watched(lesson, answer))
            print_text(stdout, wrapped("  " + line, 4) + "\n");
    }
    if (found == 0)
        print_text(stdout, wrapped(fmt::format("None of your {} lessons changes a digit of it: "
                                               "training, reading with the cache, writing, tokens.",
                                               answers_of.size())) +
                               "\n");
    return found > 0 ? 1 : 0;
}

}  // namespace

std::string named_sizes(const std::string& arguments, const std::vector<Index>& values) {
    std::string list;
    std::size_t at = 0;
    for (const Index value : values) {
        at = arguments.find("Index ", at);
        if (at == std::string::npos) break;
        at += 6;
        const auto end = arguments.find_first_of(",)", at);
        list += fmt::format("{}{} = {}", list.empty() ? "" : ", ", arguments.substr(at, end - at),
                            value);
    }
    return list;
}

Watched::Watched(const char* lesson,
                 std::function<void(Watcher&, const Switch&, const Switch&)> install) {
    watches().push_back({lesson, std::move(install)});
}

}  // namespace gradus::lessons

int main(int argc, char** argv) {
    try {
        std::map<std::string, std::string> answers;
        if (argc == 3 && std::string(argv[1]) == "equal") {
            fmt::print("{:.3g}\n", gradus::lessons::largest_difference(std::stol(argv[2])));
            return 0;
        }
        for (int i = 1; i < argc; ++i) {
            const std::string word = argv[i];
            const auto equals = word.find('=');
            if (equals == std::string::npos) throw std::invalid_argument(word + ": LESSON=ANSWER");
            answers[word.substr(0, equals)] = word.substr(equals + 1);
        }
        return gradus::lessons::blame(answers);
    } catch (const std::exception& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
        return 2;
    }
}

// SPDX-License-Identifier: MIT
// ./gradus gpt --mine: the program of examples/gpt on the parts that a learner wrote. The runner
// links it with their files (lessons/runner/mine.cpp).
#include <fmt/chrono.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "lessons/check/parallel.h"
#include "lessons/check/registry.h"
#include "lessons/mine/calls.h"
#include "lessons/mine/parts.h"
#include "lessons/mine/receipt.h"
#include "nn/files/atomic_file.h"
#include "tensor/limits.h"
#include "tensor/matmul.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus::lessons {
namespace {

constexpr Index kReplayed = 5;  // losses that a receipt holds for --replay

struct Totals {
    std::uint64_t own_calls = 0, built_in_calls = 0;
    std::size_t own_functions = 0, built_in_functions = 0;
};

// The slots that no lesson has filled, with their calls.
std::vector<Calls> built_in_calls() {
    std::vector<Calls> list;
#define OP(name, arguments)                              \
    if (holder(#name).empty() && ops().name.calls() > 0) \
        list.push_back({#name, ops().name.calls()});
#include "tensor/ops.inc"
#undef OP
    return list;
}

Totals totals() {
    Totals all;
    for (const auto& file : own_files())
        for (std::size_t i = 0; i < file.functions.size(); ++i) {
            all.own_calls += file.counts[i];
            all.own_functions += file.counts[i] > 0;
        }
    for (const auto& calls : built_in_calls()) {
        all.built_in_calls += calls.count;
        ++all.built_in_functions;
    }
    return all;
}

std::string grouped(std::uint64_t n) {
    std::string digits = fmt::format("{}", n);
    for (auto at = std::ssize(digits) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

// Which parts are whose, before anything runs.
void print_mix(bool my_matmul) {
    std::string yours, ours;
    for (const auto& answer : answers()) {
        if (answer.lesson == "00-hello") continue;  // not part of a GPT
        std::string& list = is_own(answer.lesson) ? yours : ours;
        if (list.find(answer.lesson) == std::string::npos)
            list += (list.empty() ? "" : ", ") + answer.lesson;
    }
    print_text(stdout, wrapped("Your parts: " + (yours.empty() ? "none yet" : yours) + ".") + "\n");
    if (!ours.empty())
        print_text(stdout, wrapped("Ours, until you pass them: " + ours + ".") + "\n");
    if (!my_matmul)
        print_text(stdout, wrapped("Matrix products are ours until lesson 28; with yours of lesson "
                                   "03 a step takes several times as long (--my-matmul).") +
                               "\n");
    std::fflush(stdout);
}

// Keeps what the receipt tells of the training.
class Witness : public Observer {
 public:
    std::string name() const override { return "receipt.txt"; }
    void stepped(const RunState& state) override {
        if (state.step <= kReplayed) losses.emplace_back(state.step, state.last_loss);
    }
    void evaluated(const RunState& state) override {
        steps = state.step, val = state.val;
        held_out.push_back(fmt::format("held-out loss {:.6f} at step {}, after {:.1f} s", val,
                                       steps, state.elapsed));
    }
    void ended(const RunState& state, bool) override { finding = state.finding.key_values; }

    std::vector<std::pair<Index, double>> losses;  // the first
    std::vector<std::string> held_out;
    std::string finding, data;
    Index steps = 0;
    double val = kNotMeasured;
};

// The learner's matmul and what one thread of this processor could do, in operations per second.
std::string speed_line() {
    constexpr Index kSize = 256, kRounds = 100000;
    constexpr int kTurns = 7;
    const int usual = threads();
    set_threads(1);
    const Tensor a = Tensor::full({kSize, kSize}, Real(0.5)), b = a.clone();
    const auto rate = [](const std::function<double()>& work) {  // of the fastest turn
        double best = 0;
        for (int turn = 0; turn < kTurns; ++turn) {
            const auto start = std::chrono::steady_clock::now();
            const double operations = work();
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
            best = std::max(best, operations / took.count() / 1e9);
        }
        return best;
    };
    const double yours = rate([&] { return matmul_forward(a, b), 2.0 * kSize * kSize * kSize; }),
                 peak = rate([] { return multiply_adds(kRounds); });
    set_threads(usual);
    return fmt::format(
        "speed of matmul, {0} x {0}, one thread: yours {1:.3f} GFLOP/s, peak {2:.1f}", kSize, yours,
        peak);
}

std::string loss_line(Index step, double loss) {
    return fmt::format("{} {:.6f} {:a}", step, loss, loss);
}

class Mine {
 public:
    Mine(std::vector<std::string> arguments, bool my_matmul, bool replay)
        : arguments_(std::move(arguments)), my_matmul_(my_matmul), replay_(replay) {}

    int run(int argc, char** argv) {
        use_mine(!my_matmul_);
        for (const auto& file : own_files()) one_thread = one_thread || file.keeps;
        Hooks& h = hooks();
        h.understood = [this] {
            if (!replay_) print_mix(my_matmul_);
        };
        h.parts = parts_of_learner;
        if (is_own("15-tokens")) h.tokenizer = tokenizer_of_learner;
        if (is_own("15-tokens")) h.encode = encode_as_learner;
        h.before_training = [this](const TextRun& text, TextData& data, FitOptions& options) {
            train_as_learner(text, data, options);
            options.observers.push_back(witness_);
            witness_->data =
                fmt::format("data {}, floor {}", text.data,
                            data.floor() < 0 ? "unknown" : fmt::format("{:.6f}", data.floor()));
            if (!replay_) return;
            options.folder = "";
            options.stop = [this] { return std::ssize(witness_->losses) >= kReplayed; };
        };
        h.after_training = [this](const TextRun& text, const std::string& folder) {
            write_receipt(text, folder);
        };
        h.after_reply = [this] { tell_reply(); };
        const int code = gpt_program(argc, argv);
        if (!replay_) return code;
        for (const auto& [step, loss] : witness_->losses)
            fmt::print("replayed {}\n", loss_line(step, loss));
        return std::ssize(witness_->losses) >= kReplayed ? 0 : code;
    }

 private:
    void write_receipt(const TextRun& text, const std::string& folder) {
        std::vector<std::string> lines = {"gradus receipt 1"};
        const auto add = [&](const std::string& line) { lines.push_back(line); };
        add(fmt::format("made {:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))));
        if (!text.name.empty()) add("name " + text.name);
        add(witness_->data);
        add("arguments " + nlohmann::json(arguments_).dump());
        const auto counted = [](Index n, const char* what) {
            return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
        };
        add(fmt::format("model {}, {}, width {}, {} parameters",
                        counted(text.gpt().layers, "layer"), counted(text.gpt().heads, "head"),
                        text.gpt().width, text.gpt().parameter_count()));
        for (const auto& [step, loss] : witness_->losses) add("loss " + loss_line(step, loss));
        for (const auto& line : witness_->held_out) add(line);
        if (!witness_->finding.empty()) add(witness_->finding);
        add(fmt::format("steps {} of {}, held-out loss {:.6f}", witness_->steps,
                        text.training.steps, witness_->val));
        if (my_matmul_ && is_own("03-matmul")) add(speed_line());
        for (const auto& file : own_files()) add(fmt::format("file {} {}", file.file, file.hash));
        for (const auto& file : own_files())
            for (std::size_t i = 0; i < file.functions.size(); ++i)
                if (file.counts[i] > 0)
                    add(fmt::format("yours {} {} {}", file.lesson, file.functions[i],
                                    file.counts[i]));
        for (const auto& calls : built_in_calls())
            add(fmt::format("built-in {} {}", calls.function, calls.count));
        for (const auto& file : own_files())
            for (std::size_t i = 0; i < file.functions.size(); ++i)
                if (file.counts[i] == 0)
                    add(fmt::format("unused {} {}", file.lesson, file.functions[i]));
        add("end");
        const std::string path = in_folder(folder, "receipt.txt");
        write_file(path, chained(lines));
        const Totals all = totals();
        print_text(stdout, wrapped(fmt::format(
                               "Receipt: {} calls into {} functions that you wrote, {} into {} "
                               "built-in ones: {}",
                               grouped(all.own_calls), all.own_functions,
                               grouped(all.built_in_calls), all.built_in_functions, path)) +
                               "\n");
        told_ = all;
    }

    void tell_reply() {
        const Totals all = totals();
        print_text(stdout, wrapped(fmt::format(
                               "(This reply: {} calls into functions that you wrote, {} into "
                               "built-in ones.)",
                               grouped(all.own_calls - told_.own_calls),
                               grouped(all.built_in_calls - told_.built_in_calls))) +
                               "\n");
        told_ = all;
    }

    std::vector<std::string> arguments_;
    bool my_matmul_, replay_;
    std::shared_ptr<Witness> witness_ = std::make_shared<Witness>();
    Totals told_;
};

}  // namespace

std::vector<OwnFile>& own_files() {
    static std::vector<OwnFile> list;
    return list;
}

}  // namespace gradus::lessons

// Learners' loops ask for vectors again and again. What was given back stays with the program: asking
// the system anew took a quarter of the time (100 steps of the preset loops, two threads: 11.8 s, now
// 8.8).
static void keep_memory() {
#ifdef __GLIBC__
    ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

// PROGRAM [--my-matmul] [--replay] gpt|chat|sample|look ...: the flags of this program come first.
int main(int argc, char** argv) {
    using namespace gradus::lessons;
    keep_memory();
    bool my_matmul = false, replay = false;
    int first = 1;
    for (; first < argc; ++first) {
        const std::string word = argv[first];
        if (word == "--my-matmul")
            my_matmul = true;
        else if (word == "--replay")
            replay = true;
        else
            break;
    }
    std::vector<std::string> arguments;
    if (my_matmul) arguments.emplace_back("--my-matmul");
    for (int i = first; i < argc; ++i) {  // where it is saved does not belong to what was run
        const std::string word = argv[i];
        if (word == "--out") ++i;
        if (!word.starts_with("--out")) arguments.push_back(word);
    }
    // The loops of lesson 03 take a GPT of their size.
    const auto said = [&](const char* word) {
        return std::any_of(argv + first, argv + argc, [&](const std::string& given) {
            return given == word || given.starts_with(std::string(word) + "=");
        });
    };
    std::vector<char*> words = {argv[0]};
    words.insert(words.end(), argv + first, argv + argc);
    std::string flag = "--preset", loops = "loops";
    if (my_matmul && said("gpt") && !said("--preset") && !said("--resume"))
        words.insert(words.end(), {flag.data(), loops.data()});
    return Mine(arguments, my_matmul, replay).run(static_cast<int>(words.size()), words.data());
}

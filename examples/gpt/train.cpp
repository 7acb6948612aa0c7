// SPDX-License-Identifier: MIT
// gradus gpt: from options to a trained model on disk.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "autograd/cross_entropy.h"
#include "examples/gpt/commands.h"
#include "examples/gpt/data.h"
#include "examples/gpt/presets.h"
#include "examples/gpt/progress.h"
#include "examples/gpt/recent_median.h"
#include "nn/generate/generate.h"
#include "nn/generate/kv_cache.h"
#include "nn/look/pictures.h"
#include "nn/module.h"
#include "nn/run/log.h"
#include "nn/run/report.h"
#include "nn/train/health.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

constexpr Index kEvaluations = 10;     // per run, and as many saves
constexpr Index kChecked = 200;        // stories that the checker reads at the end
constexpr double kReportSeconds = 10;  // report.html is renewed that often, and at evaluations
constexpr int kSampleTokens = 130;     // of the sample shown at each evaluation
constexpr std::size_t kLookedAt = 12;  // tokens of the prompt whose attention is shown
constexpr std::size_t kHeads = 36;     // and that of so many heads
constexpr std::size_t kLikeliest = 6;  // next tokens shown as bars

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// One word of a shell, whatever it holds.
std::string quoted(const std::string& text) {
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
    return word + "'";
}

// runs/tales-quick, or runs/tales-quick-2, ... if that is taken.
std::string fresh_folder(const std::string& data, const std::string& preset) {
    const std::string base = "runs/" + std::filesystem::path(data).stem().string() + "-" + preset;
    std::string folder = base;
    for (int i = 2; std::filesystem::exists(folder); ++i) folder = fmt::format("{}-{}", base, i);
    return folder;
}

// Weight, gradient and two running means of 4 bytes each must fit into memory, activations not yet
// counted: better said now than by the system's killer of processes after minutes of waiting.
void require_memory(const GptConfig& model) {
    const double needed = 16.0 * static_cast<double>(model.parameter_count());
    const double there =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
    require(needed < there,
            "gpt: {} parameters need {:.0f} GB to train, this machine has {:.0f} (fewer --layers, "
            "or a smaller --width)",
            model.parameter_count(), needed / 1e9, there / 1e9);
}

// What a new run will be: the preset, the data, and the flags that override them.
RunInfo describe_run(const GptOptions& o, const TrainingData& data) {
    RunInfo run = preset_run(preset(o.preset), o.data, data);
    run.batch = o.batch.value_or(run.batch);
    run.model.layers = o.layers.value_or(run.model.layers);
    run.model.heads = o.heads.value_or(run.model.heads);
    run.model.width = o.width.value_or(run.model.width);
    run.model.context = o.context.value_or(run.model.context);
    run.model.dropout =
        static_cast<Real>(o.dropout.value_or(static_cast<double>(run.model.dropout)));
    run.training.steps = o.steps.value_or(run.training.steps);
    run.training.accumulate = o.accumulate.value_or(run.training.accumulate);
    run.training.seed = o.seed.value_or(run.training.seed);
    run.training.bf16 = o.bf16;
    if (o.lr) {
        run.training.min_lr *= *o.lr / run.training.lr;  // the schedule keeps its shape
        run.training.lr = *o.lr;
    }
    require(run.batch >= 1 && run.batch <= 65536, "--batch {}, must be 1 to 65536", run.batch);
    require(run.training.steps >= 1 && run.training.steps <= 1'000'000'000,
            "--steps {}, must be 1 to 1000000000", run.training.steps);
    run.model.validate();
    require_memory(run.model);
    data.require_context(run.model.context);
    return run;
}

// Trains one model and keeps its run up to date on disk.
class Session {
 public:
    Session(RunInfo run, const std::string& folder, TrainingData& data,
            const TerminalAbilities& terminal)
        : run_(std::move(run)),
          folder_(folder),
          data_(data),
          model_(run_.model, run_.training.seed),
          trainer_(named_parameters(model_), run_.training,
                   [this](Index step, Index part) { return loss(step, part); }),
          quick_(data.validation(false, kValidationRows, run_.model.context)),
          progress_(terminal),
          bigram_(data.bigram()),
          health_(data.uniform_baseline(), data.floor(), run_.training.steps,
                  reference_band(run_, data, data.source() ? data.floor() : bigram_)) {}

    void resume() {
        load_resume(folder_, trainer_);
        run_.steps_done = trainer_.steps_done();
        before_ = run_.seconds;
        moments_ = load_snapshots(folder_);
        // The first evaluation is of this step again.
        const auto again = [&](const RunSample& sample) { return sample.step >= run_.steps_done; };
        std::erase_if(run_.samples, again);
        std::erase_if(moments_, [&](const Snapshot& moment) { return again(moment.sample); });
    }

    // True when all steps are done, false when interrupted.
    bool train() {
        announce();
        save();  // before the first step: an unwritable folder is found out now, not after the
                 // training
        log_.emplace(folder_, trainer_.steps_done());
        // What an earlier sitting has shown; its last step is evaluated again.
        for (const LogRow& row : log_->rows()) {
            if (std::isfinite(row.loss)) health_.step(row.loss);
            if (std::isfinite(row.val) && row.step < trainer_.steps_done())
                health_.validated(row.val, kNotKnown);
        }
        start_ = std::chrono::steady_clock::now();
        state_.steps = run_.training.steps;
        state_.floor = data_.floor();
        state_.uniform_baseline = data_.uniform_baseline();
        state_.bigram = bigram_;
        state_.step = trainer_.steps_done();
        const Index every =
            std::max<Index>(1, (run_.training.steps + kEvaluations - 1) / kEvaluations);
        if (!trainer_.done()) evaluate_quickly();
        while (!trainer_.done() && !interrupted()) {
            const auto before = std::chrono::steady_clock::now();
            const StepReport report = trainer_.step();
            note_step(report, seconds_since(before));
            const bool evaluating = !trainer_.done() && report.step % every == 0;
            if (evaluating) {
                evaluate_quickly();
                save();
            } else {
                progress_.update(state_);
            }
            log_->append({report.step, report.loss, evaluating ? state_.val : kNotMeasured,
                          report.lr, report.gradient_norm, report.update_ratio, state_.token_rate,
                          state_.elapsed});
            if (evaluating || seconds_since(reported_) > kReportSeconds) write_page(false);
        }
        progress_.finish();
        if (!trainer_.done()) {
            save();
            write_page(true);
            return false;
        }
        note_validation(
            evaluate(model(), data_.validation(true, kValidationRows, run_.model.context)));
        state_.elapsed = elapsed();
        state_.eta = 0;
        show_sample();
        run_.floor = data_.floor();
        check_stories();
        save();
        log_->append({state_.step, kNotMeasured, state_.val, kNotMeasured, kNotMeasured,
                      kNotMeasured, kNotMeasured, state_.elapsed});
        write_page(true);
        return true;
    }

    void report_done() const {
        const std::string floor = run_.floor < 0 ? "unknown" : fmt::format("{:.4f}", run_.floor);
        if (progress_.plain()) {
            fmt::print("done steps={} val={:.4f} floor={} params={} seconds={:.1f} out={}\n",
                       run_.steps_done, run_.val, floor, run_.model.parameter_count(), run_.seconds,
                       folder_);
        } else {
            fmt::print("\n{}\n", wrapped(fmt::format(
                                     "Done in {}: validation loss {:.4f} nats per character{}.",
                                     clock_text(run_.seconds), run_.val,
                                     run_.floor < 0 ? "" : ", the least possible is " + floor)));
            fmt::print(
                "Saved in {0}; how it went: {0}/report.html\nTalk to it again with: ./gradus chat "
                "{0}\nLook inside with: ./gradus look {0}\n",
                folder_);
        }
    }

    const RunInfo& run() const { return run_; }
    const Gpt& gpt() const { return model_; }
    Index steps_done() const { return trainer_.steps_done(); }

 private:
    static constexpr Index kValidationRows = 64;
    static constexpr double kNotKnown = std::numeric_limits<double>::infinity();

    LanguageModel model() const {
        return [this](const Tokens& ids) { return model_(ids); };
    }

    Variable loss(Index step, Index part) {
        const auto number = static_cast<std::uint64_t>(step * run_.training.accumulate + part);
        const Batch batch = data_.batch(number, run_.batch, run_.model.context);
        tokens_ += batch.inputs.count();
        return cross_entropy(model_(batch.inputs), batch.targets);
    }

    void announce() {
        if (progress_.plain()) {
            fmt::print(
                "data={} vocabulary={} uniform_baseline={:.4f} bigram={} params={} isa={} "
                "threads={} "
                "out={}\n",
                run_.data, run_.model.vocabulary, data_.uniform_baseline(),
                bigram_ < 0 ? "-" : fmt::format("{:.4f}", bigram_), run_.model.parameter_count(),
                isa(), threads(), folder_);
            return;
        }
        const auto& m = run_.model;
        const auto say = [](const std::string& text) { fmt::print("{}\n", wrapped(text)); };
        say(fmt::format(
            "Training a GPT from nothing: {} layer{}, {} head{}, width {}, {} numbers to learn.",
            m.layers, m.layers == 1 ? "" : "s", m.heads, m.heads == 1 ? "" : "s", m.width,
            m.parameter_count()));
        say(fmt::format("Data: {}.", data_.describe()));
        std::string floors =
            fmt::format("Loss in nats per character: knowing nothing costs ln {} = {:.2f}",
                        m.vocabulary, data_.uniform_baseline());
        if (bigram_ >= 0) floors += fmt::format(", counting pairs {:.2f}", bigram_);
        if (data_.floor() >= 0)
            floors += fmt::format(", the least possible is {:.4f}", data_.floor());
        say(floors + ".");
        say("Ctrl-C stops and saves.\n");
    }

    void note_step(const StepReport& report, double seconds) {
        state_.step = run_.steps_done = report.step;
        step_seconds_.add(seconds);
        const double usual = step_seconds_.value();
        state_.loss += newest_weight(report.step) * (report.loss - state_.loss);
        state_.lr = report.lr;
        state_.gradient_norm = report.gradient_norm;
        if (std::isfinite(report.update_ratio)) state_.update_ratio = report.update_ratio;
        state_.token_rate = static_cast<double>(std::exchange(tokens_, 0)) / usual;
        state_.eta = usual * static_cast<double>(state_.steps - report.step);
        state_.elapsed = elapsed();
        health_.step(report.loss);
        judge();
    }

    // The display shows every verdict; a log gets a line when it changes.
    void judge() {
        const Health verdict = health_.verdict();
        state_.verdict = verdict.words;
        state_.alarm = verdict.alarm();
        if (verdict.kind == said_) return;
        said_ = verdict.kind;
        if (progress_.plain())
            progress_.note(fmt::format("verdict step={} kind={} words=\"{}\"", state_.step,
                                       name(verdict.kind), verdict.words));
    }

    double elapsed() const { return before_ + seconds_since(start_); }

    void evaluate_quickly() {
        note_validation(evaluate(model(), quick_));
        if (state_.loss == 0) state_.loss = state_.val;
        state_.elapsed = elapsed();
        show_sample();
    }

    void show_sample() {
        run_.samples.push_back({state_.step, state_.val, sample()});
        moments_.push_back(moment());
        progress_.evaluated(state_, run_.samples.back().text);
    }

    void write_page(bool finished) {
        reported_ = std::chrono::steady_clock::now();
        write_report(folder_, {.run = run_,
                               .machine = machine_,
                               .log = log_->rows(),
                               .moments = moments_,
                               .finished = finished,
                               .eta = state_.eta,
                               .uniform_baseline = state_.uniform_baseline,
                               .bigram = bigram_,
                               .floor = state_.floor,
                               .command = command_again(),
                               .verdict = "Verdict: " + state_.verdict + "."});
    }

    // Every option that makes the model what it is, whatever a preset may be one day.
    std::string command_again() const {
        const auto& m = run_.model;
        const auto& t = run_.training;
        std::string command = fmt::format(
            "./gradus gpt --data {} --preset {} --layers {} --heads {} --width {} --context {} "
            "--batch {} --accumulate {} --steps {} --lr {} --dropout {:.3g} --seed {}",
            data_.source() ? run_.data : quoted(run_.data), run_.preset, m.layers, m.heads, m.width,
            m.context, run_.batch, t.accumulate, t.steps, t.lr, static_cast<double>(m.dropout),
            t.seed);
        if (t.bf16) command += " --bf16";
        if (run_.vocabulary.kind() == Tokenizer::Kind::bytes) command += " --bytes";
        return command;
    }

    void note_validation(const Evaluation& evaluation) {
        state_.val = run_.val = evaluation.loss;
        health_.validated(evaluation.loss, evaluation.standard_error);
        judge();
        if (state_.best_val == 0 || evaluation.loss < state_.best_val) {
            state_.best_val = evaluation.loss;
            state_.best_step = state_.step;
        }
    }

    std::vector<int> prompt() const {
        std::vector<int> ids = run_.vocabulary.encode(run_.prompt);
        prepend_bos(run_, ids);
        return ids;
    }

    // What happens inside while it reads the prompt; in running text, where that is one character,
    // the beginning of what is held out.
    Snapshot moment() const {
        std::vector<int> ids = data_.source() ? prompt() : quick_[0].inputs.id;
        ids.resize(std::min({ids.size(), kLookedAt, static_cast<std::size_t>(run_.model.context)}));
        const Reading reading = read_text(model_, run_.vocabulary, ids, true);
        HeatMaps attention = attention_maps(reading, reading.tokens());
        if (attention.maps.size() > kHeads) attention.maps.resize(kHeads);
        return {run_.samples.back(), next_bars(reading, kLikeliest), attention};
    }

    // Always the same prompt and random numbers, so that only the model changes.
    std::string sample() const {
        Random random(run_.training.seed, Stream::sampling);
        std::vector<int> stop;
        if (!run_.stop.empty()) stop = run_.vocabulary.encode(run_.stop);
        const GenerateOptions options{
            .context = run_.model.context, .tokens = kSampleTokens, .stop = stop};
        std::string text = run_.prompt + run_.vocabulary.decode(generate(
                                             CachedGpt(model_), prompt(), options, random));
        if (!text.empty() && text.back() == '\n') text.pop_back();
        for (char& c : text) c = c == '\n' ? ' ' : c;
        return text;
    }

    // Fresh stories from nothing, read by the checker that knows the rules.
    void check_stories() {
        if (!data_.source()) return;
        const std::vector<int> start = run_.vocabulary.encode("\n");
        const GenerateOptions options{
            .context = run_.model.context, .tokens = run_.model.context, .stop = start};
        Index right = 0;
        std::string first_fault;
        for (const auto& ids :
             generate_many(CachedGpt(model_), start, kChecked, options, run_.training.seed)) {
            const std::string story = run_.vocabulary.decode(ids);
            const auto faults = data_.source()->check(story);
            right += faults.empty();
            if (!faults.empty() && first_fault.empty()) first_fault = faults[0];
        }
        progress_.note(progress_.plain()
                           ? fmt::format("checked stories={} right={}", kChecked, right)
                           : "\n" +
                                 wrapped(fmt::format(
                                     "{} new stories: {} keep every rule{}", kChecked, right,
                                     first_fault.empty() ? "." : "; one fault: " + first_fault)));
    }

    void save() {
        run_.seconds = start_ == std::chrono::steady_clock::time_point{} ? before_ : elapsed();
        save_run(folder_, run_, model_);
        save_resume(folder_, trainer_);
        save_snapshots(folder_, moments_);
    }

    RunInfo run_;
    std::string folder_;
    TrainingData& data_;
    Gpt model_;
    Trainer trainer_;
    std::vector<Batch> quick_;
    Progress progress_;
    ProgressState state_;
    const std::string machine_ = machine_text();
    Health::Kind said_ = Health::Kind::starting;
    double bigram_;  // counted over the whole file: once
    HealthMonitor health_;
    std::optional<RunLog> log_;
    std::vector<Snapshot> moments_;
    std::chrono::steady_clock::time_point reported_{};
    std::chrono::steady_clock::time_point start_{};
    double before_ = 0;
    RecentMedian step_seconds_;
    Index tokens_ = 0;  // of this step
};

}  // namespace

int train_command(const GptOptions& o) {
    if (o.threads > 0) set_threads(o.threads);
    const bool resuming = !o.resume.empty();
    RunInfo run;
    if (resuming) run = load_run_info(o.resume);
    const std::string name = resuming ? run.data : o.data;
    const bool bytes = resuming ? run.vocabulary.kind() == Tokenizer::Kind::bytes : o.bytes;
    TrainingData data(name, bytes, resuming ? run.training.seed : o.seed.value_or(1));
    if (resuming) {
        require(data.vocabulary() == run.vocabulary,
                "{}: its characters are not those of the run in {}: the file has changed", name,
                o.resume);
        run.training.steps = o.steps.value_or(run.training.steps);
    } else {
        run = describe_run(o, data);
        if (!o.out.empty() && std::filesystem::exists(std::filesystem::path(o.out) / "run.json"))
            throw FileError(
                o.out, "already holds a run (go on with it: --resume, or choose another --out)");
    }
    const std::string folder = resuming        ? o.resume
                               : o.out.empty() ? fresh_folder(o.data, o.preset)
                                               : o.out;
    const TerminalAbilities terminal = terminal_abilities(o.plain, o.ascii);

    watch_for_interrupt();
    Session session(run, folder, data, terminal);
    if (resuming) session.resume();
    if (!session.train()) {
        const std::string again = fmt::format("./gradus gpt --resume {}", folder);
        fmt::print("{}\n", !terminal.live
                               ? fmt::format("interrupted steps={} out={} resume=\"{}\"",
                                             session.steps_done(), folder, again)
                               : fmt::format("Stopped after step {} and saved. Go on with: {}",
                                             session.steps_done(), again));
        return 130;
    }
    forget_interrupt();
    session.report_done();
    if (o.no_chat || !terminal.live) return 0;
    TextOptions talk;
    talk.seed = session.run().training.seed;
    return chat(session.run(), session.gpt(), talk);
}

}  // namespace gradus

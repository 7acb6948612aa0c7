// SPDX-License-Identifier: MIT
#include "nn/run/fit.h"

#include <chrono>
#include <cmath>
#include <limits>

#include "nn/run/checkpoint.h"
#include "nn/run/display.h"
#include "nn/run/early_stop.h"
#include "nn/run/log.h"
#include "nn/run/loss_chart.h"
#include "nn/run/recent_median.h"
#include "nn/run/report.h"

namespace gradus {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Writes inside.json.
class Drawings : public Observer {
 public:
    std::string name() const override { return "inside.json"; }
    void evaluated(const RunState& s) override { save_drawings(s.facts.folder, s.snapshots); }
};

class Run {
 public:
    Run(const std::vector<NamedParameter>& parameters, const std::vector<Field>& model,
        const Task& task, const FitOptions& options)
        : task_(task),
          options_(options),
          parameters_(parameters),
          trainer_(options.optimiser ? options.optimiser(parameters)
                                     : make_optimiser(parameters, options.training),
                   options.training, task.loss),
          sections_(sections(model)),
          checkpoint_(options.folder, parameters_, trainer_, sections_, task.save),
          health_(task.uniform_baseline, task.floor, options.training.steps, task.band) {
        require(task.loss != nullptr, "fit: the task has no loss (task.loss = ...)");
        require(options.run.evaluations >= 1, "fit: {} evaluations, must be at least 1",
                options.run.evaluations);
        require(options.run.patience >= 0, "fit: patience {}, must be 0 (never) or above",
                options.run.patience);
        require(options.run.patience == 0 || task.evaluate,
                "fit: patience {} needs an evaluation (task.evaluate = ...)", options.run.patience);
        if (options.prepare) options.prepare(trainer_);
        state_.facts = facts();
    }

    FitResult operator()() {
        begin();
        while (!trainer_.done() && !out_of_patience() && !stopping()) {
            step();
            if (!trainer_.done() && state_.step % every() == 0) {
                evaluate(Effort::quick);
                save();
            }
            tell([&](Observer& o) { o.stepped(state_); });
            if (state_.val_is_new) tell([&](Observer& o) { o.evaluated(state_); });
        }
        return end(trainer_.done() || out_of_patience());
    }

 private:
    bool kept() const { return !options_.folder.empty(); }
    bool stopping() const { return options_.stop && options_.stop(); }
    bool out_of_patience() const {
        return gradus::out_of_patience(state_.snapshots, options_.run.patience);
    }
    Index every() const {
        const Index n = options_.run.evaluations;
        return std::max<Index>(1, (options_.training.steps + n - 1) / n);
    }

    // All fields that define this run.
    std::vector<ConfigSection> sections(const std::vector<Field>& model) {
        std::vector<ConfigSection> list = {{"model", model},
                                           {"training", fields_of(options_.training)},
                                           {"training", fields_of(options_.run)}};
        list.insert(list.end(), task_.sections.begin(), task_.sections.end());
        return list;
    }

    RunFacts facts() const {
        RunFacts f{.name = task_.name, .folder = options_.folder, .unit = task_.unit};
        f.item = task_.item;
        f.steps = options_.training.steps;
        f.parameters = parameter_count(parameters_);
        f.uniform_baseline = task_.uniform_baseline;
        f.bigram_baseline = task_.bigram_baseline;
        f.floor = task_.floor;
        f.seed = options_.training.seed;
        f.stops = options_.stop != nullptr;
        for (const ConfigSection& section : sections_)
            for (const Field& field : section.fields)
                f.configuration.emplace_back(field.label(), field.text());
        f.machine = machine_text();
        f.command = task_.command;
        f.resume_command = task_.resume_command;
        f.introduction = task_.introduction;
        f.key_values = task_.key_values;
        return f;
    }

    void begin() {
        resume();
        if (kept()) {
            checkpoint_.save(state_);  // finds an unwritable folder before training starts
            watch([&] {
                log_ = std::make_shared<RunLog>(options_.folder, state_.step);
                observers_ = {log_, std::make_shared<ReportWriter>(log_),
                              std::make_shared<Drawings>()};
            });
            replay();
        }
        observers_.push_back(std::make_shared<Display>(options_.terminal));
        observers_.insert(observers_.end(), options_.observers.begin(), options_.observers.end());
        start_ = Clock::now();
        tell([&](Observer& o) { o.begun(state_); });
        if (trainer_.done() || !(task_.evaluate || task_.sample || task_.pictures)) return;
        evaluate(Effort::quick);
        tell([&](Observer& o) { o.evaluated(state_); });
    }

    // Resumes the run in the folder, if options_.resume allows it.
    void resume() {
        const bool there = kept() && holds_run(options_.folder);
        if (options_.resume == Resume::no && there)
            throw FileError(options_.folder,
                            "already holds a run (resume it, or choose another folder)");
        if (options_.resume == Resume::yes && !there)
            throw FileError(options_.folder, "holds no run to resume");
        if (!there) return;
        const Description description(options_.folder);
        description.require_same(sections_);
        RunResult result;
        description.read(result);
        load_resume(options_.folder, trainer_);
        state_.step = trainer_.steps_done();
        state_.val = result.val;
        state_.elapsed = before_ = result.seconds;
        if (result.best_val >= 0)
            state_.best_val = result.best_val, state_.best_step = result.best_step;
        state_.snapshots = std::move(result.snapshots);
        // This step is evaluated again first.
        std::erase_if(state_.snapshots, [&](const Snapshot& s) { return s.step >= state_.step; });
        watch([&] { load_drawings(options_.folder, state_.snapshots); });
    }

    // The losses of earlier sessions, for the verdict; their last step is evaluated again.
    void replay() {
        if (!log_) return;
        for (const LogRow& row : log_->rows()) {
            if (std::isfinite(row.loss)) health_.step(row.loss);
            if (std::isfinite(row.val) && row.step < state_.step)
                health_.validated(row.val, std::numeric_limits<double>::infinity());
        }
    }

    void step() {
        const auto before = Clock::now();
        const StepReport report = trainer_.step();
        step_seconds_.add(seconds_since(before));
        const double usual = step_seconds_.value();
        state_.step = report.step;
        state_.last_loss = report.loss;
        if (!std::isfinite(state_.loss)) state_.loss = report.loss;
        state_.loss += newest_weight(report.step) * (report.loss - state_.loss);
        state_.lr = report.lr;
        state_.gradient_norm = report.gradient_norm;
        state_.ratio_is_new = std::isfinite(report.update_ratio);
        if (state_.ratio_is_new) state_.update_ratio = report.update_ratio;
        state_.rate = (task_.items ? static_cast<double>(task_.items()) : 1) / usual;
        state_.eta = usual * static_cast<double>(state_.facts.steps - report.step);
        state_.elapsed = before_ + seconds_since(start_);
        state_.val_is_new = false;
        health_.step(report.loss);
        state_.health = health_.verdict();
    }

    // Evaluates the model, and takes a snapshot.
    void evaluate(Effort effort) {
        if (task_.evaluate) {
            const Evaluation e = task_.evaluate(effort);
            state_.val = e.loss;
            state_.accuracy = e.accuracy;
            health_.validated(e.loss, e.standard_error);
            state_.health = health_.verdict();
            if (!(state_.best_val <= e.loss)) {
                state_.best_val = e.loss, state_.best_step = state_.step;
                if (kept() && options_.run.keep_best) checkpoint_.save_best();
            }
            if (!std::isfinite(state_.loss)) state_.loss = e.loss;
        }
        state_.val_is_new = true;
        state_.elapsed = before_ + seconds_since(start_);
        Snapshot snapshot{.step = state_.step, .val = state_.val};
        if (task_.sample) snapshot.text = task_.sample();
        if (pictures_) pictures_ = watch([&] { snapshot.drawings = task_.pictures(); });
        state_.snapshots.push_back(std::move(snapshot));
    }

    void save() {
        if (kept()) checkpoint_.save(state_);
    }

    FitResult end(bool finished) {
        if (finished) {
            state_.eta = 0;
            evaluate(Effort::full);
            save();  // before the examination, which may take a while and changes nothing saved
            tell([&](Observer& o) { o.evaluated(state_); });
            if (task_.examine) examine();
        } else {
            state_.elapsed = before_ + seconds_since(start_);
            save();
        }
        tell([&](Observer& o) { o.ended(state_, finished); });
        return {.finished = finished,
                .stopped_early = finished && !trainer_.done(),
                .result = result_of(state_),
                .health = state_.health};
    }

    void examine() {
        const Finding finding = task_.examine();
        state_.finding = finding.words;
        note(options_.terminal.live ? "\n" + wrapped(finding.words) : finding.key_values);
    }

    void note(const std::string& line) {
        tell([&](Observer& o) { o.note(line); });
    }

    // Extras never end a run: whatever they throw is caught here and becomes a warning. True if
    // nothing was thrown.
    template <class F>
    bool watch(const F& f) {
        try {
            f();
            return true;
        } catch (const std::exception& error) {
            warnings_.push_back(fmt::format("warning: {}; continuing without it", error.what()));
            return false;
        }
    }

    // Tells all observers; one that fails is dropped.
    template <class Event>
    void tell(const Event& event) {
        std::erase_if(observers_, [&](const auto& o) { return !watch([&] { event(*o); }); });
        for (; said_ < warnings_.size(); ++said_) {
            const std::string line = warnings_[said_];
            for (const auto& o : observers_) watch([&] { o->note(line); });
        }
    }

    const Task& task_;
    FitOptions options_;
    const std::vector<NamedParameter>& parameters_;
    Trainer trainer_;
    std::vector<ConfigSection> sections_;
    Checkpoint checkpoint_;
    HealthMonitor health_;
    RunState state_;
    std::vector<std::shared_ptr<Observer>> observers_;
    std::shared_ptr<RunLog> log_;
    bool pictures_ = task_.pictures != nullptr;
    std::vector<std::string> warnings_;
    std::size_t said_ = 0;  // warnings shown so far
    RecentMedian step_seconds_;
    Clock::time_point start_{};
    double before_ = 0;  // seconds in earlier sessions
};

}  // namespace

FitResult fit(const std::vector<NamedParameter>& parameters, const std::vector<Field>& model_config,
              const Task& task, const FitOptions& options) {
    return Run(parameters, model_config, task, options)();
}

}  // namespace gradus

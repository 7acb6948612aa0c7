// SPDX-License-Identifier: MIT
#include "nn/run/fit.h"

#include <cmath>
#include <limits>
#include <utility>

#include "nn/data/bits_per_byte.h"
#include "nn/progress.h"
#include "nn/run/checkpoint.h"
#include "nn/run/display.h"
#include "nn/run/early_stop.h"
#include "nn/run/log.h"
#include "nn/run/loss_chart.h"
#include "nn/run/observers.h"
#include "nn/run/pace.h"
#include "nn/run/report.h"

namespace gradus {
namespace {

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
                   options.training, stoppable(task.loss)),
          sections_(sections(model)),
          checkpoint_(options.folder, parameters_, trainer_, sections_, task.save),
          health_(task.uniform_baseline, task.floor, options.training.steps, task.band,
                  task.trained) {
        require(task.loss != nullptr, "fit: the task has no loss (task.loss = ...)");
        require(options.run.evaluations >= 1, "fit: {} evaluations, must be at least 1",
                options.run.evaluations);
        require(options.run.patience >= 0, "fit: patience {}, must be 0 (never) or above",
                options.run.patience);
        require(options.run.patience == 0 || task.evaluate,
                "fit: patience {} needs an evaluation (task.evaluate = ...)", options.run.patience);
        require(std::isfinite(options.run.save_minutes) && options.run.save_minutes >= 0,
                "fit: save_minutes {}, must be 0 (never) or above", options.run.save_minutes);
        if (options.prepare) options.prepare(trainer_);
        state_.facts = facts();
    }

    FitResult operator()() {
        begin();
        return state_.finished ? nothing_left() : end(train());
    }

 private:
    bool stopping() const { return options_.stop && options_.stop(); }
    bool out_of_patience() const {
        return gradus::out_of_patience(state_.snapshots, options_.run.patience);
    }
    Index every() const {
        const Index n = options_.run.evaluations;
        return std::max<Index>(1, (options_.training.steps + n - 1) / n);
    }

    Index evaluations_left() const {  // the last one after the last step
        const Index steps = options_.training.steps;
        return (steps - 1) / every() - std::min(state_.step, steps - 1) / every() + 1;
    }

    // The loss, given up between two micro-batches if the run is to stop. The step then has not
    // changed any parameter.
    Trainer::Loss stoppable(const Trainer::Loss& loss) const {
        if (!loss) return loss;
        return [this, loss](Index step, Index micro_batch) {
            if (micro_batch > 0 && stopping()) throw Stopped();
            return loss(step, micro_batch);
        };
    }

    // All steps, and the final evaluation. False if the run was stopped before its end.
    bool train() {
        try {
            look();
            while (!trainer_.done() && !out_of_patience()) {
                if (stopping()) return false;
                step();
                const auto before = Pace::Clock::now();
                const bool evaluated = !trainer_.done() && state_.step % every() == 0;
                if (evaluated) evaluate(Effort::quick);
                observers_.tell([&](Observer& o) { o.stepped(state_); });
                if (evaluated) observers_.tell([&](Observer& o) { o.evaluated(state_); });
                if (evaluated || save_is_due()) save();
                if (evaluated) pace_.add_pause(Pace::since(before));
            }
            save();  // the final evaluation may take long
            if (stopping()) return false;
            evaluate(Effort::full);
            return true;
        } catch (const Stopped&) {
            return false;
        }
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
        f.floor_bits_per_byte = task_.floor_bits_per_byte;
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
        observers_.add(
            std::make_shared<Display>(options_.terminal));  // first: saving takes a while
        if (!options_.folder.empty()) open();
        for (const auto& observer : options_.observers) observers_.add(observer);
        pace_.begin(state_.elapsed);
        saved_ = Pace::Clock::now();
        if (!state_.finished) observers_.tell([&](Observer& o) { o.begun(state_); });
    }

    // Does something that may take long, while the observers hear how far it is.
    template <class F>
    auto showing(const char* what, const F& f) {
        const Progress heard([&](double done) {
            observers_.each([&](Observer& o) { o.busy(state_, what, done); });
        });
        return f();
    }

    // Takes the folder, resumes the run in it if options_.resume allows it, and saves: an unwritable
    // folder is found before training starts.
    void open() {
        require_wanted();
        checkpoint_.open();
        require_wanted();  // nobody else can write to it any more
        const FileRecords records = holds_run(options_.folder) ? resume() : FileRecords();
        const auto at = records.find("log.csv");
        const Checksum* log = at == records.end() ? nullptr : &at->second;
        showing("saving", [&] { checkpoint_.save(state_, log); });
        observers_.watch([&] {
            log_ = std::make_shared<RunLog>(options_.folder, state_.step, log, state_.snapshots);
            if (!log_->repaired().empty()) observers_.warn(log_->repaired());
        });
        if (log_) observers_.add(log_), observers_.add(std::make_shared<ReportWriter>(log_));
        observers_.add(std::make_shared<Drawings>());
        replay();
    }

    void require_wanted() const {
        const bool there = holds_run(options_.folder);
        if (options_.resume == Resume::no && there)
            throw FileError(options_.folder,
                            "already holds a run (resume it, or choose another folder)");
        if (options_.resume == Resume::yes && !there)
            throw FileError(options_.folder,
                            "holds no run to resume (a run that ended before its first save starts "
                            "again with the command that started it)");
    }

    FileRecords resume() {
        const Description description(options_.folder);
        description.require_same(sections_);
        RunResult result;
        description.read(result);
        for (const std::string& line : checkpoint_.resume(description, trainer_))
            observers_.warn(line);
        restore(result, trainer_.steps_done(), state_);
        state_.finished = result.finished && (trainer_.done() || ran_out_of_patience(result));
        // Otherwise the model is evaluated here once more, and counts if it did before.
        if (!state_.finished) counts_ = forget_evaluation() || trainer_.done();
        try {
            load_drawings(options_.folder, state_.snapshots);
        } catch (const FileError& error) {
            observers_.watch([&] {
                observers_.warn(fmt::format("{}; set aside as {}", error.what(),
                                            set_aside(in_folder(options_.folder, "inside.json"))));
            });
        }
        return description.files();
    }

    // The model before the first step, if there is anything to see. A run resumed between two
    // evaluations would not have been evaluated here: this one is only shown.
    void look() {
        if (trainer_.done() || !(task_.evaluate || task_.sample || task_.pictures)) return;
        counts_ = counts_ || state_.step % every() == 0;
        const auto before = Pace::Clock::now();
        evaluate(Effort::quick);
        pace_.add_pause(Pace::since(before));
        observers_.tell([&](Observer& o) { o.evaluated(state_); });
        if (!std::exchange(counts_, true)) state_.snapshots.pop_back();
    }

    // The losses of earlier sessions, for the verdict; their last step is evaluated again.
    void replay() {
        if (!log_) return;
        for (const LogRow& row : log_->rows()) {
            if (std::isfinite(row.loss)) health_.step(row.loss);
            if (std::isfinite(row.val) && (row.step < state_.step || state_.finished))
                health_.validated(row.val, std::numeric_limits<double>::infinity());
        }
    }

    void step() {
        const auto before = Pace::Clock::now();
        const StepReport report = trainer_.step();
        pace_.add_step(Pace::since(before));
        state_.step = report.step;
        state_.last_loss = report.loss;
        if (!std::isfinite(state_.loss)) state_.loss = report.loss;
        state_.loss += newest_weight(report.step) * (report.loss - state_.loss);
        state_.lr = report.lr;
        state_.gradient_norm = report.gradient_norm;
        state_.ratio_is_new = std::isfinite(report.update_ratio);
        if (state_.ratio_is_new) state_.update_ratio = report.update_ratio;
        state_.rate = (task_.items ? static_cast<double>(task_.items()) : 1) / pace_.step();
        state_.eta =
            pace_.left(state_.facts.steps - report.step, evaluations_left(), task_.full_effort);
        state_.elapsed = pace_.elapsed();
        state_.val_is_new = false;
        health_.step(report.loss);
        state_.health = health_.verdict();
    }

    void measure(Effort effort) {
        const auto before = Pace::Clock::now();
        const Evaluation e = showing("evaluating", [&] { return task_.evaluate(effort); });
        if (effort == Effort::quick) pace_.add_evaluation(Pace::since(before));
        state_.val = e.loss;
        state_.accuracy = e.accuracy;
        if (e.bytes > 0) state_.bits_per_byte = bits_per_byte(e.loss, e.tokens, e.bytes);
        health_.validated(e.loss, e.standard_error);
        state_.health = health_.verdict();
        if (!std::isfinite(state_.loss)) state_.loss = e.loss;
    }

    // Evaluates the model, and takes a snapshot. Which step was the best is told from one measure:
    // where a full evaluation reads more of the held-out data, a quick one comes before it.
    void evaluate(Effort effort) {
        if (task_.evaluate) measure(task_.full_effort > 1 ? Effort::quick : effort);
        if (task_.evaluate && counts_ && !(state_.best_val <= state_.val)) {
            state_.best_val = state_.val, state_.best_step = state_.step;
            if (options_.run.keep_best && !options_.folder.empty()) checkpoint_.keep_best();
        }
        Snapshot snapshot{.step = state_.step, .val = state_.val};
        state_.val_is_full = effort == Effort::full;
        if (task_.evaluate && state_.val_is_full && task_.full_effort > 1) measure(effort);
        state_.val_is_new = true;
        state_.elapsed = pace_.elapsed();
        if (task_.sample)
            snapshot.text = showing("writing a sample", [&] { return task_.sample(); });
        if (pictures_) pictures_ = observers_.watch([&] { snapshot.drawings = task_.pictures(); });
        state_.snapshots.push_back(std::move(snapshot));
    }

    bool save_is_due() const {
        const double minutes = options_.run.save_minutes;
        return minutes > 0 && Pace::since(saved_) >= 60 * minutes;
    }

    void write_checkpoint() {
        if (options_.folder.empty()) return;
        saved_ = Pace::Clock::now();
        showing("saving", [&] { checkpoint_.save(state_, log_ ? log_->record() : nullptr); });
        save_failed_ = false;
    }

    // One checkpoint of several: if it cannot be written, the last one is still whole, and the next
    // may succeed.
    void save() {
        try {
            write_checkpoint();
        } catch (const NotFiniteError&) {
            throw;
        } catch (const std::exception& error) {
            if (!std::exchange(save_failed_, true))
                observers_.warn(
                    fmt::format("{}; the checkpoint of step {} is whole; continuing, and trying "
                                "again later",
                                error.what(), checkpoint_.saved_step()));
        }
    }

    void last_save() {
        try {
            write_checkpoint();
        } catch (const FileError& error) {
            throw FileError(options_.folder,
                            fmt::format("step {} is not saved: {}; the checkpoint of step {} is "
                                        "whole",
                                        state_.step, error.what(), checkpoint_.saved_step()));
        }
    }

    FitResult end(bool finished) {
        state_.elapsed = pace_.elapsed();
        if (finished) state_.eta = 0, state_.finished = true;
        last_save();  // before the examination, which may take a while and changes nothing saved
        if (finished) {
            observers_.tell([&](Observer& o) { o.evaluated(state_); });
            if (task_.examine) examine();
        }
        observers_.tell([&](Observer& o) { o.ended(state_, finished); });
        if (finished) save();  // only run.json: log.csv has got its last row
        return {.finished = finished,
                .stopped_early = finished && !trainer_.done(),
                .result = result_of(state_),
                .health = state_.health};
    }

    // What an earlier session has finished is only told, and nothing changed.
    FitResult nothing_left() {
        state_.health = health_.verdict();
        const RunFacts& f = state_.facts;
        const bool live = options_.terminal.live;
        std::string loss;
        if (std::isfinite(state_.val))  // without an evaluation, there is none
            loss = (live ? ", with a validation loss of " : " val=") +
                   fmt::format("{:.4f}", state_.val);
        std::string said = fmt::format("finished steps={}{} out={}", state_.step, loss, f.folder);
        if (live) {
            said = fmt::format("{} was finished after {} steps{}.", f.folder, state_.step, loss);
            if (!f.resume_command.empty())
                said += fmt::format(
                    " To go on: {} --{}", f.resume_command,
                    trainer_.done() ? fmt::format("steps {}", 2 * state_.step) : "patience 0");
            said = wrapped(said);
        }
        observers_.note(said);
        return {.finished = true,
                .stopped_early = !trainer_.done(),
                .was_finished = true,
                .result = result_of(state_),
                .health = state_.health};
    }

    // Before its last evaluation, which may be a lower loss.
    bool ran_out_of_patience(RunResult result) const {
        if (!result.snapshots.empty()) result.snapshots.pop_back();
        return gradus::out_of_patience(result.snapshots, options_.run.patience);
    }

    bool forget_evaluation() {
        return std::erase_if(state_.snapshots,
                             [&](const Snapshot& old) { return old.step >= state_.step; }) > 0;
    }

    void examine() {
        try {
            state_.finding = showing("examining", [&] { return task_.examine(); });
        } catch (const Stopped&) {  // the run itself is complete
            return;
        }
        const Finding& found = state_.finding;
        observers_.note(options_.terminal.live ? "\n" + wrapped(found.words) : found.key_values);
    }

    const Task& task_;
    FitOptions options_;
    const std::vector<NamedParameter>& parameters_;
    Trainer trainer_;
    std::vector<ConfigSection> sections_;
    Checkpoint checkpoint_;
    HealthMonitor health_;
    RunState state_;
    Observers observers_;
    std::shared_ptr<RunLog> log_;
    bool pictures_ = task_.pictures != nullptr;
    Pace pace_;
    Pace::Clock::time_point saved_{};           // when a save was last tried
    bool save_failed_ = false, counts_ = true;  // counts_: evaluations do, for best and patience
};

}  // namespace

FitResult fit(const std::vector<NamedParameter>& parameters, const std::vector<Field>& model_config,
              const Task& task, const FitOptions& options) {
    return Run(parameters, model_config, task, options)();
}

}  // namespace gradus

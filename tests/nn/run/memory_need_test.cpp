// SPDX-License-Identifier: MIT
// The memory that a run is predicted to take, against what it takes.
#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "nn/run/presets.h"
#include "nn/run/text_run.h"
#include "tensor/memory.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

std::string some_text() {
    std::string text;
    Random random(1);
    while (text.size() < 60'000) text += static_cast<char>(' ' + random.below(90));
    return text;
}

// Need divided by what the pool took from the system for a whole run of two steps.
double predicted_share(const std::string& name, const std::function<void(TextRun&)>& change) {
    TextData data(name, {}, 1);
    TextRun run = preset_run(preset("quick"), name, data);
    run.training.steps = 2;
    run.run.evaluations = 1;
    change(run);
    const double need = memory_need(run, data).total();
    trim_memory();
    const std::size_t before = memory_stats().system_bytes;
    std::size_t most = 0;
    const auto note = [&] { most = std::max(most, memory_stats().system_bytes - before); };
    {
        Gpt model(run.gpt(), 1);
        Task task = text_task(run, model, data);
        Trainer trainer(make_optimiser(named_parameters(model), run.training), run.training,
                        task.loss);
        trainer.step(), trainer.step(), note();
        task.evaluate(Effort::quick), note();
        task.evaluate(Effort::full), note();
        if (task.examine) task.examine(), note();
    }
    trim_memory();
    return need / static_cast<double>(most);
}

}  // namespace

TEST_CASE(
    "the memory of a run is predicted within a factor of two, whatever needs the most of it (1 "
    "s)") {
    if (kSanitized) return;  // the pool keeps nothing
    const SavedSettings saved;
    set_threads(2);
    const TemporaryFolder folder;
    const std::string file = folder.file("text");
    write_file(file, some_text());
    const auto check = [&](const std::string& name, const std::function<void(TextRun&)>& change) {
        const double share = predicted_share(name, change);
        CHECK(share > 0.75);
        CHECK(share < 2);
    };
    check(file, [](TextRun& run) {  // evaluation
        run.gpt().layers = 1, run.gpt().width = 32, run.gpt().heads = 2, run.batch = 4;
    });
    check(file, [](TextRun& run) {  // activations
        run.gpt().layers = 4, run.gpt().width = 32, run.gpt().heads = 2, run.batch = 128;
        run.gpt().context = 32;
    });
    check(file, [](TextRun& run) {  // the same, with dropout
        run.gpt().layers = 4, run.gpt().width = 32, run.gpt().heads = 2, run.batch = 128;
        run.gpt().context = 32, run.gpt().dropout = Real(0.1);
    });
    check(file, [](TextRun& run) {  // the same, recomputed
        run.gpt().layers = 4, run.gpt().width = 32, run.gpt().heads = 2, run.batch = 128;
        run.gpt().context = 32, run.training.recompute = true;
    });
    check(file, [](TextRun& run) {  // parameters
        run.gpt().layers = 1, run.gpt().width = 510, run.batch = 1, run.gpt().context = 4;
    });
    check("tales", [](TextRun& run) {  // the stories that are checked
        run.gpt().layers = 3, run.gpt().width = 32, run.gpt().heads = 2, run.batch = 2;
    });
}

TEST_CASE("a run that cannot fit is refused with what it would take and a hint") {
    TextData data("tales", {}, 1);
    TextRun run = preset_run(preset("quick"), "tales", data);
    require_memory(run, data);
    run.gpt().width = 65536, run.gpt().layers = 1000, run.batch = 65536;
    std::string message;
    try {
        require_memory(run, data);
    } catch (const std::invalid_argument& error) {
        message = error.what();
    }
    for (const char* part : {"gpt: training takes about ", " PB (", " parameters, ",
                             "--batch 65536, ", " leaves ", " GB (a smaller --batch"}) {
        CAPTURE(message);
        CHECK(contains(message, part));
    }
}

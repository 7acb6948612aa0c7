// SPDX-License-Identifier: MIT
// The held-out loss of a text run in bits per byte: exact, and comparable between tokenizers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "nn/data/bits_per_byte.h"
#include "nn/data/text_data.h"
#include "nn/files/atomic_file.h"
#include "nn/run/presets.h"
#include "nn/run/text_run.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/run/quiet_output.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

constexpr const char* kChoices[] = {"characters", "bytes", "bpe:60"};

// A model of one layer whose logits are all zero: each token costs ln V.
struct UniformRun {
    TextData data;
    TextRun run;
    Gpt model;

    UniformRun(const std::string& name, const std::string& tokens)
        : data(name, TokenizerChoice::of(tokens), 1),
          run(preset_run(preset("micro"), name, data)),
          model((run.training.steps = 1, run.training.warmup = 1, run.training.lr = 1e-9,
                 run.run.evaluations = 1, run.gpt()),
                1) {
        for (const NamedParameter& parameter : named_parameters(model)) {
            Tensor value = parameter.variable.value();
            for (Index i = 0; i < value.count(); ++i) value[i] = 0;
        }
    }
};

// The text that is held out, as it is predicted.
std::string predicted(const TextData& data, bool all, Index T) {
    std::string text;
    for (const Batch& batch : data.validation(all, 64, T))
        for (const int id : batch.targets.id)
            if (id >= 0) text += data.tokenizer().decode({id});
    return text;
}

}  // namespace

TEST_CASE("a text's loss in bits per byte counts exactly the bytes that are predicted") {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < (kSanitized ? 150 : 700); ++i)
        text += fmt::format("第{}页 the cat sat on the mat\n", i % 90);
    write_file(folder.file("text"), text);
    for (const std::string& name : {folder.file("text"), std::string("sums")})
        for (const char* choice : kChoices) {
            CAPTURE(name);
            CAPTURE(choice);
            UniformRun uniform(name, choice);
            const Task task = text_task(uniform.run, uniform.model, uniform.data);
            for (const Effort effort : {Effort::quick, Effort::full}) {
                if (effort == Effort::full && uniform.data.source()) continue;  // takes long
                const Evaluation e = task.evaluate(effort);
                const std::string held_out =
                    predicted(uniform.data, effort == Effort::full, uniform.run.gpt().context);
                const double bytes = double(held_out.size()), tokens = double(e.tokens);
                CHECK(double(e.bytes) == bytes);
                CHECK(e.loss == doctest::Approx(std::log(double(uniform.run.gpt().vocabulary))));
                CHECK(bits_per_byte(e.loss, e.tokens, e.bytes) ==
                      doctest::Approx(std::log2(double(uniform.run.gpt().vocabulary)) * tokens /
                                      bytes));
            }
        }
}

TEST_CASE("every tokenizer predicts the same bytes of held-out documents, above the same floor" *
          kFullSpeedOnly) {
    std::string first;
    for (const char* choice : kChoices) {
        CAPTURE(choice);
        const TextData data("tales-zh", TokenizerChoice::of(choice), 1);
        const std::string text = predicted(data, true, data.longest());
        if (first.empty()) first = text;
        CHECK(text == first);
        CHECK(data.floor_bits_per_byte() ==
              doctest::Approx(bits_per_byte(data.source()->floor(), utf8_count(text),
                                            static_cast<Index>(text.size()))));
    }
    // ASCII: a byte is a character.
    const TextData tales("tales", {}, 1);
    CHECK(tales.floor_bits_per_byte() == doctest::Approx(tales.floor() / std::log(2.0)));
    const TextData bytes("names", {Tokenizer::Kind::bytes}, 1);  // each character is one
    CHECK(bytes.floor_bits_per_byte() > 0);
    CHECK(bytes.floor() == doctest::Approx(bytes.source()->floor()));
}

TEST_CASE("a run ends with its loss in bits per byte, and keeps it" * kFullSpeedOnly) {
    const TemporaryFolder folder;
    UniformRun uniform("names", "bpe:60");
    Task task = text_task(uniform.run, uniform.model, uniform.data);
    task.examine = {};
    QuietOutput output;
    const FitResult fitted = fit(uniform.model, task,
                                 {.folder = folder.file("run"),
                                  .training = uniform.run.training,
                                  .run = uniform.run.run,
                                  .terminal = {}});
    const RunResult& result = fitted.result;
    const double bits = uniform.data.uniform_baseline() / std::log(2.0);
    CHECK(result.bits_per_byte > bits / 4);  // tokens are not that long
    CHECK(result.bits_per_byte < bits);
    CHECK(contains(output.text(), fmt::format(" bits_per_byte={:.4f} floor_bits_per_byte={:.4f} ",
                                              result.bits_per_byte, result.floor_bits_per_byte)));
    const TextRun saved = load_text_run(folder.file("run"));
    CHECK(saved.result.bits_per_byte == result.bits_per_byte);
    CHECK(saved.result.floor_bits_per_byte == uniform.data.floor_bits_per_byte());
    CHECK(contains(read_file(folder.file("run/report.html")), "<h2>Loss per byte</h2>"));
}

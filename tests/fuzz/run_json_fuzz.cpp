// SPDX-License-Identifier: MIT
// The description of a run, and the model that it describes.
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/run/text_run.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string description() {
    TextRun run;
    run.tokenizer = Tokenizer::characters("abc\n");
    run.gpt().vocabulary = 4;
    run.prompt = "a", run.stop = "\n";
    save_description(fuzz::folder(),
                     {{"model", fields_of(run.model)},
                      {"training", fields_of(run.training)},
                      {"training", fields_of(run.run)},
                      {"training", run.batch_fields()},
                      {"", fields_of(run)}},
                     {.snapshots = {{.step = 1, .val = 2, .text = "ab"}}},
                     [&](nlohmann::json& json) { json["vocabulary"] = run.tokenizer.to_json(); });
    return read_file(fuzz::folder() + "/run.json");
}

static const fuzz::Reader run_json_reader("run_json",
                                          [](std::string_view text) {
                                              fuzz::file("run.json", text);
                                              TextRun run = load_text_run(fuzz::folder());
                                              fuzz::check(parameter_count(run.model) > 0,
                                                          "parameter_count");
                                              command_of(run);
                                              load_text_model(fuzz::folder(),
                                                              run);  // there is none
                                          },
                                          {description()});

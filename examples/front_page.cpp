// SPDX-License-Identifier: MIT
// Draws the picture at the top of README.md from a run saved by ./gradus gpt:
//     ./gradus example front_page runs/tales-quick picture.json "Lily Owl found nine"
//     ./gradus example front_page picture.json picture.svg
// The first command reads the run's folder, lets the model continue the lines given, and saves all
// that the picture shows in a small file; the second draws it. front_page.json and front_page.svg
// were made this way; a test draws the picture again and compares.
#include <cmath>
#include <cstdio>
#include <exception>

#include "nn/all.h"

using namespace gradus;

namespace {

// The answer that ./gradus chat gives to the first line typed.
std::string answer(const TextRun& run, const TextModel& model, const std::string& typed) {
    Random random(1, Stream::sampling);
    const GenerateOptions how{
        .context = model.context(), .tokens = model.context(), .stop = run.eos()};
    std::string text =
        run.tokenizer.decode(generate(with_kv_cache(model), run.opening(typed), how, random));
    if (text.ends_with('\n')) text.pop_back();
    return typed + text;
}

// 352032 as 352,032.
std::string with_commas(Index n) {
    std::string digits = std::to_string(n);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

RunPicture record(const std::string& folder, const std::vector<std::string>& typed) {
    const TextRun run = load_text_run(folder);
    const TextModel model = load_text_model(folder, run);
    const auto source = text_source(run.data);
    RunPicture picture{
        .command = "./gradus gpt",
        .model = fmt::format("{} layers, {} heads, d_model {}, {} parameters", model.layers(),
                             model.heads(), model.width(), with_commas(parameter_count(run.model))),
        .unit = "character",
        .vocabulary = static_cast<int>(model.vocabulary()),
        .floor = source->floor(),
        .steps = static_cast<int>(run.result.steps)};

    HealthMonitor health(std::log(picture.vocabulary), picture.floor, run.result.steps);
    std::vector<std::pair<int, double>> losses;
    for (const LogRow& row : read_log(in_folder(folder, "log.csv"), run.result.steps)) {
        if (std::isfinite(row.loss)) {
            losses.emplace_back(static_cast<int>(row.step), row.loss);
            health.step(row.loss);
        }
    }
    picture.loss = thin(losses);
    for (const Snapshot& sample : run.result.snapshots) {
        const int step = static_cast<int>(sample.step);
        picture.val.emplace_back(step, std::round(sample.val * 1e4) / 1e4);
        if (step == 0 || step == run.result.steps / 10 || step == run.result.steps)
            picture.samples.push_back(
                {step, picture.val.back().second,
                 static_cast<int>(source->violations(sample.text + "\n").size()), sample.text});
    }
    picture.verdict = health.verdict().words;
    for (const std::string& line : typed) picture.talk.push_back({line, answer(run, model, line)});
    return picture;
}

}  // namespace

int main(int argc, char** argv) try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 2) {
        fmt::print(
            "Two ways to call it:\nfront_page RUN RECORD.json [TYPED ..]\n"
            "front_page RECORD.json PICTURE.svg\n");
        return 0;
    }
    if (words[0].ends_with(".json"))
        write_picture(words[1], run_picture(read_file(words[0])));
    else
        write_file(words[1], to_json(record(words[0], {words.begin() + 2, words.end()})));
    fmt::print("Wrote {}\n", words[1]);
} catch (const std::exception& error) {
    fmt::print(stderr, "front_page: {}\n", error.what());
    return 2;
}

// SPDX-License-Identifier: MIT
// Runs on disk: everything comes back, and whatever is damaged is refused in one line that names
// the file.
#include "nn/run/text_run.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "autograd/cross_entropy.h"
#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "nn/files/weights/safetensors.h"
#include "nn/files/weights/weights.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/small_gpt.h"
#include "tests/text.h"

using namespace gradus;
using nlohmann::json;

namespace {

// Saves as a checkpoint does, without a trainer.
void save_text_run(const std::string& folder, TextRun run, Gpt& model) {
    std::vector<ConfigSection> sections = run.sections();
    sections.insert(sections.end(), {{"model", fields_of(run.model)},
                                     {"training", fields_of(run.training)},
                                     {"training", fields_of(run.run)}});
    make_folder(folder);
    save(in_folder(folder, "model.safetensors"), model);
    save_description(folder, sections, run.result,
                     [&](json& j) { j["vocabulary"] = run.tokenizer.to_json(); });
}

TextRun some_run() {
    TextRun r;
    r.tokenizer = Tokenizer::characters("\n aeiß漢");
    r.model = GptConfig{.layers = 2,
                        .heads = 3,
                        .width = 6,
                        .context = 5,
                        .vocabulary = r.tokenizer.size(),
                        .dropout = Real(0.125),
                        .bias = Bias::no};
    r.data = "/a folder/\"quoted\" \\ text ü.txt";
    r.preset = "char";
    r.prompt = "ae 漢";
    r.stop = "\n";
    r.training = {.steps = 1234,
                  .accumulate = 3,
                  .warmup = 17,
                  .lr = 0.1 + 0.2,  // not representable in a few digits
                  .min_lr = 1e-300,
                  .clip = 0,
                  .adamw = {.beta1 = Real(0.85),
                            .beta2 = Real(0.985),
                            .eps = Real(1e-7),
                            .decay = Real(0.05)},
                  .seed = std::numeric_limits<std::uint64_t>::max(),
                  .bf16 = true,
                  .optimiser = "muon",
                  .schedule = "wsd",
                  .momentum = 0.9,
                  .cooldown = 0.3};
    r.batch = 7;
    r.result.steps = 99;
    r.result.val = 1.0 / 3;
    r.result.floor = 0.140123456789;
    r.result.bits_per_byte = 2.0 / 3;
    r.result.floor_bits_per_byte = 0.202123456789;
    r.result.seconds = 12.5;
    r.result.snapshots = {{.step = 40, .val = 0.1 + 0.2, .text = "ae \"漢\"\n"}};
    return r;
}

// A small run on the disk, and the ways to damage it.
struct SavedRun {
    TemporaryFolder folder;
    TextRun info = some_run();
    Gpt model{info.gpt(), 1};
    SavedRun() { save_text_run(folder.path(), info, model); }

    // Without its checksum, as version 0.1 wrote it: so the other rules show.
    json description() const { return parse_checked_json(read_file(folder.file("run.json"))); }
    void write(const json& j) const { std::ofstream(folder.file("run.json")) << j.dump(); }
};

// The message of the FileError that `f` throws; fails the test unless it is one line that begins
// with this file's path.
template <class F>
std::string file_error(const std::string& path, const F& f) {
    try {
        f();
    } catch (const FileError& error) {
        const std::string message = error.what();
        CHECK(message.rfind(path + ": ", 0) == 0);
        CHECK(message.find('\n') == std::string::npos);
        CHECK(message.size() < 400);
        return message.substr(std::min(message.size(), path.size() + 2));
    } catch (const std::exception& error) {
        FAIL_CHECK("not a FileError: ", error.what());
        return "";
    }
    FAIL_CHECK("nothing was thrown");
    return "";
}

}  // namespace

TEST_CASE("every field of a run comes back as it was, to the bit") {
    SavedRun saved;
    const TextRun& a = saved.info;
    const TextRun b = load_text_run(saved.folder.path());
    CHECK(b.model == a.model);
    CHECK(b.tokenizer == a.tokenizer);
    CHECK(b.data == a.data);
    CHECK(b.preset == a.preset);
    CHECK(b.prompt == a.prompt);
    CHECK(b.stop == a.stop);
    CHECK(b.training.steps == a.training.steps);
    CHECK(b.training.accumulate == a.training.accumulate);
    CHECK(b.training.warmup == a.training.warmup);
    CHECK(b.training.lr == a.training.lr);
    CHECK(b.training.min_lr == a.training.min_lr);
    CHECK(b.training.clip == a.training.clip);
    CHECK(b.training.adamw.beta1 == a.training.adamw.beta1);
    CHECK(b.training.adamw.beta2 == a.training.adamw.beta2);
    CHECK(b.training.adamw.eps == a.training.adamw.eps);
    CHECK(b.training.adamw.decay == a.training.adamw.decay);
    CHECK(b.training.seed == a.training.seed);
    CHECK(b.training.bf16 == a.training.bf16);
    CHECK(b.training.optimiser == a.training.optimiser);
    CHECK(b.training.schedule == a.training.schedule);
    CHECK(b.training.momentum == a.training.momentum);
    CHECK(b.training.cooldown == a.training.cooldown);
    CHECK(b.training == a.training);
    CHECK(b.batch == a.batch);
    CHECK(b.result.steps == a.result.steps);
    CHECK(b.result.val == a.result.val);
    CHECK(b.result.floor == a.result.floor);
    CHECK(b.result.bits_per_byte == a.result.bits_per_byte);
    CHECK(b.result.floor_bits_per_byte == a.result.floor_bits_per_byte);
    CHECK(b.result.seconds == a.result.seconds);
    REQUIRE(b.result.snapshots.size() == 1);
    CHECK(b.result.snapshots[0].step == 40);
    CHECK(b.result.snapshots[0].val == 0.1 + 0.2);
    CHECK(b.result.snapshots[0].text == "ae \"漢\"\n");

    TextModel loaded = load_text_model(saved.folder.path(), b);
    CHECK(same_parameters(loaded, copy_parameters(saved.model)));
    const Tokens ids = random_tokens({2, 5}, a.gpt().vocabulary, 3);
    CHECK(same_bits(loaded(ids).value(), saved.model(ids).value()));
}

TEST_CASE("a run on bytes, without a floor, a stop or a finite loss comes back too") {
    const TemporaryFolder folder;
    TextRun run = some_run();
    run.tokenizer = Tokenizer::bytes();
    run.gpt().vocabulary = 256;
    run.prompt = "\x01 any";
    run.stop = "";
    run.result.floor = -1;
    run.result.val = NAN;
    run.result.snapshots = {{.step = 0, .val = NAN, .text = "a\xFF"}};
    Gpt model(run.gpt(), 1);
    const std::string deep = folder.file("new/folders are made");
    save_text_run(deep, run, model);
    const TextRun back = load_text_run(deep);
    CHECK(back.tokenizer.kind() == Tokenizer::Kind::bytes);
    CHECK(back.prompt == run.prompt);
    CHECK(back.stop.empty());
    CHECK(back.result.floor < 0);
    CHECK(std::isnan(back.result.val));
    CHECK(std::isnan(back.result.snapshots.at(0).val));
    CHECK(back.result.snapshots.at(0).text ==
          "a\xEF\xBF\xBD");  // what is not UTF-8 cannot be in JSON
}

TEST_CASE("saving again replaces the run and leaves no other files") {
    SavedRun saved;
    saved.info.result.steps = 100;
    saved.model.token.weight.value().fill(Real(0.5));
    save_text_run(saved.folder.path(), saved.info, saved.model);
    CHECK(saved.folder.files() == 2);
    CHECK(load_text_run(saved.folder.path()).result.steps == 100);
    TextModel loaded = load_text_model(saved.folder.path(), saved.info);
    CHECK(same_parameters(loaded, copy_parameters(saved.model)));
}

TEST_CASE("a run description without one of its fields is refused with the field's name") {
    const SavedRun saved;
    const json whole = saved.description();
    const auto load = [&] { load_text_run(saved.folder.path()); };
    int fields = 0;
    const json fields_of_it = whole.flatten();  // "/model/layers": 2, ...
    for (const auto& entry : fields_of_it.items()) {
        const std::string pointer = entry.key();
        const json::json_pointer at(pointer);
        const std::string name = at.back();
        // Fields that version 0.1 did not write, or not always.
        const std::vector<std::string> newer = {"/result/floor",
                                                "/result/finished",
                                                "/result/accuracy",
                                                "/result/best_val",
                                                "/result/best_step",
                                                "/training/bf16",
                                                "/training/evaluations",
                                                "/training/patience",
                                                "/training/keep_best",
                                                "/training/optimiser",
                                                "/training/schedule",
                                                "/training/momentum",
                                                "/training/cooldown",
                                                "/training/recompute",
                                                "/training/save_minutes",
                                                "/data_crc64",
                                                "/name",
                                                "/init",
                                                "/tokens_from",
                                                "/training/window",
                                                "/result/bits_per_byte",
                                                "/result/floor_bits_per_byte"};
        if (std::find(newer.begin(), newer.end(), pointer) != newer.end()) continue;
        CAPTURE(pointer);
        json damaged = whole;
        damaged[at.parent_pointer()].erase(name);
        saved.write(damaged);
        CHECK(contains(file_error(saved.folder.file("run.json"), load), name));
        ++fields;
    }
    CHECK(fields >= 29);
    for (const char* group : {"model", "vocabulary", "training", "result"}) {
        json damaged = whole;
        damaged.erase(group);
        saved.write(damaged);
        CHECK(contains(file_error(saved.folder.file("run.json"), load), group));
    }
    saved.write(whole);
    load();
}

TEST_CASE("a run description with a field of the wrong type is refused with the field's name") {
    const SavedRun saved;
    const json whole = saved.description();
    const auto load = [&] { load_text_run(saved.folder.path()); };
    const json fields_of_it = whole.flatten();  // "/model/layers": 2, ...
    for (const auto& entry : fields_of_it.items()) {
        const std::string pointer = entry.key();
        CAPTURE(pointer);
        const json::json_pointer at(pointer);
        std::vector<json> wrong = {json::array(), json::object(), json::array({1})};
        if (at.back() != "val" && at.back() != "accuracy" && at.back() != "best_val")
            wrong.push_back(nullptr);
        wrong.push_back(entry.value().is_string() ? json(7) : json("7"));
        if (!entry.value().is_boolean()) wrong.push_back(true);
        for (const json& replacement : wrong) {
            CAPTURE(replacement.dump());
            json damaged = whole;
            damaged[at] = replacement;
            saved.write(damaged);
            CHECK(contains(file_error(saved.folder.file("run.json"), load), at.back()));
        }
    }
    for (const char* text : {"[]", "7", "null", "\"text\"", "[{\"format\": \"gradus-run-1\"}]"}) {
        write_file(saved.folder.file("run.json"), text);
        file_error(saved.folder.file("run.json"), load);
    }
}

TEST_CASE("an unknown field is refused with its name and the nearest known one") {
    const SavedRun saved;
    const json whole = saved.description();
    for (const auto& [place, near] :
         std::vector<std::pair<std::string, std::string>>{{"/model/lyers", "layers"},
                                                          {"/training/step", "steps"},
                                                          {"/promt", "prompt"},
                                                          {"/result/vale", "val"}}) {
        const std::string pointer = place;
        CAPTURE(pointer);
        json damaged = whole;
        damaged[json::json_pointer(pointer)] = 1;
        saved.write(damaged);
        const std::string message =
            file_error(saved.folder.file("run.json"), [&] { load_text_run(saved.folder.path()); });
        CHECK(contains(message, json::json_pointer(pointer).back()));
        CHECK(contains(message, "did you mean \"" + near + "\"?"));
    }
}

TEST_CASE("a run of version 0.1 is loaded: older names of weights, fewer fields") {
    SavedRun saved;
    json old = saved.description();
    for (const char* pointer :
         {"/result/accuracy", "/result/best_val", "/result/best_step", "/training/evaluations",
          "/training/patience", "/training/keep_best", "/training/optimiser", "/training/schedule",
          "/training/momentum", "/training/cooldown"}) {
        const json::json_pointer at(pointer);
        old[at.parent_pointer()].erase(at.back());
    }
    saved.write(old);
    std::vector<NamedTensor> tensors;
    int renamed = 0;
    for (const auto& p : named_parameters(saved.model)) {
        std::string name = p.name;
        const auto replace = [&](const std::string& now, const std::string& then) {
            const auto at = name.find(now);
            if (at == name.npos) return;
            name.replace(at, now.size(), then);
            ++renamed;
        };
        replace("mlp.up.", "mlp.widen."), replace("mlp.down.", "mlp.narrow.");
        for (const char* norm : {"norm", "norm1", "norm2"})
            replace(std::string(norm) + ".weight", std::string(norm) + ".gain");
        tensors.push_back({name, p.variable.value()});
    }
    CHECK(renamed == 2 * (2 + 2) + 1);
    save_safetensors(saved.folder.file("model.safetensors"), tensors);
    const TextRun run = load_text_run(saved.folder.path());
    CHECK(run.training.optimiser == "adamw");
    CHECK(run.training.schedule == "cosine");
    TextModel loaded = load_text_model(saved.folder.path(), run);
    CHECK(same_parameters(loaded, copy_parameters(saved.model)));
}

TEST_CASE("a run description with impossible values is refused with the rule") {
    const SavedRun saved;
    const json whole = saved.description();
    const auto message = [&](const char* pointer, const json& value) {
        json damaged = whole;
        damaged[json::json_pointer(pointer)] = value;
        saved.write(damaged);
        return file_error(saved.folder.file("run.json"),
                          [&] { load_text_run(saved.folder.path()); });
    };
    CHECK(contains(message("/format", "gradus-run-2"), "this program reads \"gradus-run-1\""));
    CHECK(contains(message("/model/heads", 4), "heads must divide the width"));
    CHECK(contains(message("/model/layers", 0), "0 layers"));
    CHECK(contains(message("/model/layers", 2.5), "must be a whole number"));
    CHECK(contains(message("/model/layers", 18446744073709551615u), "-1 layers"));
    CHECK(contains(message("/model/width", -6), "width -6"));
    CHECK(contains(message("/model/context", std::int64_t{1} << 60), "context"));
    CHECK(contains(message("/model/dropout", 1), "dropout 1"));
    CHECK(contains(message("/model/vocabulary", 8),
                   "the vocabulary lists 7 tokens, the model has 8"));
    CHECK(contains(message("/vocabulary/kind", "bytes"), "the vocabulary lists 256 tokens"));
    CHECK(contains(message("/vocabulary/kind", "words"), "kind \"words\" is unknown"));
    CHECK(contains(message("/vocabulary/characters", "ba"), "increasing order"));
    CHECK(contains(message("/prompt", "xyz"), "'x'"));
    CHECK(contains(message("/stop", "ae"), "one character"));
    CHECK(contains(message("/stop", "?"), "'?'"));
    CHECK(contains(message("/samples", 1), "\"samples\" is not a list"));
    CHECK(contains(message("/samples/0", "text"), "\"samples\" holds string"));
    CHECK(contains(message("/training/batch", 0), "batch"));
    CHECK(contains(message("/training/seed", -1), "seed"));
}

TEST_CASE("a run description that was cut off anywhere is refused") {
    const SavedRun saved;
    const std::string text = read_file(saved.folder.file("run.json"));
    for (std::size_t size = 0; size + 2 < text.size(); size += 31) {
        CAPTURE(size);
        write_file(saved.folder.file("run.json"), text.substr(0, size));
        file_error(saved.folder.file("run.json"), [&] { load_text_run(saved.folder.path()); });
    }
    write_file(saved.folder.file("run.json"), text + "{");
    file_error(saved.folder.file("run.json"), [&] { load_text_run(saved.folder.path()); });
    write_file(saved.folder.file("run.json"), std::string("\xFF\xFE{}\0", 5));
    file_error(saved.folder.file("run.json"), [&] { load_text_run(saved.folder.path()); });
}

TEST_CASE("a folder that is missing, a file, or empty says so") {
    const TemporaryFolder folder;
    CHECK(contains(file_error(folder.file("none"), [&] { load_text_run(folder.file("none")); }),
                   "there is no such folder"));
    write_file(folder.file("file"), "x");
    CHECK(contains(file_error(folder.file("file"), [&] { load_text_run(folder.file("file")); }),
                   "is a file, not a run's folder"));
    const auto error = [&] {
        return file_error(folder.file("run.json"), [&] { load_text_run(folder.path()); });
    };
    CHECK(contains(error(), "cannot read: no such file (so this is not a run's folder)"));
    write_file(folder.file("log.csv"), "step");
    CHECK(contains(error(), "(a run that ended before its first save: start it again as before)"));
}

TEST_CASE("who names the folder that runs lie in is told which there are") {
    const TemporaryFolder folder;
    const auto error = [&] {
        return file_error(folder.file("run.json"), [&] { load_text_run(folder.path()); });
    };
    const auto add = [&](const std::string& name) {
        std::filesystem::create_directory(folder.file(name));
        write_file(folder.file(name + "/run.json"), "{}");
        return folder.file(name);
    };
    CHECK(runs_within(folder.path()).empty());
    const std::string b = add("b");
    CHECK(contains(error(), "cannot read: no such file (runs are in " + b + ")"));
    const std::string a = add("a"), c = add("c");
    CHECK(runs_within(folder.path()) == "runs are in " + a + ", " + b + " and " + c);
    add("d"), add("e");
    CHECK(runs_within(folder.path()) == "runs are in " + a + ", " + b + ", " + c + " and 2 more");
}

TEST_CASE("weights that are missing, cut off or of another model are refused") {
    SavedRun saved;
    const std::string path = saved.folder.file("model.safetensors");
    const std::string whole = read_file(path);
    const auto load = [&] { load_text_model(saved.folder.path(), saved.info); };
    const auto save = [&](Gpt other, const char* rename_from = "", const char* rename_to = "") {
        std::vector<NamedTensor> list;
        for (const auto& p : named_parameters(other))
            list.push_back({p.name == rename_from ? rename_to : p.name, p.variable.value()});
        save_safetensors(path, list);
    };

    std::filesystem::remove(path);
    CHECK(contains(file_error(path, load), "no such file"));
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
        CAPTURE(size);
        write_file(path, whole.substr(0, size));
        file_error(path, load);
    }
    write_file(path, whole + "x");
    file_error(path, load);

    GptConfig config = saved.info.gpt();
    config.layers = 3;
    save(Gpt(config, 1));
    CHECK(contains(file_error(path, load), "the model described by run.json has"));
    config = saved.info.gpt();
    config.width = 12;
    save(Gpt(config, 1));
    CHECK(contains(file_error(path, load), "the model described by run.json has"));
    // As many numbers in the same tensors, but of other shapes: context and vocabulary exchanged.
    config = saved.info.gpt();
    std::swap(config.context, config.vocabulary);
    save(Gpt(config, 1));
    CHECK(contains(file_error(path, load), "has shape"));
    save(Gpt(saved.info.gpt(), 1), "block.1.mlp.down.weight", "block.1.mlp.narow.weight");
    CHECK(contains(file_error(path, load), "no tensor \"block.1.mlp.down.weight\""));

    write_file(path, whole);
    load();
}

TEST_CASE("a description of a giant model is refused before any memory is allocated") {
    SavedRun saved;
    saved.info.gpt().layers = 1000;
    saved.info.gpt().width = 65536 / 3 * 3;
    CHECK(contains(file_error(saved.folder.file("model.safetensors"),
                              [&] { load_text_model(saved.folder.path(), saved.info); }),
                   "the model described by run.json has"));
}

TEST_CASE("a run cannot be saved where no folder can be made") {
    SavedRun saved;
    write_file(saved.folder.file("file"), "x");
    const std::string below = saved.folder.file("file/run");
    CHECK(contains(file_error(below, [&] { save_text_run(below, saved.info, saved.model); }),
                   "cannot create this folder"));
    const std::string file = saved.folder.file("file");
    file_error(file, [&] { save_text_run(file, saved.info, saved.model); });
    CHECK(read_file(file) == "x");
#ifdef __linux__
    file_error("/proc/run", [&] { save_text_run("/proc/run", saved.info, saved.model); });
#endif
}

TEST_CASE("what is resumed is checked: its steps, its tensors, its file") {
    const TemporaryFolder folder;
    const std::string path = folder.file("resume.safetensors");
    const auto make = [](Index layers, Gpt& model) {
        model = Gpt({.layers = layers, .heads = 2, .width = 4, .context = 3, .vocabulary = 5}, 1);
        return Trainer(named_parameters(model), {.steps = 9}, [&](Index, Index) {
            const Tokens ids = random_tokens({1, 3}, 5, 1);
            return cross_entropy(model(ids), ids);
        });
    };
    Gpt small, large;
    Trainer one = make(1, small), two = make(2, large);
    const auto load = [&] { load_resume(path, one); };
    CHECK(contains(file_error(path, load), "no such file"));

    two.step();
    save_resume(path, two);
    CHECK(contains(file_error(path, load), "holds 84 tensors, the model has 48"));
    one.step(), one.step();
    save_resume(path, one);
    CHECK(contains(file_error(path, [&] { load_resume(path, two); }), "no tensor"));
    load();
    CHECK(one.steps_done() == 2);

    const std::string whole = read_file(path);
    for (const std::size_t size : {std::size_t{0}, std::size_t{50}, whole.size() - 4}) {
        write_file(path, whole.substr(0, size));
        file_error(path, load);
    }
    std::vector<NamedTensor> tensors;
    for (const auto& p : one.state()) tensors.push_back({p.name, p.variable.value()});
    for (const char* steps : {"", "-1", "two", "1e3", "99999999999999999999"}) {
        CAPTURE(steps);
        save_safetensors(path, tensors, {{"steps", steps}});
        CHECK(contains(file_error(path, load), "does not say after how many steps"));
    }
    save_safetensors(path, tensors);
    CHECK(contains(file_error(path, load), "does not say after how many steps"));
}

// SPDX-License-Identifier: MIT
// A GPT on a learner's parts: the program, its receipt, and the search for the part that breaks it.
#include "lessons/mine/receipt.h"

#include <sstream>

#include "lessons/runner/mine.h"
#include "tensor/error.h"
#include "tests/lessons/solved.h"

using namespace gradus;
using namespace gradus::lessons;

namespace {

const std::string kBlame = GRADUS_BINARY_DIR "/bin/gradus-blame";
const std::string kGpt = GRADUS_BINARY_DIR "/bin/gradus-gpt";

ProcessResult blame(const Words& answers) {
    Words command = {kBlame};
    command.insert(command.end(), answers.begin(), answers.end());
    ProcessOptions options;
    options.environment = {{"COLUMNS", "200"}};
    return run_to_end(command, options);
}

// The lessons that it names.
Words named(const std::string& out) {
    Words lessons;
    for (const auto& line : lines_of(out))
        if (line.size() > 3 && std::isdigit(static_cast<unsigned char>(line[0])))
            lessons.push_back(line.substr(0, line.find(':')));
    return lessons;
}

std::vector<double> losses_of(const std::string& log) {
    std::vector<double> losses;
    for (const auto& line : lines_of(log)) {
        if (line.empty() || !std::isdigit(static_cast<unsigned char>(line[0]))) continue;
        const std::string loss = line.substr(line.find(',') + 1);
        if (loss[0] != ',') losses.push_back(std::stod(loss));  // measured in this step
    }
    return losses;
}

}  // namespace

TEST_CASE("mine: each function's calls are counted, and lines stay where they are") {
    Lesson lesson;
    lesson.number = "42";
    lesson.functions = {"mix", "order", "missing"};
    const std::string text =
        "// mix(x) { is only mentioned\n"
        "const char* words = \"order() {\";\n"
        "inline void mix(Real* y, Index n) {\n"
        "    y[0] = order(n, {1, 2});  /* mix() { */\n"
        "}\n"
        "inline Index\n"
        "order(Index n,\n"
        "      std::vector<Index> list)\n"
        "{ return remix(n) + mixer(list); }\n";
    const std::string now = counted(text, lesson);
    CHECK(now == replaced(replaced(text, "Index n) {\n    y",
                                   "Index n) { gradus::lessons::count(calls_42[0]);\n    y"),
                          "{ return", "{ gradus::lessons::count(calls_42[1]); return"));
    CHECK(lines_of(now).size() == lines_of(text).size());
    CHECK(counted("", lesson).empty());
    CHECK(counted("void mix(Real x", lesson) == "void mix(Real x");
    lesson.functions = {"make_block"};
    const std::string net =
        "struct Block {\n    Variable operator()(Variable x) const { return x; }\n};\n"
        "inline AnyModule make_block(Index C) { return any_module(Block(C)); }\n";
    CHECK(counted_names(net, lesson) == Words{"Block"});
    CHECK(counted(net, lesson) ==
          replaced(net, "const {", "const { gradus::lessons::count(calls_42[0]);"));
    CHECK(keeps_something("void f() { static std::vector<Real> s; }"));
    CHECK(!keeps_something("// static int x\nstatic const int y = static_cast<int>(2.5);"));
}

TEST_CASE("receipt: any changed byte, any lost or moved line is found, with the line") {
    const Words lines = {"gradus receipt 1", "loss 1 3.7 0x1p+1", "yours 16-attention mix 12",
                         "end"};
    const std::string text = chained(lines);
    CHECK(unchained(text, "r.txt") == lines);
    CHECK(about(lines, "yours") == Words{"16-attention mix 12"});
    for (std::size_t i = 0; i < text.size(); ++i) {
        CAPTURE(i);
        std::string other = text;
        other[i] = static_cast<char>(other[i] ^ 1);
        CHECK_THROWS_AS(unchained(other, "r.txt"), FileError);
    }
    const auto message = [&](const std::string& other) -> std::string {
        try {
            unchained(other, "r.txt");
        } catch (const FileError& error) {
            return error.what();
        }
        return "";
    };
    const Words all = lines_of(text);
    CHECK(message(all[0] + "\n" + all[2] + "\n" + all[3] + "\n").find("line 2") !=
          std::string::npos);
    CHECK(message(all[0] + "\n" + all[2] + "\n" + all[1] + "\n" + all[3] + "\n").find("line 2") !=
          std::string::npos);
    CHECK(message(all[0] + "\n" + all[1] + "\n") ==
          "r.txt: ends too early: its last lines are missing");
    CHECK(message(replaced(text, "mix 12", "mix 99")).find("line 3") != std::string::npos);
    const std::string other = "r.txt: is not a receipt of ./gradus gpt --mine (its receipt.txt is)";
    CHECK(message("") == other);
    CHECK(message(chained({"shopping list", "end"})) == other);
    CHECK(message("{\n  \"format\": 2\n}\n") == other);
    CHECK(message(replaced(text, "\n", "\r\n")).find("line ends of Windows") != std::string::npos);
}

TEST_CASE("mine: the reference's parts compute what the library's do, to 1e-9 over 50 steps") {
    const ProcessResult result = run_to_end({kBlame, "equal", "50"});
    CAPTURE(result.out);
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    CHECK(std::stod(result.out) < 1e-9);
}

TEST_CASE("blame: one mistake in any part is laid at the right door, two at both, none at none") {
    // Lesson, mistake, the function that is to be named first.
    const std::vector<std::array<std::string, 3>> mistakes = {
        {"03-matmul", "softmax-down", "softmax_forward"},
        {"03-matmul", "sum-last", "sum_forward"},
        {"05-order", "counts-every-path", "order"},
        {"06-gradients", "gelu-half-the-rule", "gelu_backward"},
        {"08-cross-entropy", "no-onehot", "cross_entropy_backward"},
        {"08-cross-entropy", "column-for-score", "cross_entropy_forward"},
        {"10-modules", "bias-forgotten", "Linear"},
        {"11-adamw", "only-m-corrected", "adamw_step"},
        {"11-adamw", "no-decay", "adamw_step"},
        {"13-embedding", "last-one-wins", "embedding_backward"},
        {"15-tokens", "highest-of-ties", "most_frequent_pair"},
        {"16-attention", "no-root", "attention_scores"},
        {"17-mask", "inverted", "mask_future"},
        {"18-heads", "split-as-reshape", "split_heads"},
        {"18-heads", "scores-no-root", "scores_backward"},
        {"18-heads", "softmax-skipped", "attention_backward"},
        {"19-norm", "n-minus-1", "layer_norm_forward"},
        {"19-norm", "ignores-mean", "layer_norm_backward"},
        {"19-norm", "dgain-not-written", "layer_norm_backward"},
        {"20-positions", "position-from-1", "add_positions"},
        {"21-gpt", "no-gelu", "Mlp"},
        {"21-gpt", "norm-does-nothing", "Block with its Norm"},
        {"22-training", "not-shifted", "story_batch"},
        {"22-training", "no-warmup", "learning_rate"},
        {"22-training", "per-tensor", "clip_gradients"},
        {"23-sampling", "drops-the-crossing", "top_p"},
        {"24-cache", "exchanged", "append"},
        {"24-cache", "position-restarts", "next_scores"},
    };
    for (const auto& row : mistakes) {
        const std::string lesson = row[0], mistake = row[1], function = row[2];
        CAPTURE(lesson);
        CAPTURE(mistake);
        const ProcessResult result = blame({lesson + "=" + mistake});
        CAPTURE(result.out);
        CAPTURE(result.err);
        REQUIRE(result.code == 1);
        CHECK(named(result.out) == Words{lesson});
        CHECK(result.out.find("  " + function) != std::string::npos);
    }
    const ProcessResult both = blame({"11-adamw=no-decay", "16-attention=no-root"});
    CHECK(named(both.out) == Words{"11-adamw", "16-attention"});
    const ProcessResult none = blame({"16-attention=solution", "19-norm=solution"});
    CHECK(none.code == 0);
    CHECK(
        none.out ==
        "None of your 2 lessons changes a digit of it: training, reading with the cache, writing, "
        "tokens.\n");
    CHECK(blame({"16-attention=no-such"}).code == 2);
}

TEST_CASE("mine: the whole GPT on a learner's parts: losses, receipt, replay, chat") {
    const Learner nobody;
    const ProcessResult nothing = nobody.run({"mine", "gpt"});
    CHECK(nothing.code == 2);
    CHECK(nothing.err ==
          "gradus: no lesson has passed yet, so nothing of this GPT would be yours: ./gradus "
          "start\n");

    const Learner learner;
    pass_all(learner);
    const Words options = {"--plain", "--no-chat", "--data",  "tales-zh", "--layers",
                           "2",       "--heads",   "2",       "--width",  "32",
                           "--batch", "4",         "--steps", "10"};
    Words mine = {"mine", "gpt", "--name", "Ada", "--out", learner.path("mine")};
    mine.insert(mine.end(), options.begin(), options.end());
    const ProcessResult ran = learner.run(mine);
    CAPTURE(ran.out);
    CAPTURE(ran.err);
    REQUIRE(ran.code == 0);
    CHECK(ran.out.find("Your parts: 01-counting") != std::string::npos);
    Words built_in = {kGpt, "gpt", "--out", learner.path("library")};
    built_in.insert(built_in.end(), options.begin(), options.end());
    REQUIRE(run_to_end(built_in).code == 0);
    const auto yours = losses_of(read_file(learner.path("mine/log.csv"))),
               ours = losses_of(read_file(learner.path("library/log.csv")));
    REQUIRE(yours.size() == ours.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(yours[i] - ours[i]) < 1e-4);
    }

    // What of the list of lessons is built in: products, and what Muon does with them.
    const std::string path = learner.path("mine/receipt.txt");
    const Words lines = unchained(read_file(path), path);
    for (const auto& line : about(lines, "built-in")) {
        CAPTURE(line);
        const std::string name = line.substr(0, line.find(' '));
        const Words known = {"matmul",    "matmul_backward", "read_strided", "write_strided",
                             "add",       "add_scaled",      "add_strided",  "mul_scalar",
                             "transpose", "sum_squares"};
        CHECK(std::find(known.begin(), known.end(), name) != known.end());
    }
    for (const char* part :
         {"03-matmul softmax_forward", "05-order order", "06-gradients gelu_backward",
          "08-cross-entropy cross_entropy_backward", "11-adamw adamw_step",
          "13-embedding embedding", "16-attention mix", "17-mask mask_future",
          "18-heads scores_backward", "19-norm layer_norm_backward", "20-positions add_positions",
          "21-gpt Block", "22-training clip_gradients", "23-sampling top_p",
          "24-cache next_scores"}) {
        CAPTURE(part);
        bool found = false;
        for (const auto& line : about(lines, "yours")) found = found || line.starts_with(part);
        CHECK(found);
    }
    const ProcessResult shown = learner.run({"receipt", path, "--replay"});
    CAPTURE(shown.out);
    CAPTURE(shown.err);
    CHECK(shown.code == 0);
    CHECK(shown.out.find("the first 5 losses are the same, to the last bit") != std::string::npos);
    write_file(path, replaced(read_file(path), "name Ada", "name Eva"));
    const ProcessResult changed = learner.run({"receipt", path});
    CHECK(changed.code == 2);
    CHECK(changed.err.find("line 3 is not as it was written") != std::string::npos);

    // The chat greets with the name, and says whose calls a reply took.
    ProcessOptions talk;
    talk.environment = learner.environment();
    talk.input = "\n";
    const ProcessResult chat =
        run_to_end({kCourse, "mine", "chat", learner.path("mine"), "--tokens", "5"}, talk);
    CAPTURE(chat.out);
    CHECK(chat.code == 0);
    CHECK(chat.out.find("I am Ada.") != std::string::npos);
    CHECK(chat.out.find("calls into functions that you wrote") != std::string::npos);

    // A text of their own: windows as in lesson 13, and tokens of lesson 15.
    std::string text;
    for (int i = 0; i < 400; ++i)
        text += "a rose is a rose, and so is number " + std::to_string(i) + ".\n";
    write_file(learner.path("my.txt"), text);
    Words own = {"gpt",      "--plain",   "--no-chat", "--data",  learner.path("my.txt"),
                 "--layers", "1",         "--heads",   "2",       "--width",
                 "16",       "--context", "16",        "--batch", "4",
                 "--steps",  "5"};
    const auto with = [&](Words first, const Words& last) {
        first.insert(first.end(), own.begin(), own.end());
        first.insert(first.end(), last.begin(), last.end());
        return first;
    };
    REQUIRE(learner.run(with({"mine"}, {"--out", learner.path("rose")})).code == 0);
    REQUIRE(run_to_end(with({kGpt}, {"--out", learner.path("rose2")})).code == 0);
    const auto theirs = losses_of(read_file(learner.path("rose/log.csv"))),
               library = losses_of(read_file(learner.path("rose2/log.csv")));
    REQUIRE(theirs.size() == library.size());
    for (std::size_t i = 0; i < library.size(); ++i) CHECK(std::abs(theirs[i] - library[i]) < 1e-4);
    REQUIRE(learner.run(with({"mine"}, {"--tokenizer", "bpe:8", "--out", learner.path("rose3")}))
                .code == 0);
    const std::string merged = read_file(learner.path("rose3/receipt.txt"));
    for (const char* part :
         {"yours 13-embedding batch 5 ", "yours 15-tokens train 1 ", "yours 15-tokens merge 8 "}) {
        CAPTURE(part);
        CHECK(merged.find(part) != std::string::npos);
    }

    // A GPT that theirs cannot be is refused in one line.
    const ProcessResult dropout = learner.run({"mine", "gpt", "--dropout", "0.1", "--plain"});
    CHECK(dropout.code == 2);
    CHECK(dropout.err == "gradus: --mine: your GPT has no dropout (leave out --dropout)\n");
}

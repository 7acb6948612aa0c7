// SPDX-License-Identifier: MIT
// The programs under limits: little memory, few threads, few files, no standard descriptors, and
// input that is not what it should be. Each ends with exit code 0 or with 2 and one clear line.
#ifndef GRADUS_DOUBLE  // the programs are built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "nn/files/weights/weights.h"
#include "nn/run/text_run.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"
#include "tests/shell.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

// A small text, a small model trained on it, and shell lines about both.
class Small {
 public:
    Small() {
        std::string text;
        while (text.size() < 3000) text += "the cat sat on the mat, the dog sat on the log. ";
        write_file(folder.file("text"), text);
    }
    // Options may come after; each line is run in the folder.
    ShellResult gpt(const std::string& before, const std::string& options) const {
        return line(before + "; " + gradus() +
                    " gpt --data text --layers 1 --heads 2 --context 16 " + options);
    }
    ShellResult line(const std::string& text) const {
        return shell("cd " + folder.path() + "; rm -rf run; " + text);
    }
    static std::string gradus() { return GRADUS_BINARY_DIR "/bin/gradus-gpt"; }

    TemporaryFolder folder;
};

const std::string kTiny = " --width 16 --batch 4 --steps 3 --out run";

// Exit code 2 and one line that begins with the program's name and holds `part`.
void check_refused(const ShellResult& result, const std::string& part) {
    CAPTURE(result.output);
    CAPTURE(part);
    CHECK(result.code == 2);
    CHECK(result.output.rfind("gradus: ", 0) == 0);
    CHECK(std::count(result.output.begin(), result.output.end(), '\n') == 1);
    CHECK(result.output.size() < 520);
    CHECK(contains(result.output, part));
}

}  // namespace

TEST_CASE("what does not fit in `ulimit -v` is one line before anything is created") {
    if (kSanitized) return;  // sanitizers reserve terabytes of address space
    const Small small;
    const std::string large = " --threads 1 --width 256 --batch 2048 --steps 3 --out run";
    check_refused(small.gpt("ulimit -v 500000", large), "`ulimit -v` leaves ");
    CHECK_FALSE(fs::exists(small.folder.file("run")));
    check_refused(small.gpt("ulimit -v 500000", large + " --recompute"),
                  "--batch, --context or --width)");  // no other hint
    CHECK(small.gpt("ulimit -v 500000", kTiny + " --threads 1").code == 0);
    // Resuming takes as much as starting.
    CHECK(small.gpt("true", " --threads 1 --width 256 --batch 128 --steps 1 --out run").code == 0);
    const ShellResult resumed = shell("cd " + small.folder.path() + "; ulimit -v 80000; " +
                                      Small::gradus() + " gpt --threads 1 --resume run --steps 2");
    check_refused(resumed, "gpt: training takes about ");
}

TEST_CASE("a model that does not fit in memory is one line, before it is loaded") {
    if (kSanitized) return;
    const Small small;
    // 6.4 million parameters, 26 MB, beside the mapped file of the same size.
    CHECK(small.gpt("true", " --threads 1 --width 728 --batch 1 --steps 1 --out run").code == 0);
    for (const std::string command : {"sample run --tokens 1", "chat run", "look run"}) {
        CAPTURE(command);
        const std::string words = "; " + Small::gradus() + " " + command;
        const auto in = [&](const std::string& limit) {
            return shell("cd " + small.folder.path() + "; ulimit -v " + limit + words +
                         " </dev/null");
        };
        check_refused(in("54000"), " parameters take 26 MB, `ulimit -v` leaves ");
        CHECK(in("400000").code == 0);
    }
}

TEST_CASE("what does not fit in a cgroup of 512 MB is one line, not a kill") {
    const Small small;
    const std::string group = fmt::format("/sys/fs/cgroup/memory/gradus-test-{}", ::getpid());
    const std::string make =
        "mkdir " + group + " && echo 512M > " + group + "/memory.limit_in_bytes";
    if (kSanitized || shell(make).code != 0) {
        MESSAGE("not checked: this account cannot make a group of cgroup v1");
        return;
    }
    const ShellResult result =
        small.gpt("echo $$ > " + group + "/tasks",
                  " --threads 1 --width 256 --batch 1024 --steps 3 --out run");
    shell("rmdir " + group);
    check_refused(result, "the memory limit of this cgroup leaves ");
}

TEST_CASE("however little memory there is, the program ends by itself (1 s)") {
    if (kSanitized) return;
    const Small small;
    for (const int megabytes : {16, 20, 30, 50, 80, 120, 200}) {
        const ShellResult result =
            small.gpt(fmt::format("ulimit -v {}000", megabytes), kTiny + " --threads 24");
        CAPTURE(megabytes);
        CAPTURE(result.output);
        CHECK((result.code == 0 || result.code == 2));
    }
}

TEST_CASE("threads that the system refuses are done without, and the model is the same") {
    if (kSanitized) return;
    const Small small;
    const ShellResult few = small.gpt("ulimit -v 150000", kTiny + " --threads 100");
    CHECK(few.code == 0);
    CHECK(contains(few.output, "gradus: the system allows "));
    CHECK(contains(few.output, " of 100 threads (ulimit -u or -v)"));
    const std::string model = read_file(small.folder.file("run/model.safetensors"));
    const ShellResult one = small.gpt("true", kTiny + " --threads 1");
    CHECK_FALSE(contains(one.output, "the system allows"));
    CHECK(read_file(small.folder.file("run/model.safetensors")) == model);
    // Root is exempt from `ulimit -u`, so this is tested as somebody else, if we may become them.
    const std::string nobody = "setpriv --reuid=65534 --clear-groups prlimit --nproc=1 ";
    fs::permissions(small.folder.path(), fs::perms::all);
    if (shell(nobody + Small::gradus() + " --help").code != 0) return;
    const ShellResult refused =
        small.line(nobody + Small::gradus() +
                   " gpt --data text --layers 1 --heads 2 --context 16 " + kTiny + " --threads 4");
    CAPTURE(refused.output);
    CHECK(refused.code == 0);
    CHECK(contains(refused.output, "gradus: the system allows 1 of 4 threads"));
}

TEST_CASE("too few file descriptors are one line") {
    if (kSanitized) return;  // UBSan looks at memory through a pipe, and needs two of its own
    const Small small;
    for (const int files : {3, 4, 5}) {
        const ShellResult result =
            small.line(fmt::format("prlimit --nofile={} {} gpt --data text --layers 1 --heads 2 "
                                   "--context 16 {} --threads 1",
                                   files, Small::gradus(), kTiny));
        CAPTURE(files);
        CAPTURE(result.output);
        CHECK((result.code == 0 || result.code == 2 || result.code == 127));  // 127: no libraries
        if (result.code == 2) CHECK(contains(result.output, "Too many open files"));
    }
}

TEST_CASE("a closed standard descriptor never leads into a file of ours") {
    const Small small;
    const std::string options = kTiny + " --threads 1";
    CHECK(small.gpt("true", options).code == 0);
    const auto files = [&] {
        return read_file(small.folder.file("run/model.safetensors")) +
               read_file(small.folder.file("run/resume.safetensors"));
    };
    const std::string expected = files();
    for (const char* closed : {">&-", "<&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
        CAPTURE(closed);
        CHECK(small.gpt("exec " + std::string(closed), options).code == 0);
        CHECK(files() == expected);
        for (const char* name : {"log.csv", "run.json", "report.html"})
            CHECK_FALSE(
                contains(read_file(small.folder.file(std::string("run/") + name)), "step=0/3"));
    }
    CHECK(contains(read_file(small.folder.file("run/log.csv")), "step,loss,"));
    for (const char* nowhere :
         {"2>&-", "2>/dev/full"})  // an error that cannot be told is still one
        CHECK(small.line(Small::gradus() + " sample none " + nowhere).code == 2);
}

TEST_CASE("data and options that cannot be meant are refused with the rule and the value") {
    const Small small;
    const auto file = [&](const char* name, const std::string& text) {
        write_file(small.folder.file(name), text);
    };
    const auto data = [&](const std::string& name, const std::string& part) {
        check_refused(small.line("timeout 5 " + Small::gradus() +
                                 " gpt --out run --context 16 --data " + name),
                      part);
    };
    file("one", std::string(1000, 'a'));
    data("one", "has only one character, 'a' (U+0061)");
    file("utf32", std::string("\xFF\xFE\0\0a\0\0\0", 8));
    data("utf32", "text in UTF-32, not UTF-8");
    shell("cd " + small.folder.path() + "; ln -s loop loop; mkfifo pipe; truncate -s 1T sparse");
    data("loop", "loop: cannot read: Too many levels of symbolic links");
    data("/dev/zero", "not a file but a device or a pipe");
    data("pipe --tokenizer bytes", "not a file but a device or a pipe");
    data("sparse --tokenizer bytes", "a sparse file");

    const auto option = [&](const std::string& options, const std::string& part) {
        check_refused(small.gpt("true", kTiny + " --threads 1 " + options), part);
    };
    const ShellResult diverged = small.gpt("true", kTiny + " --threads 1 --lr 1e30");
    CHECK(diverged.code == 2);
    CHECK(contains(
        diverged.output,
        "\ngradus: gpt: the loss on held-out data is not finite: training at a learning rate of "
        "1e+30 has diverged (a smaller --lr, or more --warmup)\n"));
    option("--lr inf", "learning rate inf, must be above 0 and finite");
    option("--min-lr nan", "min lr nan");
    option("--beta2 nan", "beta2 nan");
    option("--seed 18446744073709551616", "is above 18446744073709551615, the largest number");
    option("--seed=", "--seed has an empty value");
    option("--lr ''", "--lr has an empty value");
    check_refused(small.line(Small::gradus() + " gpt --resume loop"),
                  "loop: Too many levels of symbolic links");
}

TEST_CASE(
    "another model in a run's folder is found when it is read, and a huge field is not repeated") {
    const Small small;
    CHECK(small.gpt("true", kTiny + " --threads 1").code == 0);
    const std::string path = small.folder.file("run");
    const auto sample = [&] { return shell(Small::gradus() + " sample " + path + " --tokens 5"); };
    CHECK(sample().code == 0);
    const TextRun run = load_text_run(path);
    TextModel model = load_text_model(path, run);
    std::get<Gpt>(model.any).norm.weight.value()[3] = std::nanf("");
    save(path + "/model.safetensors", model);
    check_refused(sample(), "model.safetensors: damaged: ");

    nlohmann::json description = parse_checked_json(read_file(path + "/run.json"));
    description["format"] = std::string(kSanitized ? 1'000'000 : 50'000'000, 'A');
    write_file(path + "/run.json", description.dump());
    check_refused(sample(), "this program reads \"gradus-run-1\"");
}
#endif

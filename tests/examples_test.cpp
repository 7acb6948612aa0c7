// SPDX-License-Identifier: MIT
// The programs of examples/ as a person runs them: exit code, the output that they promise, and a
// valid picture. They are built in float only, so one of the two test programs is enough to run
// them.
#ifndef GRADUS_DOUBLE
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/idx.h"
#include "tests/nn/data/photo_pages.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/shell.h"
#include "tests/text.h"

using gradus::contains;
using gradus::ShellResult;
using gradus::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

// Runs a program of the build with a pipe as its output, in a narrow terminal without UTF-8 unless
// told otherwise.
constexpr const char* kNarrow = "LC_ALL=C COLUMNS=40";

ShellResult run_example(const std::string& command, const std::string& environment = kNarrow) {
    return gradus::shell("FORCE_COLOR= " + environment + " '" + GRADUS_BINARY_DIR + "'/bin/" +
                         command);
}

std::string line_with(const std::string& text, const std::string& part) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (contains(line, part)) return line;
    return "";
}

// ASCII without escape sequences that fits 39 columns, except for lines of key=value.
bool is_plain(const std::string& text) {
    const auto lines = gradus::lines_of(text);
    return gradus::is_ascii(text) && !contains(text, "\x1b") &&
           std::all_of(lines.begin(), lines.end(),
                       [](const auto& line) { return line.size() < 40 || contains(line, "="); });
}

// A fresh folder, with a space in its name, for the duration of a test.
class Folder {
 public:
    Folder() { fs::create_directories(path_); }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), {}));
    }

 private:
    fs::path path_ = fs::temp_directory_path() / ("gradus examples " + std::to_string(getpid()));
};

// Runs a program that can draw to a file, and checks that it writes a complete SVG of this kind and
// nothing else, and that it reports a path where none can be written.
ShellResult drawn_by(const std::string& program, const std::string& kind) {
    const Folder folder;
    const ShellResult result = run_example(program + " '" + (folder / "picture.svg") + "'");
    const std::string svg = gradus::read_file(folder / "picture.svg");
    CHECK(svg.starts_with("<svg"));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(contains(svg, " class=\"" + kind + "\" "));
    CHECK(folder.files() == 1);

    const ShellResult nowhere =
        run_example(program + " '" + (folder / "missing/picture.svg") + "'");
    CHECK(nowhere.code == 1);
    CHECK(contains(nowhere.output, "picture.svg: cannot write"));
    return result;
}

std::vector<fs::path> examples() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(GRADUS_SOURCE_DIR) / "examples"))
        if (entry.path().extension() == ".cpp") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("by_hand learns two moons with a backward pass of its own and draws the boundary") {
    const ShellResult by_hand = drawn_by("by_hand", "boundary");
    CHECK(by_hand.code == 0);
    CHECK(contains(by_hand.output, "step    0  loss 0.5489  right 80.5 %\n"));
    CHECK(contains(by_hand.output, "step 1000  loss 0.0134  right 100.0 %\n"));
    CHECK(contains(by_hand.output, "unseen     loss 0.0103  right 100.0 %\n"));
    CHECK(contains(by_hand.output, "\nstep 1000 "));
    CHECK(contains(by_hand.output, "\n|     ooooooooooooo      .####|\n"));
    CHECK(is_plain(by_hand.output));
}

TEST_CASE("a picture of an example takes the terminal's width and characters") {
    const ShellResult wide = run_example("moons", "LC_ALL=C.UTF-8 COLUMNS=80");
    CHECK(contains(wide.output, "\xe2\x96\x88"));  // a full block
    CHECK(!contains(wide.output, "\x1b"));
    CHECK(contains(run_example("moons", "NO_COLOR= FORCE_COLOR=1").output, "\x1b["));
    CHECK(run_example("moons", "COLUMNS=1").code == 0);
}

TEST_CASE("moons needs a tenth of the steps of by_hand, and saves its run where it is told to") {
    const ShellResult moons = run_example("moons");
    CHECK(moons.code == 0);
    CHECK(contains(moons.output, "step=100/100 loss=0.0337 val=0.0137 acc=1.0000 "));
    CHECK(contains(moons.output, "\n|    ooooo  o+o oooooo     +#####|\n"));
    CHECK(is_plain(moons.output));
    const TemporaryFolder folder;
    CHECK(run_example("moons " + folder.file("run")).code == 0);
    CHECK(fs::exists(folder.file("run/report.html")));
    const ShellResult again = run_example("moons " + folder.file("run"));  // it is done already
    CHECK(again.code == 0);
    CHECK_FALSE(contains(again.output, "step=10/100"));
    CHECK(contains(again.output, "finished steps=100 val=0.0137 "));
}

TEST_CASE("digits reads a photo, says how sure it is, and says why a photo holds no digit (2 s)") {
    const TemporaryFolder folder;
    const auto read = [&](const gradus::photo_pages::Page& page) {
        gradus::write_file(folder.file("photo.png"), gradus::png(page.pixels));
        return run_example("digits --read " + folder.file("photo.png"));
    };
    const ShellResult eight = read(gradus::photo_pages::page_with_digit(8));
    CHECK(eight.code == 0);
    CHECK(contains(eight.output, "\n8 ################"));
    CHECK(contains(eight.output, "\nIt reads: 8\n"));
    CHECK(contains(eight.output, "@@@@"));
    CHECK(is_plain(eight.output));
    const ShellResult open = read(gradus::photo_pages::page_with_digit(19));  // a 9
    CHECK(contains(open.output, "\nIt is not sure; its best guess: 9\n"));
    const ShellResult blot = read(gradus::photo_pages::page_without_digit(12));
    CHECK(blot.code == 1);
    CHECK(contains(blot.output, "No digit: a blot, not a line.\n"));
    const ShellResult none = run_example("digits --read " + folder.file("none.png"));
    CHECK(none.code == 1);
    CHECK(none.output == folder.file("none.png") + ": cannot read: no such file or folder\n");
    CHECK(contains(run_example("digits --read").output, "digits: --read needs one photo"));
}

TEST_CASE("digits reads 99% of unseen digits, learns nothing from shuffled labels, and draws") {
    const ShellResult digits = drawn_by("digits", "image-sheet");
    CHECK(digits.code == 0);
    CHECK(contains(digits.output, "9930 parameters read 99.8 % right\n"));
    CHECK(contains(digits.output, "taught with shuffled labels: 12.2 %\n"));
    CHECK(contains(digits.output, "\nIt misread 2 of 1000, for example:\n"));
    CHECK(contains(digits.output, "\n9 read as 5 "));
    CHECK(contains(digits.output, "@@@@"));
    CHECK(is_plain(digits.output));
}

TEST_CASE(
    "digits writes its drawings as MNIST's files, and learns the same from such files (2 s)") {
    const TemporaryFolder folder;
    const std::string my_digits = folder.file("my digits");
    const ShellResult written = run_example("digits --write '" + my_digits + "'");
    CHECK(written.code == 0);
    CHECK(
        contains(written.output, "5000 digits. To learn from them:\n./gradus example digits --im"));
    const std::string command = line_with(written.output, "./gradus example ");
    const ShellResult digits = run_example(command.substr(std::string("./gradus example ").size()));
    CHECK(digits.code == 0);
    CHECK(contains(digits.output, "9930 parameters read 99.8 % right\n"));
    CHECK(contains(digits.output, "\nIt misread 2 of 1000, for example:\n"));

    // Plain files of MNIST's size, so easy that nothing is misread: the digit d is a bar in row 2 d.
    gradus::NumberArray bars{gradus::NumberType::u8, {1000, 28, 28}, {}}, labels = bars;
    bars.bytes.resize(1000 * 28 * 28);
    labels.shape = {1000};
    for (std::size_t i = 0; i < 1000; ++i) {
        labels.bytes.push_back(static_cast<std::uint8_t>(i % 10));
        std::fill_n(bars.bytes.begin() + static_cast<std::ptrdiff_t>((28 * i + 2 * (i % 10)) * 28),
                    3 * 28, std::uint8_t{255});
    }
    gradus::write_file(folder.file("bars"), gradus::idx(bars));
    gradus::write_file(folder.file("labels"), gradus::idx(labels));
    const ShellResult easy = run_example("digits --images " + folder.file("bars") + " --labels " +
                                         folder.file("labels"));
    CHECK(easy.code == 0);
    CHECK(contains(easy.output, "read 100.0 % right\n"));
    CHECK(contains(easy.output, "\nIt misread 0 of 200.\n"));

    const std::string images = "'" + my_digits + "/images-idx3-ubyte.gz'";
    const auto refused = [](const std::string& arguments) {
        const ShellResult result = run_example("digits " + arguments);
        CHECK(result.code == 1);
        return result.output;
    };
    CHECK(refused("--images " + images) == "digits: --images and --labels need each other\n");
    CHECK(contains(refused("--images " + images + " --labels " + images), "must be labels (n)"));
    CHECK(refused("--write") == "digits: --write needs one folder\n");
    CHECK(refused("--wirte x") == "digits: unknown argument \"--wirte\"\n");
}

TEST_CASE("valley shows SGD, momentum and AdamW on their ways to the bottom") {
    const ShellResult valley = drawn_by("valley", "line-chart");
    CHECK(valley.code == 0);
    CHECK(contains(valley.output,
                   "\nSGD           0.013\nmomentum      2e-07\nAdamW        0.0009\n"));
    CHECK(contains(valley.output, "\n    50.5 |*"));
    CHECK(contains(valley.output, "\n  * SGD, o momentum, + AdamW\n"));
    CHECK(is_plain(valley.output));

    const Folder folder;
    CHECK(run_example("valley '" + (folder / "paths.svg") + "' '" + (folder / "heights.svg") + "'")
              .code == 0);
    CHECK(contains(gradus::read_file(folder / "heights.svg"), "height"));
}

TEST_CASE("recall: two layers look up what one cannot, and one copies over a pause") {
    const ShellResult recall = run_example("recall");
    CHECK(recall.code == 0);
    CHECK(is_plain(recall.output));
    CHECK(contains(recall.output, "recall; by guessing: loss 2.0794  12.5%\n"));
    const auto last = [&](const char* layers, std::size_t from) {
        const std::size_t at = recall.output.find(layers, from);
        REQUIRE(at != std::string::npos);
        const std::string line = recall.output.substr(at, recall.output.find('\n', at) - at);
        const std::size_t loss = line.find("loss ") + 5;
        return std::pair(std::stod(line.substr(loss)), std::stod(line.substr(loss + 6)));
    };
    CHECK(last("1 layer   step 400", 0).second <= 30);
    CHECK(last("2 layers  step 400", 0).second >= 99);
    const std::size_t copy = recall.output.find("copy; without memory: loss 0.5199\n");
    REQUIRE(copy != std::string::npos);
    CHECK(last("1 layer   step 400", copy).first < 0.05);
    CHECK(last("1 layer   step 400", copy).second >= 99);
}

TEST_CASE("tiny_gpt starts at ln 42, learns, and has its stories read by the checker") {
    const ShellResult gpt = run_example("tiny_gpt 40");
    CHECK(gpt.code == 0);
    CHECK(contains(gpt.output, "params=110976 "));
    CHECK(contains(gpt.output, "step=0/40 loss=3.7"));
    const std::string done = line_with(gpt.output, "done steps=40 val=");
    REQUIRE(!done.empty());
    CHECK(std::stod(done.substr(18)) < 2);
    CHECK(std::stod(done.substr(18)) > 0.2);
    std::size_t verdicts = 0;
    for (std::size_t at = 0; (at = gpt.output.find("\n(", at)) != std::string::npos; ++at)
        ++verdicts;
    CHECK(verdicts == 3);
}

TEST_CASE("front_page records a run of ./gradus gpt, and draws it") {
    const Folder folder;
    const std::string run = "'" + (folder / "run") + "'";
    CHECK(run_example("gradus-gpt gpt --no-chat --layers 1 --heads 1 --width 8 --batch 2 --steps 3 "
                      "--out " +
                      run)
              .code == 0);
    const std::string record = "'" + (folder / "run.json") + "'";
    CHECK(run_example("front_page " + run + " " + record + " 'Ben Bear' ''").code == 0);
    const std::string picture = folder / "run.svg";
    CHECK(run_example("front_page " + record + " '" + picture + "'").code == 0);
    const std::string svg = gradus::read_file(picture);
    for (const std::string words : {"<svg", " class=\"run-picture\" ", ">1 layers, 1 heads",
                                    ">&gt; Ben Bear<", ">step 3<", "</svg>\n"}) {
        CAPTURE(words);
        CHECK(contains(svg, words));
    }
    const ShellResult nowhere = run_example("front_page /nowhere " + record);
    CHECK(nowhere.code == 2);
    CHECK(contains(nowhere.output, "front_page: /nowhere: there is no such folder"));
    CHECK(run_example("front_page").code == 0);
}

TEST_CASE("every example is shorter than 100 lines and says how to run it") {
    CHECK(examples().size() >= 6);
    for (const fs::path& path : examples()) {
        CAPTURE(path.string());
        std::ifstream file(path);
        std::string text, line;
        int lines = 0;
        for (; std::getline(file, line); ++lines) text += line + '\n';
        CHECK(lines < 100);
        const std::string name = path.stem().string();
        if (name != "readme") CHECK(contains(text, "./gradus example " + name));
    }
}

#endif  // GRADUS_DOUBLE

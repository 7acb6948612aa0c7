// SPDX-License-Identifier: MIT
// The program that runs ./gradus start, read, check, try, watch, hint, demo, solution, reset, list,
// doctor, class, book, built, verify, receipt and blame, and ./gradus alone. Exit code: 0 passed or done, 1 not yet, 2
// wrong usage or something wrong with the machine.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "lessons/runner/commands.h"
#include "lessons/runner/mine.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"

int main(int argc, char** argv) {
    using namespace gradus::lessons;
    gradus::open_standard_files();
    std::signal(SIGXFSZ, SIG_IGN);
    CLI::App app("The course: numbered lessons in which you write every part of a GPT.", "gradus");
    app.require_subcommand(1);
    bool ascii = false, json = false, peek = false, all = false;
    std::string lesson, folder, out;
    const auto command = [&](const char* name, const char* help) {
        CLI::App* sub = app.add_subcommand(name, help);
        sub->add_flag("--ascii", ascii, "Print ASCII only");
        return sub;
    };
    const auto with_lesson = [&](CLI::App* sub) {
        sub->add_option("LESSON", lesson,
                        "Its number or name (default: the one you are working on)");
        return sub;
    };
    const auto with_json = [&](CLI::App* sub) {
        sub->add_flag("--json", json, "For scripts (lessons/verdict.schema.json)");
        return sub;
    };
    command("map", "Where you are, and the next command");
    with_lesson(command("start", "Puts a lesson's file into my-gpt/ and says what to read"));
    with_lesson(command("read", "The lesson's text; waits before each answer"));
    command("book", "All lessons as one page, for a browser, a projector or a printer")
        ->add_option("--out", out, "The file to write (default: book.html in your folder)");
    command("built", "What you have built: your GPT beside GPT-2, and three challenges")
        ->add_option("--out", out, "The page to write (default: built.html in your folder)");
    with_json(with_lesson(command("check", "Builds and checks your file")))
        ->footer(
            "Exit code: 0 passed, 1 not yet, 2 usage or machine (./gradus doctor).\n"
            "    ./gradus check 03\n"
            "    ./gradus check --all --json > verdicts.json\n")
        ->add_flag("--all", all, "Every lesson that you have started");
    with_lesson(command("try", "For who knows the matter: the last case of each function first"));
    with_lesson(command("watch", "Checks whenever you save; single keys do the rest"));
    with_lesson(command("hint", "The next of three hints"));
    with_lesson(command("demo", "The lesson's picture, on your code"));
    with_lesson(command("solution", "Our solution, written beside your file"))
        ->add_flag("--peek", peek, "Even if yours has not passed");
    with_lesson(command("reset", "Starts a lesson over; your file is kept under another name"));
    with_json(command("list", "All lessons and how you are doing"));
    with_json(command("doctor", "What is wrong with this machine, and how to fix it"));
    with_json(
        with_lesson(command("verify", "For authors: checks that the lessons keep the rules")));
    with_json(command("class", "For teachers: how far everyone is"))
        ->footer(
            "Collect my-gpt/progress.txt of each learner as DIR/NAME.txt, then:\n"
            "    ./gradus class DIR\n"
            "It shows who has passed what, after how many tries, and where they stop.\n")
        ->add_option("DIR", folder, "Holds NAME.txt or NAME/progress.txt for each learner")
        ->required();
    CLI::App* receipt = command("receipt", "Checks the receipt of ./gradus gpt --mine");
    receipt->add_option("FILE", folder, "receipt.txt, in the folder of the run")->required();
    receipt->add_flag("--replay", all, "Also repeat the run's first losses");
    command("blame", "Which of your parts breaks the training of a GPT?")
        ->footer(
            "A short run with our parts is repeated with yours in the place of ours, lesson by "
            "lesson.\nIt names each that changes a digit, and the first call in which it does.\n"
            "Exit code: 0 none does, 1 some do.");
    CLI::App* mine = app.add_subcommand("mine", "")->group("")->prefix_command();
    CLI::App* targets = app.add_subcommand("targets", "")->group("")->prefix_command();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return e.get_exit_code() == 0 ? app.exit(e) : (app.exit(e), 2);
    }
    try {
        const Course course = open_course();
        const TerminalStyle style = style_of_terminal(ascii);
        const std::string name = app.get_subcommands().front()->get_name();
        if (name == "targets") return targets_command(course, targets->remaining());
        if (name == "mine") return mine_command(course, mine->remaining());
        if (name == "blame") return blame_command(course);
        if (name == "receipt") return receipt_command(course, folder, all, style);
        if (name == "start") return start_command(course, lesson, style);
        if (name == "read") return read_command(course, lesson, style);
        if (name == "book") return book_command(course, out, style);
        if (name == "built") return built_command(course, out, style);
        if (name == "check") return check_command(course, lesson, all, json, style);
        if (name == "try") return try_command(course, lesson, style);
        if (name == "watch") return watch_command(course, lesson, style);
        if (name == "hint") return hint_command(course, lesson, style);
        if (name == "demo") return demo_command(course, lesson, style);
        if (name == "solution") return solution_command(course, lesson, peek, style);
        if (name == "reset") return reset_command(course, lesson, style);
        if (name == "list") return list_command(course, json, style);
        if (name == "doctor") return doctor_command(course, json, style);
        if (name == "verify") return verify_command(course, lesson, json, style);
        if (name == "class") return class_command(course, folder, json, style);
        return map_command(course, style);
    } catch (const std::exception& e) {
        gradus::print_text(stderr, fmt::format("gradus: {}\n", e.what()));
    }
    return 2;
}

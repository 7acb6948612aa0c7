// SPDX-License-Identifier: MIT
// From the command line to a command, and from what goes wrong to one line.
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <system_error>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

// CLI11's help, with the explanations wrapped to the terminal; in a narrow one they go below the
// flags.
class Help : public CLI::Formatter {
 public:
    Help() { column_width(static_cast<std::size_t>(terminal_columns() >= 70 ? 24 : 4)); }
    std::string make_option_desc(const CLI::Option* option) const override {
        const int room = terminal_columns() - 1 - static_cast<int>(get_column_width());
        return wrapped(option->get_description(), 0, room);
    }
};

// "gpt, chat or look": the commands.
std::string list_of(const CLI::App& app) {
    const auto commands = app.get_subcommands({});
    std::string list;
    for (std::size_t i = 0; i < commands.size(); ++i)
        list += (i == 0 ? "" : i + 1 < commands.size() ? ", " : " or ") + commands[i]->get_name();
    return list;
}

const CLI::App& chosen_in(const CLI::App& app) {
    const CLI::App* chosen = &app;
    for (const CLI::App* sub : app.get_subcommands()) chosen = sub;
    return *chosen;
}

// "gradus chat --help"
std::string help_of(const CLI::App& app, const CLI::App& chosen) {
    return fmt::format("gradus {}--help", &chosen == &app ? "" : chosen.get_name() + " ");
}

// About a word that is neither a command nor a flag, with the nearest known one if it is misspelt.
std::string unknown(const CLI::App& app, const CLI::App& chosen, const std::string& extra) {
    std::vector<std::string> known;
    if (extra.starts_with("-")) {
        for (const CLI::Option* option : chosen.get_options())
            for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    } else {
        for (const CLI::App* sub : app.get_subcommands({})) known.push_back(sub->get_name());
    }
    const std::string word = extra.substr(0, extra.find('='));
    const auto near = near_names(word, known, 1);
    if (chosen.get_name() == "export" && (extra == "hf" || extra == "gguf" || extra == "npz"))
        return fmt::format("{0} is not known; did you mean --to {0}?", extra);
    std::error_code ignored;
    const bool spare = &chosen != &app && !extra.starts_with("-"),
               data =
                   spare && chosen.get_name() == "gpt" && std::filesystem::exists(extra, ignored);
    return fmt::format("{} is not known{} ({}{} lists all)", word,
                       data           ? "; did you mean --data " + word + "?"
                       : near.empty() ? ""
                                      : "; did you mean " + near[0] + "?",
                       spare && !data ? "a text of several words needs quotation marks, and the "
                                        "name of its option before it; "
                                      : "",
                       help_of(app, chosen));
}

// About an option that has too many values or too few, of which CLI11 counts how many are required.
std::string wrong_count(const CLI::App& chosen, const CLI::ParseError& error) {
    const std::string text = error.what();
    std::string name = text.substr(0, text.find_first_of(": "));
    if (dynamic_cast<const CLI::RequiredError*>(&error)) {
        const std::string type = chosen.get_option(name)->get_type_name();
        return (name.starts_with("-") ? name + " " + type : type) +
               " is missing";  // as in the help
    }
    if (!name.starts_with("-")) name = "--" + name;  // as CLI11 calls one that takes no value
    const bool flag = text.find("override") != text.npos, twice = text.find("At Most") != text.npos;
    return name + (flag ? " takes no value" : twice ? " is given twice" : " needs a value");
}

// CLI11 reports an error in one or more lines and in the words of its own types; we want one line, and
// ours.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& chosen = chosen_in(app);
    const std::vector<std::string> extra = chosen.remaining(true);
    const std::string where = &chosen == &app ? "" : chosen.get_name() + ": ";
    const std::vector<std::string> before = app.remaining();  // the command
    std::error_code ignored;
    if (!before.empty() && std::filesystem::exists(before[0], ignored))
        return fmt::format("{} is not a command, and the command comes first: gradus chat {}",
                           before[0], shell_word(before[0]));
    if (!extra.empty()) return where + unknown(app, chosen, extra[0]);
    if (&chosen == &app)
        return "say what to do: " + list_of(app) + " (gradus --help explains them)";
    if (dynamic_cast<const CLI::RequiredError*>(&error) ||
        dynamic_cast<const CLI::ArgumentMismatch*>(&error))
        return where + wrong_count(chosen, error) + " (" + help_of(app, chosen) + " explains it)";
    std::string text = error.what();
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return where + text;
}

int run(int argc, char** argv) {
    CLI::App app("Train a small GPT from scratch, and talk to it.", "gradus");
    app.require_subcommand(1);
    app.formatter(std::make_shared<Help>());
    app.option_defaults()->disable_flag_override();  // --plain=no would be taken for --plain
    Action action;
    add_gpt(app, action);
    add_chat(app, action);
    add_sample(app, action);
    add_look(app, action);
    add_tokenize(app, action);
    add_logits(app, action);
    add_export(app, action);
    add_compare(app, action);
    for (int i = 1; i < argc; ++i) {  // CLI11 would take the default, or say "1 required"
        const std::string word = argv[i], before = argv[i - 1];
        const bool flag = word.rfind("--", 0) == 0 && word.back() == '=';
        require(!flag && (!word.empty() || before.rfind("--", 0) != 0 || before == "--prompt"),
                "{} has an empty value (leave it out for the default)",
                flag ? word.substr(0, word.size() - 1) : before);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        const CLI::App& about = chosen_in(app);
        fmt::print("{}", about.help(&about == &app ? "" : "gradus"));
        return 0;
    } catch (const CLI::ParseError& error) {
        throw std::invalid_argument(complaint(app, error));
    }
    if (hooks().understood) hooks().understood();
    return action();
}

}  // namespace

Hooks& hooks() {
    static Hooks all;
    return all;
}

int gpt_program(int argc, char** argv) {
    open_standard_files();
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow (ulimit -f) is an ordinary error
    try {
        const int code = run(argc, argv);
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            throw FileError("standard output", "cannot be written to");
        return code;
    } catch (const std::bad_alloc&) {
        print_error("not enough memory (gpt: a smaller --batch, --context or --width needs less)");
    } catch (const std::filesystem::filesystem_error& error) {
        print_error(error.path1().string() + ": " + error.code().message());
    } catch (const std::system_error&) {  // what fmt::print throws
        print_error("standard output: cannot be written to");
    } catch (const std::exception& error) {
        print_error(error.what());
    }
    return 2;
}

}  // namespace gradus

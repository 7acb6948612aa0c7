// SPDX-License-Identifier: MIT
// gradus tokenize: a text's token ids, the text of ids, or what a text's tokens look like.
#include <unistd.h>

#include <climits>
#include <filesystem>

#include "examples/gpt/commands.h"
#include "nn/files/tokenizers/tokenizer_files.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

struct TokenizeOptions {
    std::string tokenizer, text;
    bool has_text = false, decode = false, show = false, count = false, special = false;
};

std::string standard_input() {
    constexpr std::size_t kMost = std::size_t{1} << 30;
    if (::isatty(STDIN_FILENO) == 1)
        fmt::print(stderr, "gradus: reading from here (Ctrl-D on an empty line ends it)\n");
    std::string text, piece(1 << 16, '\0');
    std::size_t got = piece.size();
    while (got == piece.size()) {  // fewer at the end: a terminal would have to be told twice
        got = std::fread(piece.data(), 1, piece.size(), stdin);
        text.append(piece, 0, got);
        if (text.size() > kMost) throw FileError("standard input", "more than 1 GiB");
    }
    if (std::ferror(stdin)) throw FileError("standard input", "cannot be read");
    return text;
}

bool ends_line(const std::string& token) {
    return !token.empty() && token.back() == '\n';
}

// Separated by spaces. A line ends where a line of the text does, unless it does so inside a token.
std::string id_lines(const Tokenizer& tokenizer, const std::vector<int>& ids) {
    std::string lines;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const bool last = i + 1 == ids.size() || ends_line(tokenizer.token(ids[i]));
        lines += std::to_string(ids[i]) + (last ? '\n' : ' ');
    }
    return lines;
}

// With `special`, special tokens appear by their names.
std::string decoded(const Tokenizer& tokenizer, const std::vector<int>& ids, bool special) {
    if (!special) return tokenizer.decode(ids);
    std::string text;
    std::vector<int> stretch;
    for (const int id : ids) {
        const std::string& token = tokenizer.token(id);  // throws if there is none
        if (!tokenizer.model().is_special(id)) {
            stretch.push_back(id);
            continue;
        }
        text += tokenizer.decode(stretch) + token;
        stretch.clear();
    }
    return text + tokenizer.decode(stretch);
}

// A token in one line: control characters and malformed bytes as escapes; `bar`, if it is to divide
// tokens, too.
std::string visible(std::string_view token, bool bar) {
    std::string out;
    for (const char c : printable(token))
        if (c == '|' && bar)
            out += "\\|";
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else
            out += c;
    return out;
}

// Side by side, in two colours by turns, or with a bar between them. A line of the text ends a line.
std::string side_by_side(const Tokenizer& tokenizer, const std::vector<int>& ids, int columns,
                         bool colour) {
    constexpr const char* kColours[] = {"\x1b[30;46m", "\x1b[30;43m"};  // black on cyan, on yellow
    std::string out;
    int used = 0;
    std::size_t number = 0;
    const auto end_line = [&] {
        if (used > 0) out += '\n';
        used = 0;
    };
    for (const int id : ids) {
        std::string rest = visible(tokenizer.token(id), !colour);
        if (used > 0 && used + 1 + display_width(rest) > columns) end_line();
        if (used > 0 && !colour) out += '|', ++used;
        while (!rest.empty()) {  // of a token longer than a line, part by part
            std::string_view part = fit_width(rest, columns - used);
            if (part.empty() && used == 0) part = utf8_first(rest);
            const std::string shown(part);
            out += colour ? kColours[number % 2] + shown + "\x1b[0m" : shown;
            used += display_width(shown);
            rest.erase(0, shown.size());
            if (!rest.empty()) end_line();
        }
        ++number;
        if (ends_line(tokenizer.token(id))) end_line();
    }
    end_line();
    return out;
}

int tokenize(const TokenizeOptions& options) {
    require(!options.tokenizer.empty(),
            "tokenize: with which tokenizer? --tokenizer and a run's folder, or a model's, or its "
            "tokenizer.json, merges.txt or cl100k_base.tiktoken");
    const Tokenizer tokenizer = load_tokenizer(options.tokenizer);
    const std::string text = options.has_text ? options.text : standard_input();
    if (std::error_code ignored;
        options.has_text && std::filesystem::is_regular_file(options.text, ignored))
        print_text(stderr,
                   fmt::format("gradus: these are the tokens of a file's name; its contents "
                               "come in by < {}\n",
                               shell_word(options.text)));
    if (options.decode) {
        const std::string out =
            decoded(tokenizer, ids_in(text, tokenizer.size(), "tokenize"), options.special);
        print_text(stdout, out);
        if (output_is_terminal() && !ends_line(out)) fmt::print("\n");
        return 0;
    }
    const std::vector<int> ids =
        options.special ? tokenizer.encode_with_specials(text) : tokenizer.encode(text);
    if (options.count) {
        fmt::print("{} tokens, {} bytes", ids.size(), text.size());
        if (!ids.empty())
            fmt::print(" ({:.2f} per token)",
                       static_cast<double>(text.size()) / static_cast<double>(ids.size()));
        fmt::print("\n");
    } else if (options.show) {
        const bool colour = terminal_capabilities(false, false).colour;
        const int columns =  // a program that reads this wants whole lines
            output_is_terminal() ? std::max(20, terminal_columns() - 1) : INT_MAX;
        fmt::print("{}", side_by_side(tokenizer, ids, columns, colour));
    } else {
        fmt::print("{}", id_lines(tokenizer, ids));
    }
    return 0;
}

}  // namespace

void add_tokenize(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("tokenize", "Turn text into token ids, and back");
    const auto options = std::make_shared<TokenizeOptions>();
    command
        ->add_option(
            "--tokenizer", options->tokenizer,
            "A folder or file that has one: a run of gradus gpt, tokenizer.json, merges.txt "
            "with or without vocab.json, cl100k_base.tiktoken")
        ->type_name("PATH");
    CLI::Option* text =
        command->add_option("text", options->text,
                            "The text, in quotation marks (default: what comes from standard "
                            "input). The ids of each line of it are printed on a line of their "
                            "own");
    text->type_name("TEXT");
    CLI::Option* decode =
        command->add_flag("--decode", options->decode,
                          "The text of ids, in whatever lines, instead of the ids of text");
    CLI::Option* show = command->add_flag("--show", options->show, "Show the tokens side by side");
    CLI::Option* count =
        command->add_flag("--count", options->count, "Print only how many there are");
    decode->excludes(show)->excludes(count);
    show->excludes(count);
    command->add_flag("--special", options->special,
                      "Take names of special tokens, such as <|endoftext|>, as these tokens; with "
                      "--decode, print them (default: they are ordinary text, and print nothing)");
    command->footer(
        "A line's end is part of the text, and has tokens, too.\n"
        "Examples:\n  gradus tokenize --tokenizer runs/my-run \"Mia Fox\" --show\n"
        "  gradus tokenize --tokenizer merges.txt < story.txt > ids.txt");
    command->callback([&action, options, text] {
        options->has_text = text->count() > 0;
        action = [options] { return tokenize(*options); };
    });
}

}  // namespace gradus

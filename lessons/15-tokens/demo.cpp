// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "lessons/15-tokens/tales.h"
#include "nn/text/display_width.h"
#include "nn/text/utf8.h"

namespace gradus::lesson_15 {
namespace {

constexpr int kMerges = 300;
constexpr int kTales = 50;      // that the merges are learnt from
constexpr int kNewTale = 1000;  // the first one that they are not learnt from
const int kStages[] = {0, 10, 100, 300};

Merges first_of(const Merges& merges, int n) {
    return {merges.begin(), merges.begin() + std::min(static_cast<std::ptrdiff_t>(merges.size()),
                                                      static_cast<std::ptrdiff_t>(n))};
}

// One token as it can be printed: a byte that is part of no whole character in hexadecimal, a blank
// as _, a line end as #.
std::string shown(const std::string& token, bool unicode) {
    std::string out;
    for (const std::string_view c : utf8_characters(token)) {
        const bool visible = c[0] > ' ' && c[0] < 127;
        if (c == " ")
            out += '_';
        else if (c == "\n")
            out += '#';
        else if (visible || (unicode && utf8_valid_prefix(c) == c.size()))
            out += c;
        else
            for (const char byte : c)
                out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return out;
}

// Tokens between bars, on lines that fit.
void print_tokens(const Stage& stage, const std::vector<int>& ids, const Merges& merges) {
    std::string line = "|";
    for (const int id : ids) {
        const std::string token = shown(part().decode({id}, merges), stage.style().unicode) + "|";
        const int most = std::min(stage.style().columns, 72);
        if (line.size() > 1 && display_width(line) + display_width(token) > most) {
            stage.print(line);
            line = "|";
        }
        line += token;
    }
    stage.print(line);
}

double per_character(const std::string& text, const Merges& merges) {
    return static_cast<double>(part().encode(text, merges).size()) /
           static_cast<double>(utf8_count(text));
}

Line line_of(const std::string& name, const std::string& text, const Merges& merges) {
    Line line{name, {}, {}};
    for (const int n : {0, 5, 10, 20, 30, 50, 75, 100, 150, 200, 250, 300}) {
        line.x.push_back(n);
        line.y.push_back(per_character(text, first_of(merges, n)));
    }
    return line;
}

// A row for each stage, a column for each letter: neighbouring tokens differ in shade.
HeatMap strip(const std::string& text, const Merges& merges) {
    HeatMap map;
    map.caption = {
        "The same letters, cut into tokens",
        "one shade is one token: from row to row, neighbours join until a phrase that "
        "is in every tale is a single token.",
        "a border between tokens that is there in a row and not in the row above: then the "
        "merges are not made in their order."};
    map.row_axis = "merges", map.column_axis = "letter";
    for (const char c : text) map.column_labels.push_back(c == ' ' ? "_" : std::string(1, c));
    for (const int n : kStages) {
        map.row_labels.push_back(std::to_string(n));
        const Merges some = first_of(merges, n);
        bool dark = false;
        for (const int id : part().encode(text, some)) {
            dark = !dark;
            for (std::size_t i = part().decode({id}, some).size(); i > 0; --i)
                map.values.push_back(dark ? 0.9 : 0.3);
        }
        map.values.resize(map.row_labels.size() * text.size());  // a wrong encode may give more
    }
    return map;
}

const Demo demo([](Stage& stage) {
    const std::string english = tales("tales", 0, kTales), chinese = tales("tales-zh", 0, kTales);
    const Merges merges = part().train(english, kMerges),
                 chinese_merges = part().train(chinese, kMerges);

    stage.say(
        fmt::format("The first of the {} merges that your train learns from {} tiny tales, and "
                    "some later ones (a blank is shown as _, a line end as #):",
                    merges.size(), kTales));
    const auto shown_token = [&](int i) {
        if (i >= static_cast<int>(merges.size())) return std::string();
        return fmt::format("{} {}", 256 + i,
                           shown(part().decode({256 + i}, merges), stage.style().unicode));
    };
    for (const int i : {0, 1, 2, 3, 4, 5})
        stage.print(fmt::format("{:<14}{}", shown_token(i), shown_token(10 * (i + 3))));
    stage.print("");

    const std::string story = tales("tales", kNewTale, 1);
    for (const int n : kStages) {
        const auto ids = part().encode(story, first_of(merges, n));
        stage.print(fmt::format("{} merges: {} tokens", n, ids.size()));
        print_tokens(stage, ids, merges);
    }
    stage.print("");
    stage.show("strip", strip("and a hug. Now ", merges));

    stage.say(
        "The same in Chinese, where a character is three bytes. A byte that does not belong to "
        "a whole character is shown in hexadecimal:");
    const std::string tale = tales("tales-zh", kNewTale, 1);
    std::size_t end = 0;
    for (int i = 0; i < 14; ++i) end += utf8_first(std::string_view(tale).substr(end)).size();
    for (const int n : kStages) {
        const auto ids = part().encode(tale.substr(0, end), first_of(chinese_merges, n));
        stage.print(fmt::format("{} merges: {} tokens", n, ids.size()));
        print_tokens(stage, ids, chinese_merges);
    }
    stage.print("");

    const std::string new_english = tales("tales", kNewTale, 20),
                      new_chinese = tales("tales-zh", kNewTale, 20);
    LineChart chart;
    chart.caption = {"Tokens per character in 20 new tales",
                     "English begins at 1 token per character and Chinese at nearly 3. Both fall, "
                     "fast at first and then ever more slowly.",
                     "a line that rises: a merge can only make a text shorter."};
    chart.x = {"merges"}, chart.y = {"tokens per character"};
    chart.lines = {line_of("English", new_english, merges),
                   line_of("Chinese", new_chinese, chinese_merges)};
    stage.show("tokens", chart);
    stage.print("merges   English   Chinese");
    for (const int n : kStages)
        stage.print(fmt::format("{:>6}   {:>7.2f}   {:>7.2f}", n,
                                per_character(new_english, first_of(merges, n)),
                                per_character(new_chinese, first_of(chinese_merges, n))));
    stage.print(fmt::format("\nEnglish tales with the {} merges of the\nChinese ones: {:.2f}\n",
                            kMerges, per_character(new_english, chinese_merges)));
    const std::string fox = "\xf0\x9f\xa6\x8a";
    const auto ids = part().encode(fox, merges);
    stage.say(fmt::format(
        "And a fox as an emoji, which is in no tale: {} tokens, {}. Decoded, they "
        "are {}the fox.",
        ids.size(), fmt::join(ids, " "), part().decode(ids, merges) == fox ? "" : "not "));
});

// What becomes of new English tales in the two experiments of the text.
const WorkedNumbers numbers([] {
    const std::string new_tales = tales("tales", kNewTale, 20);
    for (const auto& [name, text] :
         {std::pair("both languages", tales("tales", 0, kTales) + tales("tales-zh", 0, kTales)),
          std::pair("one tale", tales("tales", 0, 1))}) {
        const Merges merges = part().train(text, kMerges);
        fmt::print("{}: {} merges, {:.2f} tokens per character\n", name, merges.size(),
                   per_character(new_tales, merges));
    }
});

}  // namespace
}  // namespace gradus::lesson_15

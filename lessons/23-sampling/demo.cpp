// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <fmt/ranges.h>

#include "lessons/23-sampling/counted.h"

namespace gradus::lesson_23 {
namespace {

using Numbers = std::vector<Real>;

Numbers probabilities(const Numbers& scores, const Settings& settings) {
    Numbers p(scores.size());
    part().token_probabilities(p.data(), scores.data(), std::ssize(p), settings);
    return p;
}

// "_" for a space: what can be seen.
std::string shown(const std::string& symbol) {
    return symbol == " " ? "_" : symbol;
}

// What may follow, at three temperatures: the three letters that were seen, and all others together.
void temperature(Stage& stage, const Counted& model) {
    const Numbers scores = model(model.ids("Mia Fox found six red kites "));
    const std::vector<Index> order = ranking(scores.data(), model.V());
    BarChart chart;
    chart.caption = {"What comes after \"kites \", at temperature 0.5, 1 and 2",
                     "the same four bars three times. Cold, the longest takes from the others; "
                     "hot, they become alike, and the 39 letters that were never seen here get a "
                     "share.",
                     "the longest bar grows from group to group: then the scores are multiplied by "
                     "the temperature, not divided."};
    chart.value_axis = "probability";
    stage.say(
        "After \"Mia Fox found six red kites \", in its tales, one of three letters came next:");
    std::string head = "T  ";
    for (int rank = 0; rank < 3; ++rank)
        head += fmt::format("  {:>6}", model.symbol(order[static_cast<std::size_t>(rank)]));
    stage.print(head + fmt::format("  {} others", model.V() - 3));
    for (const Real T : {Real(0.5), Real(1), Real(2)}) {
        const Numbers p = probabilities(scores, {T, 0, 1});
        Real others = 1;
        std::string line = fmt::format("{:<3}", T);
        for (std::size_t rank = 0; rank < 3; ++rank) {
            const Index id = order[rank];
            others -= p[id];
            line += fmt::format("  {:.4f}", p[id]);
            chart.labels.push_back(fmt::format("{:<3} {}", T, model.symbol(id)));
            chart.values.push_back(p[id]);
        }
        others = std::max(others, Real(0));
        stage.print(line + fmt::format("    {:.4f}", others));
        chart.labels.push_back(fmt::format("{:<3} others", T));
        chart.values.push_back(others);
    }
    stage.print("");
    stage.show("temperature", chart);
}

// The two cuts, where the next letter is nearly certain and where it is open.
void cuts(Stage& stage, const Counted& model) {
    constexpr std::size_t kColumns = 13;
    const std::pair<const char*, Settings> rows[] = {
        {"all", {}}, {"k 5", {1, 5, 1}}, {"p 0.9", {1, 0, 0.9}}};
    HeatMaps maps;
    maps.caption = {
        "Two cuts",
        "the likeliest letter is on the left. Top-k keeps five in both: in the first, two "
        "that were never seen (too faint to show); in the second, five of thirteen "
        "capitals. Top-p keeps as many as it takes.",
        "a row with a gap: then it is not the likeliest that are kept. A row no brighter "
        "than the one of all, though some are cut: what is left was not divided by its "
        "sum."};
    maps.row_axis = "kept", maps.column_axis = "rank of the letter";
    maps.high = 0.35;
    for (const auto& [name, settings] : rows) maps.row_labels.push_back(name);
    for (std::size_t rank = 0; rank < kColumns; ++rank)
        maps.column_labels.push_back(std::to_string((rank + 1) % 10));
    std::vector<std::string> lines;
    for (const auto& [name, settings] : rows) lines.push_back(fmt::format("{:<6}", name));
    for (const auto& [name, prompt] :
         {std::pair("after \"kites \"", "Mia Fox found six red kites "),
          std::pair("after \"gave \"", "Mia Fox found six red kites at sea. She gave ")}) {
        const Numbers scores = model(model.ids(prompt));
        const std::vector<Index> order = ranking(scores.data(), model.V());
        NamedMap map{name, {}};
        for (std::size_t row = 0; row < 3; ++row) {
            const Numbers p = probabilities(scores, rows[row].second);
            for (std::size_t rank = 0; rank < kColumns; ++rank)
                map.values.push_back(p[order[rank]]);
            lines[row] += fmt::format(
                "{:>12}", std::count_if(p.begin(), p.end(), [](Real x) { return x > 0; }));
        }
        maps.maps.push_back(map);
    }
    stage.say(
        "How many of the 42 symbols may come, where it is nearly clear and where it is open:");
    stage.print("      after kites_ after gave_");
    for (const auto& line : lines) stage.print(line);
    stage.print("");
    stage.show("cuts", maps);
}

// Each letter of a text with its surprisal, at three temperatures.
void surprise(Stage& stage, const Counted& model) {
    const std::string text = "Mia Fox found six";
    const std::vector<int> ids = model.ids(text);
    HeatMap map;
    map.caption = {
        "A text, coloured by surprise: -ln p of each letter, in nats",
        "most letters were all but certain and cost nothing. A few are forks, such as M, F "
        "and s: there the model chooses. Hot, the certain ones cost something as well.",
        "all letters cost about the same: then p is nearly uniform, whatever the scores."};
    map.row_axis = "temperature", map.column_axis = "letter";
    map.high = 3;
    for (const char c : text) map.column_labels.push_back(shown(std::string(1, c)));
    for (const Real T : {Real(0.5), Real(1), Real(2)}) {
        map.row_labels.push_back(fmt::format("{}", T));
        std::vector<int> before = {ids[0]};
        for (std::size_t i = 1; i < ids.size(); ++i) {
            const Numbers p = probabilities(model(before), {T, 0, 1});
            map.values.push_back(
                std::min(Real(99), -std::log(p[static_cast<std::size_t>(ids[i])])));
            before.push_back(ids[i]);
        }
    }
    stage.show("surprise", map);
}

std::vector<int> written(const Counted& model, const std::string& prompt, Index n,
                         const Settings& settings, Random& random) {
    return part().write(std::cref(model), model.ids(prompt), n, 0, settings,
                        [&] { return static_cast<Real>(random.uniform()); });
}

struct Tally {
    int words = 0, known = 0, ended = 0;
    std::set<std::string> different;

    double percent_known() const { return 100.0 * known / words; }
};

// Fifty tales of at most 200 letters.
Tally tally_of(const Counted& model, const Settings& settings) {
    Tally tally;
    Random random(1);
    for (int i = 0; i < 50; ++i) {
        const std::vector<int> ids = written(model, "", 200, settings, random);
        const std::string tale = model.text(ids);
        for (const auto& word : Counted::words_of(tale)) {
            ++tally.words;
            tally.known += model.knows(word);
        }
        tally.ended += !ids.empty() && ids.back() == 0;
        tally.different.insert(tale);
    }
    return tally;
}

void settings(Stage& stage, const Counted& model) {
    stage.say(
        "Fifty tales at each setting, of at most 200 letters: how many of their words occur in the "
        "1000 tales that were read, how many tales come to an end, how many are different.");
    stage.print("T    cut     words    end  different");
    for (const auto& [cut, settings] : {std::pair<const char*, Settings>{"", {0, 0, 1}},
                                        {"", {0.5, 0, 1}},
                                        {"", {1, 0, 1}},
                                        {"", {1.5, 0, 1}},
                                        {"k 5", {1, 5, 1}},
                                        {"p 0.9", {1, 0, 0.9}}}) {
        const Tally tally = tally_of(model, settings);
        stage.print(fmt::format("{:<4} {:<6} {:5.1f} %  {:5}  {:5}", settings.temperature, cut,
                                tally.percent_known(), tally.ended, tally.different.size()));
    }
    stage.print("");
}

void talk(Stage& stage, const Counted& model) {
    stage.say(fmt::format("You say \"{}\". It goes on:", kPrompt));
    for (const auto& [name, settings] :
         {std::pair<const char*, Settings>{"temperature 0", {0, 0, 1}},
          {"temperature 1", {1, 0, 1}},
          {"temperature 1, top-p 0.9", {1, 0, 0.9}}}) {
        stage.print(fmt::format("--- {}", name));
        Random random(5);
        for (int i = 0; i < (settings.temperature > 0 ? 3 : 1); ++i)
            stage.say(model.text(written(model, kPrompt, 120, settings, random)));
    }
}

const Demo demo([](Stage& stage) {
    const Counted model;
    temperature(stage, model);
    cuts(stage, model);
    surprise(stage, model);
    settings(stage, model);
    talk(stage, model);
});

// The numbers of the text.
Numbers softened(const Numbers& scores, Real temperature) {
    Numbers p(scores.size());
    part().soften(p.data(), scores.data(), std::ssize(p), temperature);
    return p;
}

const WorkedNumbers numbers([] {
    const auto row = [](const char* name, const Numbers& p) {
        fmt::print("{}:", name);
        for (const Real x : p) fmt::print(" {:.4f} {:.2f} {:.1f}", x, x, x);
        fmt::print("\n");
    };
    for (const Real T : {Real(1), Real(0.5), Real(2)}) {
        fmt::print("temperature {}: e^(1 / T) = {:.4f}\n", T, std::exp(1 / T));
        row("terms", {std::exp(-1 / T), 1, std::exp(-2 / T)});
        fmt::print("sum {:.4f}\n", std::exp(-1 / T) + 1 + std::exp(-2 / T));
        row("p", softened({1, 2, 0}, T));
    }
    const Numbers four = {0.1, 0.4, 0.2, 0.3};
    const auto top_k = [&](Numbers p, Index k) {
        part().top_k(p.data(), std::ssize(p), k);
        return p;
    };
    const auto top_p = [&](Numbers p, Real mass) {
        part().top_p(p.data(), std::ssize(p), mass);
        return p;
    };
    row("p", four);
    row("top-k 2", top_k(four, 2));
    Numbers sums;
    for (const Index token : ranking(four.data(), 4))
        sums.push_back(four[token] + (sums.empty() ? 0 : sums.back()));
    row("sums", sums);
    row("top-p 0.8", top_p(four, 0.8));
    row("top-k 3", top_k(four, 3));
    row("its two largest", {top_k(four, 3)[1] + top_k(four, 3)[3]});
    row("then top-p 0.75", top_p(top_k(four, 3), 0.75));
    row("top-p 0.75 first", top_p(four, 0.75));
    row("then top-k 3", top_k(top_p(four, 0.75), 3));
    fmt::print("counts with {} added\n", kSmoothing);
    // A token that has more than the mass by itself, and stays alone.
    const Numbers two = {0.05, 0.95};
    fmt::print("{} at mass 0.9\n", fmt::join(two, " "));
    row("left", top_p(two, 0.9));
    // The walk through write: the counts of lesson 01, and three random numbers.
    const Numbers counts[] = {{1, 3, 1}, {2, 1, 3}, {1, 1, 1}}, draws = {0.9, 0.4, 0.1};
    std::size_t drawn = 0;
    const auto next = [&](const std::vector<int>& ids) {
        Numbers scores;
        for (const Real count : counts[ids.back()]) scores.push_back(std::log(count));
        row("after the last one", probabilities(scores, {}));
        return scores;
    };
    const auto uniform = [&] {
        fmt::print("u {}\n", draws[drawn]);
        return draws[drawn++];
    };
    fmt::print("written: {}\n", fmt::join(part().write(next, {1}, 3, 0, {}, uniform), " "));
    const Counted model;
    fmt::print("at 1.5: top-k 5 {:.1f}, top-p 0.9 {:.1f}\n",
               tally_of(model, {1.5, 5, 1}).percent_known(),
               tally_of(model, {1.5, 0, 0.9}).percent_known());
});

}  // namespace
}  // namespace gradus::lesson_23

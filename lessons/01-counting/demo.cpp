// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <numeric>

#include "lessons/01-counting/stories.h"

namespace gradus::lesson_01 {
namespace {

using Numbers = std::vector<Real>;

Numbers count(const std::vector<std::vector<int>>& stories, Index V) {
    Numbers counts(static_cast<std::size_t>(V * V));
    for (const auto& story : stories)
        part().count_pairs(counts.data(), story.data(), static_cast<Index>(story.size()), V);
    return counts;
}

Numbers normalise(const Numbers& counts, Index V, Real smoothing) {
    Numbers p(counts.size());
    part().normalise_rows(p.data(), counts.data(), V, smoothing);
    return p;
}

// The mean over all pairs of all stories.
Real loss(const Numbers& p, const std::vector<std::vector<int>>& stories, Index V) {
    Real sum = 0, pairs = 0;
    for (const auto& story : stories) {
        const auto n = static_cast<Index>(story.size());
        sum += Real(n + 1) * part().negative_log_likelihood(p.data(), story.data(), n, V);
        pairs += Real(n + 1);
    }
    return sum / pairs;
}

// Letter after letter from the row of the letter before, until the end is drawn.
std::string write_story(const Numbers& p, const std::vector<std::string>& symbols, Random& random) {
    const auto V = static_cast<Index>(symbols.size());
    std::string story;
    Index symbol = 0;
    while (story.size() < 400) {
        symbol = part().sample_row(p.data() + symbol * V, V, random.uniform());
        if (symbol <= 0 || symbol >= V) break;
        story += symbols[static_cast<std::size_t>(symbol)];
    }
    return story;
}

// "#" for the end, "_" for a space: what can be seen in a table.
std::string shown(const std::string& symbol) {
    return symbol == "\n" ? "#" : symbol == " " ? "_" : symbol;
}

// What follows what, of the symbols that occur most: as many as the stage has room for.
HeatMap map_of(const Numbers& counts, const Numbers& p, const std::vector<std::string>& symbols,
               int columns) {
    const std::size_t V = symbols.size();
    Numbers often(V);
    for (std::size_t i = 0; i < V * V; ++i) often[i / V] += counts[i];
    std::vector<std::size_t> chosen(V);
    std::iota(chosen.begin(), chosen.end(), 0);
    // The end always has a place.
    std::stable_sort(chosen.begin() + 1, chosen.end(),
                     [&](std::size_t a, std::size_t b) { return often[a] > often[b]; });
    chosen.resize(std::min(V, static_cast<std::size_t>(std::max(1, (columns - 2) / 2))));
    std::sort(chosen.begin(), chosen.end());
    HeatMap map;
    map.row_axis = "after this", map.column_axis = "comes this";
    for (const std::size_t a : chosen) {
        map.row_labels.push_back(shown(symbols[a]));
        map.column_labels.push_back(shown(symbols[a]));
        for (const std::size_t b : chosen) map.values.push_back(p[a * V + b]);
    }
    return map;
}

const Demo demo([](Stage& stage) {
    stage.say("Two words, an and anna; # is the end. Your counts, and your rows of probabilities:");
    const std::string toy = "#an";
    const Numbers few = count({{1, 2}, {1, 2, 2, 1}}, 3), shares = normalise(few, 3, 1);
    stage.print("    #  a  n        #      a      n");
    for (std::size_t a = 0; a < 3; ++a)
        stage.print(fmt::format("{}  {:2} {:2} {:2}   {:.4f} {:.4f} {:.4f}", toy[a], few[3 * a],
                                few[3 * a + 1], few[3 * a + 2], shares[3 * a], shares[3 * a + 1],
                                shares[3 * a + 2]));
    stage.print("");

    const Stories seen = read_stories(1000, Stream::data);
    const Stories unseen = read_stories(200, Stream::validation);
    const Index V = seen.V();
    const Numbers counts = count(seen.stories, V), p = normalise(counts, V, 0.1);
    stage.say(fmt::format("Now 1000 tiny tales, of {} different symbols. The first of them:", V));
    std::string first;
    for (const int symbol : seen.stories[0])
        first += seen.symbols[static_cast<std::size_t>(symbol)];
    stage.say(first);
    HeatMap map = map_of(counts, p, seen.symbols, stage.style().columns);
    map.high = 0.5;
    map.caption = {
        "What follows what: # is the end, _ a space",
        "column # is dark at the full stop alone, for nothing else ends a story. Row d is "
        "dark at the space: and, gold.",
        "a dark cell in row #, under the full stop: the table is turned, and a row says "
        "what came before."};
    stage.show("pairs", map);

    const Real yours = loss(p, unseen.stories, V), uniform = std::log(static_cast<Real>(V));
    BarChart bars;
    bars.caption = {"What a letter of 200 new tales costs",
                    "one letter of memory takes away half of the loss. The floor is the entropy of "
                    "the tales: what is left to a model that knows every rule of theirs.",
                    "your bar as long as the first: no better than the uniform baseline."};
    bars.value_axis = "loss, nats per character";
    bars.labels = {"uniform", "yours", "floor"};
    bars.values = {uniform, yours, unseen.floor};
    stage.show("loss", bars);
    const auto line = [&](const char* who, Real nats) {
        stage.print(fmt::format("{:<8} {:.4f} = ln {:.2f}", who, nats, std::exp(nats)));
    };
    line("uniform", uniform);
    line("yours", yours);
    line("floor", unseen.floor);
    stage.print("");

    stage.say("And four stories that nobody has told before, drawn letter by letter:");
    Random random(3);
    for (int i = 0; i < 4; ++i) stage.say(write_story(p, seen.symbols, random));

    stage.say(
        "And the loss for other smoothing, after counting 1000 tales and after counting 10: on the "
        "counted ones, and on the 200 new ones. Look for the smallest number of each column.");
    const std::vector<std::vector<int>> ten(seen.stories.begin(), seen.stories.begin() + 10);
    const Numbers few_counts = count(ten, V);
    stage.print("s       1000    new      10    new");
    for (const Real s : {Real(0.01), Real(0.1), Real(1), Real(10), Real(100)}) {
        const Numbers of_all = normalise(counts, V, s), of_ten = normalise(few_counts, V, s);
        stage.print(fmt::format("{:<5} {:.4f} {:.4f}  {:.4f} {:.4f}", s,
                                loss(of_all, seen.stories, V), loss(of_all, unseen.stories, V),
                                loss(of_ten, ten, V), loss(of_ten, unseen.stories, V)));
    }
    stage.print("");
});

// The loss of a model with two letters of memory, which the text leaves to the reader.
Real trigram_loss(Real smoothing) {
    const Stories seen = read_stories(1000, Stream::data);
    const Index V = seen.V();
    Numbers counts(static_cast<std::size_t>(V * V * V), smoothing);
    const auto walk = [&](const std::vector<std::vector<int>>& stories, const auto& visit) {
        for (const auto& story : stories) {
            Index row = 0;  // two ends
            for (std::size_t i = 0; i <= story.size(); ++i) {
                const Index next = i < story.size() ? story[i] : 0;
                visit(row, next);
                row = row % V * V + next;
            }
        }
    };
    walk(seen.stories, [&](Index row, Index next) { counts[row * V + next] += 1; });
    Real sum = 0, places = 0;
    walk(read_stories(200, Stream::validation).stories, [&](Index row, Index next) {
        const auto begin = counts.begin() + row * V;
        sum -= std::log(counts[row * V + next] / std::accumulate(begin, begin + V, Real(0)));
        places += 1;
    });
    return sum / places;
}

const WorkedNumbers numbers([] {
    const Numbers p = normalise(count({{1, 2}, {1, 2, 2, 1}}, 3), 3, 1);
    for (const Real x : p) fmt::print("{:.4f} {:.1f}\n", x, x);
    fmt::print("trigrams, smoothing {}: {:.4f} = ln {:.2f}\n", 0.1, trigram_loss(0.1),
               std::exp(trigram_loss(0.1)));
    const std::vector<int> an = {1, 2}, nan = {2, 1, 2};
    for (const auto& word : {an, nan}) {
        std::size_t before = 0;
        Real sum = 0;
        for (std::size_t i = 0; i <= word.size(); ++i) {
            const std::size_t next = i < word.size() ? static_cast<std::size_t>(word[i]) : 0;
            fmt::print("-ln {:.4f} = {:.4f}\n", p[before * 3 + next],
                       -std::log(p[before * 3 + next]));
            sum -= std::log(p[before * 3 + next]);
            before = next;
        }
        fmt::print("sum {:.4f}, mean {:.4f}\n", sum,
                   part().negative_log_likelihood(p.data(), word.data(),
                                                  static_cast<Index>(word.size()), 3));
    }
    fmt::print("ln 3 = {:.4f}, 1 nat = {:.4f} bits\n", std::log(3.0), 1 / std::log(2.0));
    fmt::print("ln 42 = {:.4f}, ln 2 = {:.4f}, e = {:.4f}\n", std::log(42.0), std::log(2.0),
               std::exp(1.0));
    const Numbers row = {0.25, 0.5, 0.25};
    fmt::print("row {} {} {}, sums {} {} {}: u = {} draws {}\n", row[0], row[1], row[2], row[0],
               row[0] + row[1], row[0] + row[1] + row[2], 0.8,
               part().sample_row(row.data(), 3, 0.8));
    fmt::print("ten times {}: {:.17f}\n", 0.1,
               0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1);
});

}  // namespace
}  // namespace gradus::lesson_01

// SPDX-License-Identifier: MIT
#include <map>

#include "lessons/04-value/given.h"
#include "lessons/check/demo.h"

namespace gradus::lesson_05 {
namespace {

using Lists = std::vector<std::vector<Index>>;
using Order = std::vector<Index>;

// The expression of the text, made of the numbers of lesson 04 (the learner's, once they pass).
struct Expression {
    std::vector<Value> numbers;  // x, a, b, f and the constants 2 and 3
    Lists inputs;
};

Expression expression() {
    const Value two = Value(2).named("2"), three = Value(3).named("3");
    const Value x = Value(1).named("x");
    const Value a = (x * two).named("a");
    const Value b = (a + three).named("b");
    const Value f = (a + b).named("f");
    Expression e{{x, a, b, f, two, three}, {}};
    std::map<Index, Index> place;
    for (std::size_t i = 0; i < e.numbers.size(); ++i)
        place[e.numbers[i].number()] = static_cast<Index>(i);
    for (const Value& v : e.numbers) {
        e.inputs.emplace_back();
        for (const Value& input : v.inputs()) e.inputs.back().push_back(place[input.number()]);
    }
    return e;
}

// Walks in this order and says what is handed on; the constants are passed without a word.
std::vector<std::string> walk(const Order& order) {
    const Expression e = expression();
    std::vector<std::string> lines;
    e.numbers[3].grad() = 1;
    for (const Index i : order) {
        const Value& v = e.numbers.at(static_cast<std::size_t>(i));
        v.hand_on(v.grad());
        if (!v.inputs().empty())
            lines.push_back(fmt::format("{} has {:g}", v.name(), v.grad()));
        else if (v.name() == "x")
            lines.push_back("x");
    }
    lines.push_back(fmt::format("df/dx = {:g}", e.numbers[0].grad()));
    return lines;
}

Lists chain(Index n) {
    Lists inputs(static_cast<std::size_t>(n));
    for (Index i = 1; i < n; ++i) inputs[i].push_back(i - 1);
    return inputs;
}

const Demo demo([](Stage& stage) {
    stage.say(
        "x = 1, a = 2 x, b = a + 3, f = a + b. So f is 4 x + 3, and df/dx is 4. Three orders to "
        "walk back in:");
    const Expression e = expression();
    const auto down = walk({3, 1, 0, 4, 2, 5}), near = walk({3, 1, 2, 0, 4, 5});
    const auto yours = walk(part().order(3, e.inputs));
    const auto row = [&](const std::string& l, const std::string& m, const std::string& r) {
        stage.print(fmt::format("{:<13} {:<13} {}", l, m, r));
    };
    row("down first", "nearest first", "yours");
    for (std::size_t i = 0; i < std::max(down.size(), yours.size()); ++i)
        row(i < down.size() ? down[i] : "", i < near.size() ? near[i] : "",
            i < yours.size() ? yours[i] : "");
    stage.print("");
    stage.say(
        "Look for: who hands on before all has arrived. Left and middle, a has 1 when its turn "
        "comes, and the 1 that b brings comes too late. Wrong would be: anything but 4 at the "
        "right.");

    Line visits{"yours", {}, {}}, paths{"all paths", {}, {}};
    for (Index diamonds = 1; diamonds <= 20; ++diamonds) {
        Lists inputs = {{}};
        for (Index top = 0; top < 3 * diamonds; top += 3) {
            inputs.push_back({top});
            inputs.push_back({top});
            inputs.push_back({top + 1, top + 2});
        }
        visits.x.push_back(static_cast<double>(diamonds));
        visits.y.push_back(static_cast<double>(part().order(3 * diamonds, inputs).size()));
        // A walk down every path visits the top once, and all below it twice.
        paths.x.push_back(static_cast<double>(diamonds));
        paths.y.push_back(4 * std::ldexp(1.0, static_cast<int>(diamonds)) - 3);
    }
    LineChart chart;
    chart.caption = {"Visits, for diamonds on top of each other (logarithmic axis)",
                     "your line rises by 3 for each diamond: each number once. Down every path the "
                     "visits double.",
                     "two lines that rise alike."};
    chart.x = {"diamonds"}, chart.y = {"visits", true};
    chart.lines = {visits, paths};
    stage.show("visits", chart);
    stage.print(fmt::format("20 diamonds: yours {:.0f}, all paths {:.0f}", visits.y.back(),
                            paths.y.back()));

    const Order deep = part().order(999999, chain(1000000));
    stage.print(fmt::format("a chain of a million: {} listed", deep.size()));
});

}  // namespace
}  // namespace gradus::lesson_05

// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <stdexcept>

namespace gradus::lesson_02 {
namespace {

using Sizes = std::vector<Index>;

std::string words(const Sizes& sizes) {
    std::string text;
    for (const Index size : sizes) text += (text.empty() ? "" : ", ") + std::to_string(size);
    return "(" + text + ")";
}

// A line of numbers, three places each.
std::string row_of(const std::string& name, const std::vector<Index>& row) {
    std::string text = fmt::format("{:<4}", name);
    for (const Index x : row) text += fmt::format("{:3}", x);
    return text;
}

const Demo demo([](Stage& stage) {
    const Sizes sizes = {3, 4}, strides = part().contiguous_strides(sizes);
    stage.say(
        fmt::format("A grid of shape {}, and the place of each of its elements by your "
                    "functions. Your strides: {}",
                    words(sizes), words(strides)));
    Sizes at(12), row(12, -1), column(12, -1);
    for (Index i = 0; i < 3; ++i) {
        Sizes line;
        for (Index j = 0; j < 4; ++j) {
            const Index place = part().offset({i, j}, strides);
            line.push_back(place);
            if (place >= 0 && place < 12) row[place] = i, column[place] = j;
        }
        stage.print(row_of("", line));
    }
    stage.print("");
    stage.say("The same as it lies in memory: a strip. Below each place, who lives there.");
    for (Index i = 0; i < 12; ++i) at[i] = i;
    stage.print(row_of("at", at));
    stage.print(row_of("row", row));
    stage.print(row_of("col", column));
    stage.print("");

    HeatMap map;
    map.row_axis = "row", map.column_axis = "column";
    const Sizes plane = {6, 10}, steps = part().contiguous_strides(plane);
    map.caption = {"How far back in memory each element of a (6, 10) array lies",
                   "each row begins where the row above ended: dark grows slowly along a row, and "
                   "in leaps down a column.",
                   "leaps along a row: the array lies column after column."};
    for (Index i = 0; i < 6; ++i) map.row_labels.push_back(std::to_string(i));
    for (Index j = 0; j < 10; ++j) map.column_labels.push_back(std::to_string(j));
    for (Index i = 0; i < 6; ++i)
        for (Index j = 0; j < 10; ++j)
            map.values.push_back(static_cast<double>(part().offset({i, j}, steps)));
    map.high = 59;
    stage.show("memory", map);

    stage.say(
        fmt::format("Exchange the two strides of the grid, {}: the same strip, read as (4, 3). "
                    "It is the transpose, and no number has moved.",
                    words({strides[1], strides[0]})));
    for (Index i = 0; i < 4; ++i) {
        Sizes line;
        for (Index j = 0; j < 3; ++j)
            line.push_back(part().offset({i, j}, {strides[1], strides[0]}));
        stage.print(row_of("", line));
    }
    stage.print("");

    const Sizes tall = {9, 1}, flat = {9};
    const Sizes wide = part().broadcast_shape(tall, flat);
    const Sizes a = part().broadcast_strides(tall, wide), b = part().broadcast_strides(flat, wide);
    stage.say(
        fmt::format("A column {} times a row {} is {}. Both hold 1 to 9 and nothing else. "
                    "Your strides: {} and {}. So they multiply:",
                    words(tall), words(flat), words(wide), words(a), words(b)));
    const Sizes digits = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (Index i = 0; i < wide.at(0); ++i) {
        Sizes line;
        for (Index j = 0; j < wide.at(1); ++j)
            line.push_back(digits.at(static_cast<std::size_t>(part().offset({i, j}, a))) *
                           digits.at(static_cast<std::size_t>(part().offset({i, j}, b))));
        stage.print(row_of("", line));
    }
    stage.print("");

    stage.say("And what your broadcast_shape says to some pairs:");
    const std::vector<std::pair<Sizes, Sizes>> pairs = {
        {{8, 16}, {16}}, {{8, 1}, {16}}, {{4, 3}, {4}}, {{4, 1}, {4}}, {{2, 1, 5}, {3, 1}}};
    for (const auto& [x, y] : pairs) {
        std::string result = "refused";
        try {
            result = words(part().broadcast_shape(x, y));
        } catch (const std::invalid_argument&) {
        }
        stage.print(fmt::format("{:<9} with {:<6} -> {}", words(x), words(y), result));
    }
    stage.print("");
});

}  // namespace
}  // namespace gradus::lesson_02

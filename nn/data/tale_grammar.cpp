// SPDX-License-Identifier: MIT
// The two grammars of tiny tales: their stories, their words, and the rules that link the words.
#include "nn/data/tale_grammar.h"

#include <algorithm>
#include <numeric>

namespace gradus {

namespace {

std::vector<int> range(int begin, int end) {  // begin, ..., end - 1
    std::vector<int> result(static_cast<std::size_t>(std::max(0, end - begin)));
    std::iota(result.begin(), result.end(), begin);
    return result;
}

// Numbers are listed one, two, ..., nine: index i stands for i + 1. The rules are the same in
// both languages.
std::vector<int> at_least_two(const std::vector<int>&) {
    return range(1, 9);
}

std::vector<int> fewer(const std::vector<int>& given) {
    return range(0, given[0]);
}

std::vector<int> difference(const std::vector<int>& given) {
    const int left = (given[0] + 1) - (given[1] + 1);
    return left >= 1 ? std::vector<int>{left - 1} : std::vector<int>{};
}

// Everybody has three friends: names come in pairs (0 and 1, 2 and 3, ...), and a name's friends
// are the other name of its pair and both names of the pair halfway round the list. If everybody
// were friends with everybody else, "not the hero" would be worth log(16/15) = 0.065 nats per
// story, too little for a small model to learn in 48,000 stories (measured: in 6% of the stories it
// wrote, the hero gave presents to himself or herself). Three friends out of sixteen are worth 1.67
// nats and are learned in minutes.
template <int kNames>
std::vector<int> a_friend_of(const std::vector<int>& given) {
    const int hero = given[0], pair = hero / 2, far = (pair + kNames / 4) % (kNames / 2);
    std::vector<int> friends = {hero ^ 1, 2 * far, 2 * far + 1};
    std::sort(friends.begin(), friends.end());
    return friends;
}

// The three numbers of a story: some things are found, fewer are given away, the rest are left.
Blank found_blank(const std::vector<std::string>& numbers) {
    return {"number found", numbers, {}, at_least_two, "at least two are found"};
}
Blank given_blank(const std::vector<std::string>& numbers) {
    return {"number given", numbers, {"number found"}, fewer, "fewer are given than were found"};
}
Blank left_blank(const std::vector<std::string>& numbers) {
    return {"number left",
            numbers,
            {"number found", "number given"},
            difference,
            "found - given = left"};
}

template <int kNames>
Blank friend_blank(const std::vector<std::string>& names) {
    return {"friend",
            names,
            {"hero"},
            a_friend_of<kNames>,
            "the friend is one of the hero's three friends"};
}

}  // namespace

TaleGrammar english_tales() {
    const std::vector<std::string> names = {"Mia",  "Eva",  "Zoe",  "Ida", "Lily", "Rosa",
                                            "Nora", "Ruth", "Ben",  "Tom", "Max",  "Leo",
                                            "Sam",  "Finn", "Otto", "Hugo"};
    const std::vector<std::string> numbers = {"one", "two",   "three", "four", "five",
                                              "six", "seven", "eight", "nine"};
    const std::vector<std::string> things = {"kites", "cakes", "hats", "bells", "socks", "drums",
                                             "boats", "figs",  "kite", "cake",  "hat",   "bell",
                                             "sock",  "drum",  "boat", "fig"};
    return {
        "tales",
        "Mia Fox",
        "{hero} {kind} found {number found} {colour} {thing} {place}. "
        "{pronoun} gave {friend} {number given} and a hug. "
        "Now {hero} {kind} has {number left} {colour} {thing left} "
        "and {friend} has {number given}.\n",
        {
            {"hero", names},
            {"kind", {"Fox", "Owl", "Cat", "Bear", "Frog", "Duck", "Goat", "Mole"}},
            found_blank(numbers),
            {"colour", {"red", "blue", "pink", "gold"}},
            {"thing",
             things,
             {},
             [](const std::vector<int>&) { return range(0, 8); },
             "two or more are plural"},
            {"place",
             {"at sea", "in bed", "on Mars", "at home", "in Rome", "in town", "on ice",
              "in space"}},
            {"pronoun",
             {"She", "He"},
             {"hero"},
             [](const std::vector<int>& given) { return std::vector<int>{given[0] < 8 ? 0 : 1}; },
             "the pronoun follows the hero"},
            friend_blank<16>(names),
            given_blank(numbers),
            left_blank(numbers),
            {"thing left",
             things,
             {"thing", "number left"},
             [](const std::vector<int>& given) {
                 return std::vector<int>{given[0] % 8 + (given[1] == 0 ? 8 : 0)};
             },
             "the same thing as before, and singular after one"},
        }};
}

TaleGrammar chinese_tales() {
    const std::vector<std::string> names = {"朵朵", "豆豆", "圆圆", "乐乐",
                                            "阿宝", "阿福", "小满", "小雨"};
    const std::vector<std::string> numbers = {"一", "两", "三", "四", "五", "六", "七", "八", "九"};
    // All things take the measure word 个, and the words in each list have the same length, so
    // every story has 45 characters.
    return {
        "tales-zh",
        "松鼠朵朵",
        "{kind}{hero}在{place}捡到{number found}个{colour}{thing}，分给{friend}{number given}个。"
        "{kind}{hero}还剩{number left}个{colour}{thing}，{friend}抱着{number given}个，乐了。\n",
        {
            {"kind", {"松鼠", "狐狸", "兔子", "刺猬", "熊猫", "青蛙", "企鹅", "河马"}},
            {"hero", names},
            {"place", {"河边", "海边", "山上", "树下", "桥下", "屋后", "田里", "林中"}},
            found_blank(numbers),
            {"colour", {"红", "黄", "绿", "金"}},
            {"thing", {"苹果", "桃子", "南瓜", "气球", "皮球", "铃铛", "灯笼", "陀螺"}},
            friend_blank<8>(names),
            given_blank(numbers),
            left_blank(numbers),
        }};
}

}  // namespace gradus

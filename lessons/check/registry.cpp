// SPDX-License-Identifier: MIT
#include "lessons/check/registry.h"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

#include "tensor/ops.h"

namespace gradus::lessons {
namespace {

struct NamedInstall {
    std::string lesson;
    std::function<void()> run;
};
std::vector<NamedInstall>& installs() {
    static std::vector<NamedInstall> list;
    return list;
}
std::vector<std::function<void()>>& worked_numbers() {
    static std::vector<std::function<void()>> list;
    return list;
}

bool built_in_matmul = false;

// The functions in the table's slots.
std::vector<std::pair<std::string, void (*)()>> slots() {
    std::vector<std::pair<std::string, void (*)()>> list;
#define OP(name, arguments) \
    list.emplace_back(#name, reinterpret_cast<void (*)()>(ops().name.function()));
#include "tensor/ops.inc"
#undef OP
    return list;
}

// The lessons that have filled each slot, one after another.
std::map<std::string, std::vector<std::string>>& holders() {
    static std::map<std::string, std::vector<std::string>> list;
    return list;
}

}  // namespace

std::vector<Answer>& answers() {
    static std::vector<Answer> list;
    return list;
}
std::vector<NamedFingerprint>& fingerprints() {
    static std::vector<NamedFingerprint> list;
    return list;
}
std::vector<SlipTable>& slip_tables() {
    static std::vector<SlipTable> list;
    return list;
}

const Answer* find(const std::string& lesson, const std::string& name) {
    for (const auto& answer : answers())
        if (answer.lesson == lesson && answer.name == name) return &answer;
    return nullptr;
}

namespace {

// Puts the parts of the lessons that are `wanted` into the library, in lesson order: 02 and 07 fill
// the same slot, and the later must win.
void install(bool keep_matmul, const std::function<bool(const std::string& lesson)>& wanted) {
    std::sort(installs().begin(), installs().end(),
              [](const auto& a, const auto& b) { return a.lesson < b.lesson; });
    const auto matmul = ops().matmul.function();
    const auto matmul_backward = ops().matmul_backward.function();
    for (const auto& install : installs()) {
        if (!wanted(install.lesson)) continue;
        const auto before = slots();
        install.run();
        const auto after = slots();
        for (std::size_t i = 0; i < after.size(); ++i)
            if (after[i] != before[i]) holders()[after[i].first].push_back(install.lesson);
    }
    if (keep_matmul) {
        ops().matmul = matmul;
        ops().matmul_backward = matmul_backward;
        holders().erase("matmul");
        holders().erase("matmul_backward");
    }
}

// The learner's functions of every lesson but this one or, where there are none, the solution's.
void use_best(const std::string& lesson = "") {
    for (const auto& answer : answers())
        if (answer.lesson != lesson &&
            (answer.name == "mine" || (answer.name == "solution" && !find(answer.lesson, "mine"))))
            answer.use();
}

}  // namespace

void use(const std::string& lesson, const std::string& name) {
    const Answer* wanted = find(lesson, name);
    if (wanted == nullptr)
        throw std::invalid_argument(fmt::format("{} has no answer \"{}\"", lesson, name));
    use_best(lesson);
    wanted->use();
    // The twin is the library itself: installed in its own table, it would call itself.
    install(built_in_matmul, [&](const std::string& other) {
        return other == lesson ? name != "twin" : find(other, "mine") != nullptr;
    });
}

void use_mine(bool keep_matmul) {
    use_best();
    install(keep_matmul, [](const std::string& lesson) { return is_own(lesson); });
}

void use_reference() {
    for (const auto& answer : answers())
        if (answer.name == "solution") answer.use();
    install(true, [](const std::string&) { return true; });
}

void unfinished(const char* function) {
    throw Unfinished(std::string("unfinished: ") + function);
}

void add_answer(Answer answer) {
    answers().push_back(std::move(answer));
}
void add_slips(const char* lesson, const char* lines) {
    slip_tables().push_back({lesson, lines});
}

Install::Install(const char* lesson, std::function<void()> run) {
    installs().push_back({lesson, std::move(run)});
}
BuiltInMatmul::BuiltInMatmul() {
    built_in_matmul = true;
}
std::string holder(const std::string& slot) {
    const auto found = holders().find(slot);
    return found == holders().end() ? "" : found->second.back();
}

bool is_own(const std::string& lesson) {
    return find(lesson, "mine") != nullptr;
}

Fingerprint::Fingerprint(const char* function, std::function<std::vector<double>()> run) {
    fingerprints().push_back({function, std::move(run)});
}
WorkedNumbers::WorkedNumbers(std::function<void()> run) {
    worked_numbers().push_back(std::move(run));
}

void print_numbers() {
    for (const auto& print : worked_numbers()) print();
}
const std::map<std::string, std::vector<std::string>>& all_holders() {
    return holders();
}

}  // namespace gradus::lessons

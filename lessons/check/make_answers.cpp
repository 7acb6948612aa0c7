// SPDX-License-Identifier: MIT
// Writes the C++ file with every answer that comes with a lesson: its stub, its solution, the
// library's own functions if there is a twin.h, and the solution with the changes of each mutant and
// near neighbour (pieces.h); and what its slips give. Run by the build: make_answers LESSON_FOLDER
// OUTPUT, or with the solution alone: make_answers LESSON_FOLDER OUTPUT solution.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "lessons/check/pieces.h"
#include "lessons/runner/lesson.h"

namespace {

// The text of one answer, in a namespace of its own, with lines numbered as in its file.
std::string answer(const std::string& name, const std::string& space, const std::string& file,
                   const std::string& text) {
    std::string out =
        fmt::format("\n#define mine {}\n#define GRADUS_ANSWER_NAME \"{}\"\n", space, name);
    out += fmt::format("#line 1 \"{}\"\n", file);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        out += (line == "#pragma once" ? "" : line) + "\n";
    return out +
           "#include \"lessons/check/enter_mine.inc\"\n#undef GRADUS_ANSWER_NAME\n#undef mine\n";
}

}  // namespace

int main(int argc, char** argv) {
    using namespace gradus::lessons;
    const bool alone = argc == 4 && std::string(argv[3]) == "solution";
    if (argc != 3 && !alone) {
        fmt::print(stderr, "make_answers LESSON_FOLDER OUTPUT [solution]\n");
        return 2;
    }
    try {
        const Lesson lesson = read_lesson(argv[1]);
        const std::string path = lesson.path("solution.h"), solution = lesson_file(path);
        const std::string space = "solution_" + lesson.number;
        std::string out = answer("solution", space, path, solution);
        int number = 0;
        const auto add = [&](const std::string& name, const std::string& file,
                             const std::string& text) {
            out += answer(name, fmt::format("answer_{}", number++), file, text);
        };
        if (!alone) {
            out = "#include \"lessons/check/part.h\"\n" + out;
            for (const std::string name : {"stub", "twin"})
                if (const std::string own = lesson.path(name + ".h"); std::filesystem::exists(own))
                    add(name, own, lesson_file(own));
            for (const auto& [list, file] : {std::pair(lesson.mutants, "mutants.md"),
                                             std::pair(lesson.neighbours, "neighbours.md")})
                for (const auto& mutant : list)
                    add(mutant.name, fmt::format("{}: {}", lesson.path(file), mutant.name),
                        only_changes(solution, mutated(lesson, mutant), space));
        }
        if (const std::string slips = lesson.path("slips.txt");
            !alone && std::filesystem::exists(slips))
            out += fmt::format(
                "\nconst bool slips = (gradus::lessons::add_slips(\"{}\", R\"slips({})slips\"), "
                "true);\n",
                lesson.name, lesson_file(slips));
        std::ofstream(argv[2], std::ios::binary) << out;
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 1;
    }
}

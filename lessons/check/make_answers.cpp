// SPDX-License-Identifier: MIT
// Writes the C++ file with every answer that comes with a lesson: its stub, its solution, the
// library's own functions if there is a twin.h, and the solution with the changes of each mutant and
// near neighbour; and what its slips give. Run by the build: make_answers LESSON_FOLDER OUTPUT, or with
// the solution alone: make_answers LESSON_FOLDER OUTPUT solution.
#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lessons/runner/lesson.h"

namespace {

// The text of one answer, in its own namespace, with lines numbered as in its file.
std::string answer(const std::string& name, int number, const std::string& file,
                   const std::string& text) {
    std::string out =
        fmt::format("\n#define mine answer_{}\n#define GRADUS_ANSWER_NAME \"{}\"\n", number, name);
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
        Lesson lesson = read_lesson(argv[1]);
        if (alone) lesson.mutants.clear(), lesson.neighbours.clear();
        int number = 0;
        std::string out = "#include \"lessons/check/part.h\"\n";
        for (const char* name : {"stub", "solution", "twin"}) {
            const std::string path = lesson.path(std::string(name) + ".h");
            if (std::string(name) == "twin" && !std::filesystem::exists(path)) continue;
            if (alone && std::string(name) != "solution") continue;
            out += answer(name, number++, path, lesson_file(path));
        }
        for (const auto& mutant : lesson.mutants)
            out += answer(mutant.name, number++,
                          fmt::format("{}: {}", lesson.path("mutants.md"), mutant.name),
                          mutated(lesson, mutant));
        for (const auto& neighbour : lesson.neighbours)
            out += answer(neighbour.name, number++,
                          fmt::format("{}: {}", lesson.path("neighbours.md"), neighbour.name),
                          mutated(lesson, neighbour));
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

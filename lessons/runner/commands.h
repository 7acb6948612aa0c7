// SPDX-License-Identifier: MIT
// The commands of the course. Each returns the program's exit code: 0 if done or passed, 1 if not
// yet. A command that cannot be carried out throws; the exit code is then 2.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"
#include "lessons/runner/show.h"

namespace gradus::lessons {

// For the script ./gradus: prints the build's targets that a command needs, given as its words, such
// as {"check", "03"}; nothing if the runner alone will do.
int targets_command(const Course& course, const std::vector<std::string>& words);
int map_command(const Course& course, const TerminalStyle& style);
int start_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
int check_command(const Course& course, const std::string& lesson, bool all, bool json,
                  const TerminalStyle& style);
// Checks the last case of each function; if these pass, all of them.
int try_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
int watch_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
int hint_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
int read_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
// `out`: the page's path; if it is empty, book.html in the learner's folder.
int book_command(const Course& course, const std::string& out, const TerminalStyle& style);
// The closing page: the learner's files as one program, beside GPT-2.
int built_command(const Course& course, const std::string& out, const TerminalStyle& style);
int demo_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
int solution_command(const Course& course, const std::string& lesson, bool peek,
                     const TerminalStyle& style);
int reset_command(const Course& course, const std::string& lesson, const TerminalStyle& style);
int list_command(const Course& course, bool json, const TerminalStyle& style);
int doctor_command(const Course& course, bool json, const TerminalStyle& style);
// For authors: checks every rule of lessons/AUTHORING.md, for one lesson or all.
int verify_command(const Course& course, const std::string& lesson, bool json,
                   const TerminalStyle& style);
// For teachers: a table of the learners whose progress files are in a folder.
int class_command(const Course& course, const std::string& folder, bool json,
                  const TerminalStyle& style);

}  // namespace gradus::lessons

// SPDX-License-Identifier: MIT
// The commands of the course. Each returns the program's exit code: 0 done or passed, 1 not yet.
// What cannot be done at all is thrown, and becomes 2.
#pragma once

#include <string>

#include "lessons/runner/course.h"
#include "lessons/runner/show.h"

namespace gradus::lessons {

int map_command(const Course& course, const Look& look);
int start_command(const Course& course, const std::string& lesson, const Look& look);
int check_command(const Course& course, const std::string& lesson, bool all, bool json,
                  const Look& look);
int watch_command(const Course& course, const std::string& lesson, const Look& look);
int hint_command(const Course& course, const std::string& lesson, const Look& look);
int demo_command(const Course& course, const std::string& lesson, const Look& look);
int solution_command(const Course& course, const std::string& lesson, bool peek, const Look& look);
int reset_command(const Course& course, const std::string& lesson, const Look& look);
int list_command(const Course& course, bool json, const Look& look);
int doctor_command(const Course& course, bool json, const Look& look);
// For authors: every rule of lessons/AUTHORING.md, for one lesson or all.
int verify_command(const Course& course, const std::string& lesson, bool json, const Look& look);
// For teachers: a table of the learners whose progress files lie in a folder.
int class_command(const Course& course, const std::string& folder, bool json, const Look& look);

}  // namespace gradus::lessons

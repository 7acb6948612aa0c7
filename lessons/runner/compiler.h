// SPDX-License-Identifier: MIT
// Compiles and links with the flags of this build; compiles only what is out of date.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

enum class Flavour {
    watched,  // with address and undefined-behaviour sanitizers: for code that is being checked
    fast      // -O2: for code that has passed, and for lessons that train
};

struct Compiled {
    bool ok;
    std::string messages;  // the compiler's full output; if it was not run, that of the last run
};

// Appends `more` to a list of command-line arguments or object files.
void append(std::vector<std::string>& all, const std::vector<std::string>& more);

// Compiles `source` to `object` and creates folders as needed. Does nothing if the same command
// built the object file and none of its dependencies is newer.
Compiled compile(const BuildConfig& build, Flavour flavour, const std::string& source,
                 const std::vector<std::string>& definitions, const std::string& object);

// The source and headers that an object file was compiled from.
std::vector<std::string> dependencies(const std::string& object);

// Links object files and libraries into a program.
Compiled link(const BuildConfig& build, Flavour flavour, const std::vector<std::string>& objects,
              const std::string& program);

}  // namespace gradus::lessons

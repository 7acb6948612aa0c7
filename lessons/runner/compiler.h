// SPDX-License-Identifier: MIT
// Compiles and links the way this build does, and only what is not up to date.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

enum class Flavour {
    watched,  // address and undefined-behaviour sanitizers: code that is being checked
    fast      // -O2: code that has passed, and lessons that train
};

struct Compiled {
    bool ok;
    std::string messages;  // what the compiler said, now or when it last ran; warnings included
};

// Appends to a list: the words of a command, or objects.
void append(std::vector<std::string>& all, const std::vector<std::string>& more);

// Compiles `source` to `object` and creates folders as needed. Does nothing if the same command
// built it and none of its dependencies is newer.
Compiled compile(const BuildConfig& build, Flavour flavour, const std::string& source,
                 const std::vector<std::string>& definitions, const std::string& object);

// What an object was compiled from: source and headers.
std::vector<std::string> dependencies(const std::string& object);

// Links objects and libraries into a program.
Compiled link(const BuildConfig& build, Flavour flavour, const std::vector<std::string>& objects,
              const std::string& program);

}  // namespace gradus::lessons

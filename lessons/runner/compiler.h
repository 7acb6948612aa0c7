// SPDX-License-Identifier: MIT
// Compiles and links as this build does, and only what is not up to date.
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
    std::string messages;  // what the compiler said, warnings included; also of an earlier time
};

// What the words of a command and lists of objects are made with.
void append(std::vector<std::string>& all, const std::vector<std::string>& more);

// `source` becomes `object`; folders are made. Nothing is done if the same command made it and
// nothing it was made of is newer.
Compiled compile(const BuildConfig& build, Flavour flavour, const std::string& source,
                 const std::vector<std::string>& definitions, const std::string& object);

// What an object was made of: source and headers.
std::vector<std::string> dependencies(const std::string& object);

// Objects and libraries become a program.
Compiled link(const BuildConfig& build, Flavour flavour, const std::vector<std::string>& objects,
              const std::string& program);

}  // namespace gradus::lessons

// SPDX-License-Identifier: MIT
// Compiles and links with the flags of this build; compiles only what is out of date.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

// What the machine refuses (a full disk, a folder that cannot be written to, a compiler without
// sanitizers). It is not a verdict: nobody's code is to blame, and it does not count as a try.
struct MachineError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The sentence of a MachineError for these messages of a compiler or linker; "" if they are about
// the code.
std::string machine_problem(const std::string& messages);

// Makes a folder and its parents. Throws MachineError.
void make_folder(const std::string& path);

enum class Flavour {
    watched,  // with address and undefined-behaviour sanitizers: for code that is being checked
    fast,     // -O2: for code that has passed
    in_float  // the same in float, for ./gradus gpt --mine
};

struct Compiled {
    bool ok;
    std::string messages;  // the compiler's full output; if it was not run, that of the last run
};

// Appends `more` to a list of command-line arguments or object files.
void append(std::vector<std::string>& all, const std::vector<std::string>& more);

// Compiles `source` to `object`, with `more` arguments, and creates folders as needed. Does nothing
// if the same command built the object file from files with the same contents. Throws MachineError.
Compiled compile(const BuildConfig& build, Flavour flavour, const std::string& source,
                 const std::vector<std::string>& more, const std::string& object);

// The source and headers that an object file was compiled from.
std::vector<std::string> dependencies(const std::string& object);

// The words of a rule for make, as the compiler writes it (-MMD): names with spaces are escaped.
std::vector<std::string> words_of_rule(const std::string& rule);

// Links object files and libraries into a program. Throws MachineError.
Compiled link(const BuildConfig& build, Flavour flavour, const std::vector<std::string>& objects,
              const std::string& program);

}  // namespace gradus::lessons

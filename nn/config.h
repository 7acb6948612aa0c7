// SPDX-License-Identifier: MIT
// A configuration is a plain struct with a function fields(visit) that lists each of its fields
// once, just as a module's parameters(visit) lists its parameters. From that one list come
// run.json, the report, the program's command-line flags, the check that a resumed run is the same
// run, and the command that reproduces it.
//
//     struct Schedule {
//         Index steps = 1000;
//         void fields(auto&& visit) { visit("steps", steps, About{.help = "Training steps"}); }
//     };
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tensor/real.h"

namespace gradus {

// Everything about a field apart from its name, type and value.
struct About {
    std::string help = "";   // a short description for --help, without a full stop
    bool resumable = false;  // may be changed when a run is resumed
    bool optional = false;   // may be missing from older run.json files; the default is then used
    bool nullable = false;   // may be NaN, which is written to JSON as null
    bool flag = true;        // exposed as a command-line flag
};

// Reads and writes, as a bool, a field whose type is an enum with the values no and yes.
struct YesNo {
    std::function<bool()> get;
    std::function<void(bool)> set;
};

struct Field {
    using Pointer = std::variant<Index*, std::uint64_t*, float*, double*, bool*, YesNo,
                                 std::string*, std::vector<double>*>;

    std::string name;  // "min_lr", as it appears in run.json; the flag is --min-lr
    Pointer value;     // points into the configuration, which must outlive the list
    About about;

    std::string flag() const;   // "--min-lr"
    std::string label() const;  // "min lr"
    std::string text() const;   // the value as text, for display and for a command line
};

// Fields that belong together, under one name in run.json: {"model", fields_of(config)}.
struct ConfigSection {
    std::string name;
    std::vector<Field> fields;
};

template <class T>
Field::Pointer field_pointer(T& value) {
    if constexpr (std::is_enum_v<T>)
        return YesNo{[&value] { return value == T::yes; },
                     [&value](bool yes) { value = yes ? T::yes : T::no; }};
    else
        return &value;
}

template <class Config>
std::vector<Field> fields_of(Config& config) {
    std::vector<Field> list;
    config.fields([&](const char* name, auto& value, const About& about) {
        list.push_back({name, field_pointer(value), about});
    });
    return list;
}

}  // namespace gradus

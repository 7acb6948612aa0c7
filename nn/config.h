// SPDX-License-Identifier: MIT
// What a configuration is: a plain struct whose fields(visit) names each of its fields once, as the
// parameters(visit) of a module names its parameters. A run's run.json, its report, the flags of a
// program, the check when it is resumed and the command that repeats it are all made from that one
// list.
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

// What is to be known of a field beside its name, type and value.
struct About {
    std::string help = "";   // for --help: one sentence without its full stop
    std::string value = "";  // what --help calls the value; "": N for whole numbers, X for others
    bool resumable = false;  // a run may be resumed with another value
    bool optional = false;   // run.json of an older version may lack it: the default is meant
    bool nullable = false;   // may be NaN, which JSON writes as null
    bool flag = true;        // a program offers it as a flag
};

// A field of an enumeration {no, yes}, read and written as true or false.
struct YesNo {
    std::function<bool()> get;
    std::function<void(bool)> set;
};

struct Field {
    using Pointer =
        std::variant<Index*, std::uint64_t*, float*, double*, bool*, YesNo, std::string*>;

    std::string name;  // "min_lr": so it stands in run.json; the flag is --min-lr
    Pointer value;     // into the configuration, which has to outlive the list
    About about;

    std::string flag() const;   // "--min-lr"
    std::string label() const;  // "min lr"
    std::string text() const;   // the value for people and for a command: "0.001", "yes"
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

// SPDX-License-Identifier: MIT
// Flags made from the fields of a configuration (nn/config.h): a field added there gets its flag
// without a change here.
#include <algorithm>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

// "quick 2500, cpu 2000, char 5000", or one value if all presets agree.
std::string defaults(const std::string& name) {
    std::string text, last;
    bool same = true;
    GptConfig model;
    const std::vector<Field> of_models = fields_of(model);
    const bool of_model = std::any_of(of_models.begin(), of_models.end(),
                                      [&](const Field& field) { return field.name == name; });
    for (const Preset& p : presets()) {
        if (p.for_trained && of_model) continue;  // its model is there already
        TextRun run;
        run.model = p.model, run.training = p.training;
        run.batch = p.batch, run.window = p.window;
        for (const Field& field : run.all_fields()) {
            if (field.name != name) continue;
            same = same && (last.empty() || last == field.text());
            last = field.text();
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", p.name, last);
        }
    }
    return same ? last : text;
}

// Numbers and strings: --steps N.
template <class T>
void add_value(CLI::App& app, const Field& field, const std::string& about, const char* group,
               std::map<std::string, nlohmann::json>& said) {
    CLI::Option* option = app.add_option_function<T>(
        field.flag(), [&said, name = field.name](const T& value) { said[name] = value; }, about);
    option->type_name(std::is_integral_v<T> ? "N" : "X")->group(group);
    if constexpr (std::is_arithmetic_v<T>)
        option->check(std::is_unsigned_v<T>   ? not_negative
                      : std::is_integral_v<T> ? whole_number
                                              : number);
}

// --bf16, and --no-bf16, which the help does not show.
void add_yes_no(CLI::App& app, const Field& field, const std::string& about, const char* group,
                std::map<std::string, nlohmann::json>& said) {
    for (const bool yes : {true, false}) {
        const std::string flag = yes ? field.flag() : "--no-" + field.flag().substr(2);
        app.add_flag_callback(
               flag, [&said, yes, name = field.name] { said[name] = yes; },
               about + (yes ? "" : ": no"))
            ->group(yes ? group : "");
    }
}

void add_fields(CLI::App& app, const std::vector<Field>& fields, const char* group,
                std::map<std::string, nlohmann::json>& said) {
    for (const Field& field : fields) {
        if (!field.about.flag) continue;
        const std::string about =
            fmt::format("{} (default: {})", field.about.help, defaults(field.name));
        std::visit(
            [&](const auto& value) {
                using Value = std::decay_t<decltype(value)>;
                if constexpr (std::is_same_v<Value, YesNo> || std::is_same_v<Value, bool*>)
                    add_yes_no(app, field, about, group, said);
                else if constexpr (!std::is_same_v<Value,
                                                   std::vector<double>*>)  // no flag sets a list
                    add_value<std::remove_pointer_t<Value>>(app, field, about, group, said);
            },
            field.value);
    }
}

}  // namespace

std::string about_presets() {
    std::string about = "Model and training settings in one word:";
    for (const Preset& p : presets()) about += "\n" + p.name + ": " + p.about;
    return about;
}

void add_field_flags(CLI::App& app, std::map<std::string, nlohmann::json>& said) {
    TextRun run;
    add_fields(app, run.batch_fields(), "Training", said);
    add_fields(app, fields_of(run.training), "Training", said);
    add_fields(app, fields_of(run.run), "Training", said);
    add_fields(app, fields_of(run.model), "The model", said);
}

}  // namespace gradus

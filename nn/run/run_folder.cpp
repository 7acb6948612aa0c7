// SPDX-License-Identifier: MIT
#include "nn/run/run_folder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "nn/files/weights/weights.h"
#include "nn/text/near_names.h"

namespace gradus {
namespace {

using nlohmann::json;
constexpr const char* kFormat = "gradus-run-1";

json to_json(const Field& field) {
    return std::visit(
        [](const auto& value) -> json {
            if constexpr (std::is_pointer_v<std::decay_t<decltype(value)>>)
                return *value;
            else
                return value.get();
        },
        field.value);
}

template <class T>
constexpr const char* kind_of_value() {
    return std::is_same_v<T, std::string> ? "a string"
           : std::is_same_v<T, bool>      ? "true or false"
           : std::is_unsigned_v<T>        ? "a whole number, not negative"
           : std::is_integral_v<T>        ? "a whole number"
           : std::is_floating_point_v<T>  ? "a number"
                                          : "a list of numbers";
}

template <class T>
bool has_type(const json& j) {
    return std::is_same_v<T, std::string> ? j.is_string()
           : std::is_same_v<T, bool>      ? j.is_boolean()
           : std::is_unsigned_v<T>        ? j.is_number_unsigned()
           : std::is_integral_v<T>        ? j.is_number_integer()
           : std::is_floating_point_v<T>
               ? j.is_number()
               : j.is_array() &&
                     std::all_of(j.begin(), j.end(), [](const json& x) { return x.is_number(); });
}

// The value as a T; throws std::invalid_argument, naming the field, if it has another type.
template <class T>
T value_of(const json& j, const std::string& name) {
    require(has_type<T>(j), "\"{}\" is {}{}, must be {}", name, j.type_name(),
            j.is_number() ? " " + j.dump() : "", kind_of_value<T>());
    return j.get<T>();
}

}  // namespace

void set_field(const Field& field, const json& j) {
    std::visit(
        [&](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, YesNo>) {
                value.set(value_of<bool>(j, field.name));
            } else {
                using T = std::remove_pointer_t<Value>;
                if constexpr (std::is_floating_point_v<T>)
                    if (field.about.nullable && j.is_null()) {  // JSON has no NaN
                        *value = std::numeric_limits<T>::quiet_NaN();
                        return;
                    }
                *value = value_of<T>(j, field.name);
            }
        },
        field.value);
}

namespace {

// Reads all fields of one object, which may also hold those named in `others`.
void read_fields(const json& object, const std::vector<Field>& fields,
                 std::vector<std::string> others) {
    for (const Field& field : fields) {
        others.push_back(field.name);
        const auto at = object.find(field.name);
        require(at != object.end() || field.about.optional, "\"{}\" is missing", field.name);
        if (at != object.end()) set_field(field, *at);
    }
    for (const auto& entry : object.items()) {
        if (std::find(others.begin(), others.end(), entry.key()) != others.end()) continue;
        const auto near = near_names(entry.key(), others, 1);
        require(false, "\"{}\" is not a known field{}", entry.key(),
                near.empty() ? "" : " (did you mean \"" + near[0] + "\"?)");
    }
}

// Joins sections of the same name; the top level is the section without a name.
std::map<std::string, std::vector<Field>> by_name(const std::vector<ConfigSection>& sections) {
    std::map<std::string, std::vector<Field>> joined = {{"", {}}};
    for (const ConfigSection& section : sections) {
        auto& list = joined[section.name];
        list.insert(list.end(), section.fields.begin(), section.fields.end());
    }
    return joined;
}

Snapshot snapshot_of(const json& j) {
    require(j.is_object(), "\"samples\" holds {}, must hold objects", j.type_name());
    Snapshot s;
    read_fields(
        j, {{"step", &s.step, {}}, {"val", &s.val, {.nullable = true}}, {"text", &s.text, {}}}, {});
    return s;
}

std::vector<Snapshot> snapshots_of(const json& whole) {
    std::vector<Snapshot> list;
    if (!whole.contains("samples")) return list;
    require(whole["samples"].is_array(), "\"samples\" is not a list");
    for (const json& sample : whole["samples"]) list.push_back(snapshot_of(sample));
    return list;
}

// Folders of older versions have no checksums.
FileRecords files_of(const json& whole) {
    FileRecords records;
    if (!whole.contains("files")) return records;
    require(whole["files"].is_object(), "\"files\" is not an object");
    for (const auto& entry : whole["files"].items()) {
        Checksum& sum = records[entry.key()];
        std::string crc;
        require(entry.value().is_object(), "\"files\" holds {}, must hold objects",
                entry.value().type_name());
        std::uint64_t bytes = 0;
        read_fields(entry.value(), {{"bytes", &bytes, {}}, {"crc64", &crc, {}}}, {});
        const auto [end, error] = std::from_chars(crc.data(), crc.data() + crc.size(), sum.crc, 16);
        require(error == std::errc() && end == crc.data() + crc.size() && crc.size() == 16,
                "\"crc64\" is \"{}\", must be 16 hexadecimal digits", crc.substr(0, 40));
        sum.bytes = bytes;
    }
    return records;
}

const json& object_in(const json& whole, const std::string& name) {
    require(whole.contains(name) && whole[name].is_object(), "\"{}\" is missing or not an object",
            name);
    return whole[name];
}

}  // namespace

void save_description(const std::string& folder, const std::vector<ConfigSection>& sections,
                      const RunResult& result, const std::function<void(json&)>& more,
                      const FileRecords& files) {
    json out = {{"format", kFormat}};
    if (more) more(out);
    const auto write = [](json& object, const std::vector<Field>& fields) {
        for (const Field& field : fields) object[field.name] = to_json(field);
    };
    for (const ConfigSection& section : sections)
        if (!section.fields.empty())
            write(section.name.empty() ? out : out[section.name], section.fields);
    RunResult copy = result;  // fields_of() hands out pointers that could change it
    write(out["result"], fields_of(copy));
    for (const Snapshot& s : result.snapshots)
        out["samples"].push_back({{"step", s.step}, {"val", s.val}, {"text", s.text}});
    for (const auto& [name, sum] : files)
        out["files"][name] = {{"bytes", sum.bytes}, {"crc64", sum.text()}};
    // A byte-level model may write invalid UTF-8: such bytes become U+FFFD.
    write_file(in_folder(folder, "run.json"), checked_json(std::move(out), 2));
}

namespace {

// " (did you mean runs/tales-quick?)", of the runs that lie where the folder should be.
std::string near_run(const std::string& folder) {
    std::filesystem::path path = folder;
    if (!path.has_filename()) path = path.parent_path();  // of "runs/quick/"
    const std::string parent = path.has_parent_path() ? path.parent_path().string() : ".";
    std::vector<std::string> names;
    for (const std::string& run : runs_in(parent))
        names.push_back(std::filesystem::path(run).filename().string());
    const auto near = near_names(path.filename().string(), names, 1);
    if (near.empty()) return " (to save a run: gradus gpt --out DIR)";
    return fmt::format(" (did you mean {}?)", path.replace_filename(near[0]).string());
}

// Why a folder has no run.json.
std::string why_missing(const std::string& folder) {
    const std::string within = runs_within(folder);
    if (!within.empty()) return "cannot read: no such file (" + within + ")";
    std::error_code error;
    const auto in = std::filesystem::directory_iterator(folder, error);
    const bool begun = std::any_of(begin(in), end(in), [](const auto& entry) {
        const std::string name = entry.path().filename().string();
        return name == "log.csv" || name == "run.lock" || name == "report.html";
    });
    return std::string("cannot read: no such file (") +
           (begun ? "a run that ended before its first save: start it again as before"
                  : "so this is not a run's folder") +
           ")";
}

}  // namespace

Description::Description(const std::string& folder) : path_(in_folder(folder, "run.json")) {
    std::error_code error;  // a loop of links, say
    const auto status = std::filesystem::status(folder, error);
    if (status.type() == std::filesystem::file_type::none) throw FileError(folder, error.message());
    if (!std::filesystem::is_directory(status))
        throw FileError(folder, std::filesystem::exists(status)
                                    ? "is a file, not a run's folder"
                                    : "there is no such folder" + near_run(folder));
    if (!holds_run(folder)) throw FileError(path_, why_missing(folder));
    const std::string text = read_file(path_);
    checked([&] {
        bool has_checksum;
        json j = parse_checked_json(text, has_checksum);
        require(j.is_object(), "must be an object, not {}", j.type_name());
        const json format = j.value("format", json());
        require(format == kFormat, "\"format\" is {}, this program reads \"{}\"", format.dump(),
                kFormat);
        files_ = files_of(j);
        require(has_checksum || files_.empty(), "\"checksum\" is missing");
        json_ = std::make_shared<const json>(std::move(j));
    });
}

void Description::checked(const std::function<void()>& f) const {
    try {
        f();
    } catch (const json::parse_error& error) {
        throw FileError(path_, fmt::format("not a run description: offset {}: not JSON",
                                           error.byte > 0 ? error.byte - 1 : 0));
    } catch (const json::exception& error) {
        throw FileError(path_, std::string("not a run description: ") + error.what());
    } catch (const std::invalid_argument& error) {
        throw FileError(path_, error.what());
    }
}

void Description::read(const std::vector<ConfigSection>& sections, RunResult& result,
                       const std::vector<std::string>& others) const {
    checked([&] {
        auto joined = by_name(sections);
        std::vector<std::string> names = others;
        names.insert(names.end(), {"format", "samples", "result", "files"});
        for (const auto& [name, fields] : joined) {
            if (name.empty() || fields.empty()) continue;
            read_fields(object_in(whole(), name), fields, {});
            names.push_back(name);
        }
        read_fields(whole(), joined[""], names);
    });
    read(result);
}

void Description::read(RunResult& result) const {
    checked([&] {
        read_fields(object_in(whole(), "result"), fields_of(result), {});
        result.snapshots = snapshots_of(whole());
    });
}

void Description::require_same(const std::vector<ConfigSection>& here) const {
    checked([&] {
        std::vector<std::string> differ;
        for (const ConfigSection& section : here) {
            if (section.fields.empty()) continue;  // a model without a configuration
            const json& object = section.name.empty() ? whole() : object_in(whole(), section.name);
            for (const Field& field : section.fields) {
                const auto at = object.find(field.name);
                require(at != object.end() || field.about.optional, "\"{}\" is missing",
                        field.name);
                if (at != object.end() && !field.about.resumable && *at != to_json(field))
                    differ.push_back(fmt::format("{} is {} there and {} here", field.name,
                                                 at->dump(), to_json(field).dump()));
            }
        }
        require(differ.empty(), "another run: {} (choose another folder, or delete this one)",
                fmt::join(differ, ", "));
    });
}

Checksum save_resume(const std::string& path, const Trainer& trainer) {
    return save_weights(path, trainer.state(),
                        {{"format", kFormat}, {"steps", std::to_string(trainer.steps_done())}});
}

void load_resume(const std::string& path, Trainer& trainer) {
    const auto metadata = load_weights(path, trainer.state());
    const auto steps = metadata.find("steps");
    Index done = -1;
    if (steps != metadata.end() && !steps->second.empty() && steps->second.size() < 16 &&
        steps->second.find_first_not_of("0123456789") == std::string::npos)
        done = std::stoll(steps->second);
    if (done < 0)
        throw FileError(path, "its metadata does not say after how many steps it was saved");
    if (const std::string name = not_finite(trainer.state()); !name.empty())
        throw FileError(path, fmt::format("tensor \"{}\" holds NaN or infinity", name));
    trainer.resume_at(done);
}

}  // namespace gradus

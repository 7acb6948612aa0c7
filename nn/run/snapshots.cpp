// SPDX-License-Identifier: MIT
#include "nn/run/snapshots.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/plot/check.h"

namespace gradus {
namespace {

using nlohmann::json;
constexpr const char* kFile = "/inside.json";

std::vector<double> rounded(std::vector<double> values) {
    for (double& value : values) value = std::round(value * 1000) / 1000;
    return values;
}

json to_json(const Caption& c) {
    return {c.title, c.look_for, c.wrong};
}

Caption caption(const json& j) {
    return {j.at(0), j.at(1), j.at(2)};
}

json to_json(const Snapshot& m) {
    const BarChart& next = m.next;
    const HeatMaps& attention = m.attention;
    json maps = json::array();
    for (const NamedMap& map : attention.maps)
        maps.push_back({{"name", map.name}, {"values", rounded(map.values)}});
    return {{"step", m.sample.step},
            {"val", m.sample.val},
            {"text", m.sample.text},
            {"next",
             {{"caption", to_json(next.caption)},
              {"axis", next.value_axis},
              {"labels", next.labels},
              {"values", rounded(next.values)}}},
            {"attention",
             {{"caption", to_json(attention.caption)},
              {"row_axis", attention.row_axis},
              {"column_axis", attention.column_axis},
              {"rows", attention.row_labels},
              {"columns", attention.column_labels},
              {"low", attention.low},
              {"high", attention.high},
              {"maps", maps}}}};
}

Snapshot moment(const json& j) {
    Snapshot m;
    // JSON has no NaN: it is written as null.
    m.sample = {j.at("step"), j.at("val").is_null() ? NAN : j.at("val").get<double>(),
                j.at("text")};
    const json &next = j.at("next"), &attention = j.at("attention");
    m.next = {caption(next.at("caption")), next.at("axis"), next.at("labels"), next.at("values")};
    m.attention = {caption(attention.at("caption")),
                   attention.at("row_axis"),
                   attention.at("column_axis"),
                   attention.at("rows"),
                   attention.at("columns"),
                   {},
                   attention.at("low"),
                   attention.at("high")};
    for (const json& map : attention.at("maps"))
        m.attention.maps.push_back({map.at("name"), map.at("values")});
    check(m.next);
    check(m.attention);
    return m;
}

}  // namespace

void save_snapshots(const std::string& folder, const std::vector<Snapshot>& moments) {
    json list = json::array();
    for (const Snapshot& m : moments) list.push_back(to_json(m));
    // A model of bytes may write what is not UTF-8: such bytes become U+FFFD.
    write_file(folder + kFile, list.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

std::vector<Snapshot> load_snapshots(const std::string& folder) {
    const std::string path = folder + kFile;
    if (!std::filesystem::exists(path)) return {};
    std::vector<Snapshot> moments;
    try {
        for (const json& j : json::parse(read_file(path))) moments.push_back(moment(j));
    } catch (const json::exception& error) {
        throw FileError(path, std::string("not what was seen inside a model: ") + error.what());
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
    return moments;
}

}  // namespace gradus

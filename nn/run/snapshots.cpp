// SPDX-License-Identifier: MIT
#include "nn/run/snapshots.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "nn/plot/drawable.h"
#include "nn/plot/svg.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using nlohmann::json;
constexpr const char* kInside = "/inside.json";

Caption caption_of(const json& j) {
    return {j.at(0), j.at(1), j.at(2)};
}

// Version 0.1 saved two pictures per step as data, not yet drawn: bars and maps.
std::vector<Drawing> drawings_of_0_1(const json& j) {
    const json &next = j.at("next"), &attention = j.at("attention");
    const BarChart bars = {caption_of(next.at("caption")), next.at("axis"), next.at("labels"),
                           next.at("values")};
    HeatMaps maps = {caption_of(attention.at("caption")),
                     attention.at("row_axis"),
                     attention.at("column_axis"),
                     attention.at("rows"),
                     attention.at("columns"),
                     {},
                     attention.at("low"),
                     attention.at("high")};
    for (const json& map : attention.at("maps"))
        maps.maps.push_back({map.at("name"), map.at("values")});
    require_drawable(bars);
    require_drawable(maps);
    return {{bars.caption, svg(bars)}, {maps.caption, svg(maps)}};
}

std::vector<Drawing> drawings_of(const json& j) {
    if (j.contains("next")) return drawings_of_0_1(j);
    std::vector<Drawing> list;
    for (const json& d : j.at("drawings"))
        list.push_back({caption_of(d.at("caption")), d.at("svg")});
    return list;
}

}  // namespace

void save_drawings(const std::string& folder, const std::vector<Snapshot>& snapshots) {
    json list = json::array();
    for (const Snapshot& snapshot : snapshots) {
        if (snapshot.drawings.empty()) continue;
        json drawings = json::array();
        for (const auto& [caption, svg] : snapshot.drawings)
            drawings.push_back(
                {{"caption", {caption.title, caption.look_for, caption.wrong}}, {"svg", svg}});
        list.push_back({{"step", snapshot.step}, {"drawings", drawings}});
    }
    // A byte-level model may write invalid UTF-8: such bytes become U+FFFD.
    write_file(folder + kInside, checked_json({{"snapshots", std::move(list)}}, -1));
}

void load_drawings(const std::string& folder, std::vector<Snapshot>& snapshots) {
    const std::string path = folder + kInside;
    if (!std::filesystem::exists(path)) return;
    std::vector<Snapshot> filled = snapshots;
    try {
        bool checked;
        const json whole = parse_checked_json(read_file(path), checked);
        require(checked || whole.is_array(), "not a list of drawings: \"checksum\" is missing");
        for (const json& j : checked ? whole.at("snapshots") : whole) {
            const json& number = j.at("step");
            require(number.is_number_integer(),
                    "not a list of drawings: a step that is not a whole number");
            const auto step = number.get<Index>();
            const auto at = std::find_if(filled.begin(), filled.end(),
                                         [&](const Snapshot& s) { return s.step == step; });
            std::vector<Drawing> drawings = drawings_of(j);
            if (at != filled.end()) at->drawings = std::move(drawings);
        }
    } catch (const json::exception& error) {
        throw FileError(path, std::string("not a list of drawings: ") + error.what());
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
    snapshots = std::move(filled);
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "bench/compare/report.h"

#include <nlohmann/json.hpp>

namespace gradus::bench {

std::string json_text(const Report& report) {
    nlohmann::ordered_json json;
    for (const auto& [name, text] : report.machine) json["machine"][name] = text;
    json["peers"] = report.peers;
    json["turns"] = report.turns;
    json["rows"] = nlohmann::ordered_json::array();
    for (const Row& row : report.rows) {
        nlohmann::ordered_json series = nlohmann::ordered_json::object();
        for (const Samples& s : row.series)
            series[s.name] = {
                {"seconds", s.seconds}, {"median", median(s.seconds)}, {"work", s.work}};
        json["rows"].push_back({{"section", row.section},
                                {"name", row.name},
                                {"threads", row.threads},
                                {"series", series},
                                {"figures", row.figures}});
    }
    json["summary"] = report.summary;
    return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace gradus::bench

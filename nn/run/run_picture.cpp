// SPDX-License-Identifier: MIT
#include "nn/run/run_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "nn/plot/page.h"
#include "nn/plot/scale.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

using nlohmann::json;
constexpr const char* kPictureFormat = "gradus-run-picture-1";

// Lengths are in SVG units. In the widest of the usual monospace fonts, a column is 0.602 of the
// font size wide, so 58 columns fit between the margins; on a phone 390 pixels wide the font size
// is 10 pixels.
constexpr double kWide = 640, kLeft = 20, kRight = kWide - kLeft, kLetters = 17, kRow = 23;
constexpr int kColumns = 58, kLabel = 11;  // of the whole picture, and of "step 2500  "
constexpr double kColumn = 0.602 * kLetters;
constexpr double kChartLeft = 58, kChartHigh = 200;

// Both colour schemes keep a contrast of at least 4.5 between text and background.
constexpr const char* kStyle =
    ".g{fill:#fff;stroke:#d0d4d9}text{font:17px ui-monospace,monospace;fill:#1b1f24}"
    ".s{fill:#59616b}.s,.n{font-size:15px}.n{fill:#59616b}.t{fill:#0060a0}.b{fill:#a34700}"
    ".o{fill:#00704f}.grid{stroke:#8883;fill:none}.level{stroke:#59616b;fill:none;"
    "stroke-dasharray:2 5}.floor{stroke:#009e73;fill:none;stroke-width:2}"
    ".s,.n{stroke:#fff;stroke-width:4px;paint-order:stroke}.curve{stroke:#0072b2;fill:none;stroke-"
    "width:2.5;stroke-linejoin:round}"
    ".dot{fill:#d55e00;stroke:#fff;stroke-width:2}.bar{fill:#0072b2}"
    "@media(prefers-color-scheme:dark){.g{fill:#16181b;stroke:#3a3f46}text{fill:#e8eaed}"
    ".s,.n{fill:#aab2bc;stroke:#16181b}.t{fill:#7cc4f5}.b{fill:#ffab66}.o{fill:#4fd6a8}.level{"
    "stroke:#aab2bc}"
    ".floor{stroke:#2bbd8e}.curve{stroke:#56b4e9}.dot{fill:#ff9a4d;stroke:#16181b}"
    ".bar{fill:#56b4e9}}";

std::string words(double x, double y, const char* kind, std::string_view text,
                  const char* anchor = "start") {
    return fmt::format(
        "<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" "
        "xml:space=\"preserve\">{}</text>\n",
        kind, x, y, anchor, html_escape(text));
}

// Lines of text, downwards from a given height.
class Page {
 public:
    explicit Page(double top) : y_(top) {}

    void line(const char* kind, std::string_view text, double x = kLeft) {
        out_ += words(x, y_ += kRow, kind, text);
    }
    void lines(const char* kind, std::string_view text, int columns, double x = kLeft) {
        std::string rest = wrapped(text, 0, columns);
        for (std::size_t end; !rest.empty(); rest.erase(0, end + (end < rest.size()))) {
            end = std::min(rest.find('\n'), rest.size());
            line(kind, std::string_view(rest).substr(0, end), x);
        }
    }
    void put(const std::string& drawing) { out_ += drawing; }
    void go_to(double y) { y_ = y; }
    void skip(double height) { y_ += height; }
    double y() const { return y_; }
    const std::string& drawn() const { return out_; }

 private:
    double y_;
    std::string out_;
};

// Maps steps and losses to positions. The loss axis is logarithmic, because the loss near the floor
// is as interesting as the fall.
struct Chart {
    Scale x, y;
    double top;

    double across(double step) const { return kChartLeft + x.place(step) * (kRight - kChartLeft); }
    double down(double loss) const { return top + (1 - y.place(loss)) * kChartHigh; }
};

Chart chart_of(const RunPicture& run, double top) {
    Chart chart{{}, {}, top};
    chart.y.log = true;
    chart.x.include(0);
    chart.x.include(run.steps);
    for (const auto& points : {run.loss, run.val})
        for (const auto& [step, loss] : points) chart.y.include(loss);
    chart.y.include(std::log(run.vocabulary));
    if (run.floor > 0) chart.y.include(run.floor);
    return chart;
}

std::string drawn_chart(const RunPicture& run, const Chart& chart) {
    std::string out;
    for (const double tick : {0.1, 0.2, 0.5, 1.0, 2.0, 5.0})
        if (tick > chart.y.low && tick < chart.y.high)
            out += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>\n", kChartLeft,
                               chart.down(tick), kRight) +
                   words(kChartLeft - 8, chart.down(tick) + 5, "n", fmt::format("{}", tick), "end");
    for (const double tick : chart.x.ticks())
        out += words(chart.across(tick), chart.top + kChartHigh + 40, "n",
                     tick == 0 ? "step 0" : fmt::format("{}", tick),
                     tick == 0           ? "start"
                     : tick == run.steps ? "end"
                                         : "middle");
    const double baseline = std::log(run.vocabulary);
    out += fmt::format("<path class=\"level\" d=\"M{} {:.1f}H{}\"/>\n", kChartLeft,
                       chart.down(baseline), kRight) +
           words(kRight, chart.down(baseline) - 7, "s",
                 fmt::format("uniform baseline ln {} = {:.2f}", run.vocabulary, baseline), "end");
    if (run.floor > 0)
        out += fmt::format("<path class=\"floor\" d=\"M{} {:.1f}H{}\"/>\n", kChartLeft,
                           chart.down(run.floor), kRight) +
               words(kRight, chart.down(run.floor) + 18, "s o",
                     fmt::format("floor {:.4f}: entropy of the data", run.floor), "end");
    std::string d;
    for (const auto& [step, loss] : run.loss)
        d += fmt::format("{}{:.1f} {:.1f}", d.empty() ? "M" : "L", chart.across(step),
                         chart.down(loss));
    out += fmt::format("<path class=\"curve\" d=\"{}\"/>\n", d);
    for (const auto& [step, loss] : run.val)
        out += fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"/>\n",
                           chart.across(step), chart.down(loss));
    const double key = kChartLeft + 0.4 * (kRight - kChartLeft), first = chart.top + 62;
    out += fmt::format("<path class=\"curve\" d=\"M{:.1f} {:.1f}h26\"/>\n", key, first - 5) +
           words(key + 36, first, "s", fmt::format("loss, nats per {}", run.unit)) +
           fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\"/>\n", key + 13,
                       first + 18) +
           words(key + 36, first + 23, "s", "of held-out text");
    return out;
}

std::string faults_text(int faults) {
    return faults == 0 ? "no fault" : fmt::format("{} fault{}", faults, faults == 1 ? "" : "s");
}

void draw_samples(const RunPicture& run, Page& page) {
    for (const auto& sample : run.samples) {
        const double top = page.y();
        page.line("s", fmt::format("step {}", sample.step));
        if (sample.faults >= 0)
            page.line(sample.faults == 0 ? "s o" : "s b", faults_text(sample.faults));
        const double left = page.y();
        page.go_to(top);
        page.lines("", sample.text, kColumns - kLabel, kLeft + kLabel * kColumn);
        page.go_to(std::max(page.y(), left));
        page.skip(9);
    }
}

// The last validation loss, or training loss if there is none.
double last_loss(const RunPicture& run) {
    return (run.val.empty() ? run.loss : run.val).back().second;
}

void draw_end(const RunPicture& run, Page& page) {
    page.skip(4);
    page.put(
        fmt::format("<rect class=\"bar\" x=\"{}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" "
                    "rx=\"3\"/>\n",
                    kLeft, page.y() + kRow - 12, (kLabel - 1) * kColumn));
    const std::string numbers =
        fmt::format("loss {:.4f}  step {}/{}", last_loss(run), run.steps, run.steps);
    const std::string verdict = "verdict: " + run.verdict;
    page.line("", numbers, kLeft + kLabel * kColumn);
    if (kLabel + display_width(numbers) + 2 + display_width(verdict) > kColumns)
        page.lines("o", verdict, kColumns);
    else
        page.put(words(kRight, page.y(), "o", verdict, "end"));
}

using Points = std::vector<std::pair<int, double>>;

template <class T>
T member(const json& object, const char* key) {
    const auto whole = [&](const json& value) {  // get<int>() would cut off digits
        require(value.is_number_integer() && value >= std::numeric_limits<int>::min() &&
                    value <= std::numeric_limits<int>::max(),
                "picture of a run: \"{}\": {} is not a whole number of 32 bits", key,
                value.dump(-1, ' ', false, json::error_handler_t::replace));
    };
    try {
        const json& value = object.at(key);
        if constexpr (std::is_integral_v<T>) whole(value);
        if constexpr (std::is_same_v<T, Points>)
            for (const json& point : value) whole(point.at(0));
        return value.get<T>();
    } catch (const json::exception& error) {
        throw std::invalid_argument(fmt::format("picture of a run: \"{}\": {}", key, error.what()));
    }
}

}  // namespace

std::vector<std::pair<int, double>> thin(const std::vector<std::pair<int, double>>& points) {
    std::vector<std::pair<int, double>> kept;
    for (std::size_t begin = 0, end = 0; begin < points.size(); begin = end) {
        const double last = points[begin].first * 1.05;  // a stretch: steps 100 to 105
        double steps = 0, losses = 0;
        for (; end < points.size() && (end == begin || points[end].first <= last); ++end) {
            steps += points[end].first;
            losses += points[end].second;
        }
        const auto n = static_cast<double>(end - begin);
        kept.emplace_back(static_cast<int>(std::lround(steps / n)),
                          std::round(losses / n * 1e4) / 1e4);
    }
    return kept;
}

std::string to_json(const RunPicture& run) {
    json out = {{"format", kPictureFormat},
                {"command", run.command},
                {"model", run.model},
                {"unit", run.unit},
                {"vocabulary", run.vocabulary},
                {"floor", run.floor},
                {"steps", run.steps},
                {"verdict", run.verdict},
                {"loss", run.loss},
                {"val", run.val}};
    for (const auto& s : run.samples)
        out["samples"].push_back(
            {{"step", s.step}, {"val", s.val}, {"faults", s.faults}, {"text", s.text}});
    for (const auto& turn : run.talk)
        out["talk"].push_back({{"typed", turn.typed}, {"answer", turn.answer}});
    std::string text = "{";  // one line per key
    for (const auto& [key, value] : out.items())
        text += fmt::format("{}\n\"{}\": {}", text.size() > 1 ? "," : "", key,
                            value.dump(-1, ' ', false, json::error_handler_t::replace));
    return text + "\n}\n";
}

RunPicture run_picture(std::string_view text) {
    const json j = json::parse(text, nullptr, false);
    require(j.is_object() && j.value("format", "") == kPictureFormat,
            "picture of a run: not JSON of the format {}", kPictureFormat);
    RunPicture run;
    run.command = member<std::string>(j, "command");
    run.model = member<std::string>(j, "model");
    run.unit = member<std::string>(j, "unit");
    run.vocabulary = member<int>(j, "vocabulary");
    run.floor = member<double>(j, "floor");
    run.steps = member<int>(j, "steps");
    run.verdict = member<std::string>(j, "verdict");
    run.loss = member<Points>(j, "loss");
    run.val = member<Points>(j, "val");
    for (const json& s : j.value("samples", json::array()))
        run.samples.push_back({member<int>(s, "step"), member<double>(s, "val"),
                               member<int>(s, "faults"), member<std::string>(s, "text")});
    for (const json& turn : j.value("talk", json::array()))
        run.talk.push_back(
            {member<std::string>(turn, "typed"), member<std::string>(turn, "answer")});
    return run;
}

std::string svg(const RunPicture& run) {
    require(!run.loss.empty() && run.steps > 0 && run.vocabulary > 1,
            "picture of a run: needs losses, steps and a vocabulary, has {}, {} and {}",
            run.loss.size(), run.steps, run.vocabulary);
    Page page(14);
    page.line("t", "$ " + run.command);
    page.lines("s", run.model, kColumns + 6);
    const Chart chart = chart_of(run, page.y() + 40);
    page.put(drawn_chart(run, chart));
    page.go_to(chart.top + kChartHigh + 56);
    draw_samples(run, page);
    draw_end(run, page);
    page.skip(8);
    for (const auto& turn : run.talk) {
        page.skip(6);
        page.line("t", "> " + turn.typed);
        page.lines("", turn.answer, kColumns);
    }
    const double height = page.y() + 22;
    const std::string found = run.floor < 0 ? "" : fmt::format(", the floor is {:.4f}", run.floor);
    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"run-picture\" "
               "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\">\n<title>A training run: {2}</title>\n"
               "<desc>The loss falls from {3:.2f} to {4:.4f} nats per {5} in {6} steps{7}. Below: "
               "what the model wrote at several steps, and a talk with it.</desc>\n"
               "<style>{8}</style>\n<rect class=\"g\" x=\".5\" y=\".5\" width=\"{9:.0f}\" "
               "height=\"{10:.0f}\" rx=\"10\"/>\n",
               kWide, height, html_escape(run.command), run.loss.front().second, last_loss(run),
               html_escape(run.unit), run.steps, found, kStyle, kWide - 1, height - 1) +
           page.drawn() + "</svg>\n";
}

}  // namespace gradus

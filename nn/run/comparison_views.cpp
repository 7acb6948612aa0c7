// SPDX-License-Identifier: MIT
// A comparison of runs as a page, in a terminal, and for other programs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/page.h"
#include "nn/plot/svg.h"
#include "nn/run/comparison.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr int kWidest = 24;           // of a run's column in a terminal
constexpr std::size_t kNumbers = 20;  // of each line in the table below a picture

std::vector<std::string> names_of(const Comparison& c) {
    std::vector<std::string> names = {"run"};
    for (const ComparedRun& run : c.runs) names.push_back(run.name);
    return names;
}

std::string numbers_html(const LineChart& chart) {
    std::vector<std::vector<std::string>> rows;
    for (const Line& line : chart.lines) {
        const std::size_t stride =
            std::max<std::size_t>(1, (line.x.size() + kNumbers - 1) / kNumbers);
        for (std::size_t i = 0; i < line.x.size(); ++i)
            if ((line.x.size() - 1 - i) % stride == 0)
                rows.push_back({line.name, fmt::format("{:.6g}", line.x[i]),
                                fmt::format("{:.4f}", line.y[i])});
    }
    return table_html(chart.caption.title, {"run", chart.x.name, chart.y.name}, rows);
}

// A terminal's column takes at most so much of a text.
std::string cut(const std::string& text, int columns) {
    std::string shown = printable(text);
    for (char& c : shown) c = c == '\n' || c == '\t' ? ' ' : c;
    if (display_width(shown) <= columns) return shown;
    return std::string(fit_width(shown, columns - 1)) + "~";
}

std::string padded(const std::string& text, int columns) {
    return text +
           std::string(static_cast<std::size_t>(std::max(0, columns - display_width(text))), ' ');
}

// The rows as columns of text; of many runs, as many side by side as fit.
std::string table_text(const std::vector<std::string>& names, const ComparedRows& rows,
                       int columns) {
    int left = 0;
    for (const auto& row : rows) left = std::max(left, display_width(row[0]));
    left = std::min(left, columns / 2) + 2;
    std::vector<int> widths;
    for (std::size_t run = 1; run < names.size(); ++run) {
        int width = display_width(printable(names[run]));
        for (const auto& row : rows) width = std::max(width, display_width(printable(row[run])));
        widths.push_back(std::min({width, kWidest, columns - left}));
    }
    std::string out;
    for (std::size_t begin = 1, end = 1; begin < names.size(); begin = end) {
        int width = left;
        for (; end < names.size() && (end == begin || width + widths[end - 1] <= columns); ++end)
            width += widths[end - 1] + 2;
        const auto line = [&](const std::vector<std::string>& cells) {
            std::string text = padded(cut(cells[0], left - 2), left);
            for (std::size_t run = begin; run < end; ++run)
                text += padded(cut(cells[run], widths[run - 1]), widths[run - 1] + 2);
            text.resize(text.find_last_not_of(' ') + 1);
            return text + "\n";
        };
        if (begin > 1) out += "\n";
        out += line(names);
        for (const auto& row : rows) out += line(row);
    }
    return out;
}

std::string cell(std::string text) {
    text = printable(text);
    for (char& c : text) c = c == '\t' || c == '\n' ? ' ' : c;
    return text;
}

constexpr const char* kSame = "In all else their configurations are the same.";

}  // namespace

std::string comparison_html(const Comparison& c) {
    std::string body =
        fmt::format("<p class=\"status\">{}</p>\n<h2>What they reached</h2>\n{}",
                    html_escape(c.verdict), table_html("What they reached", names_of(c), c.facts));
    body += "<h2>What differs between them</h2>\n";
    body += c.differences.empty()
                ? "<p>" + std::string(kSame) + "</p>\n"
                : table_html("What differs between them", names_of(c), c.differences);
    for (const LineChart& chart : {c.by_step, c.by_second})
        if (!chart.lines.empty())
            body += figure_html({svg(chart), chart.caption, numbers_html(chart)});
    std::string samples;
    for (const ComparedRun& run : c.runs)
        if (!run.sample.empty())
            samples += fmt::format("<li>{}<pre>{}</pre></li>\n", html_escape(run.name),
                                   html_escape(run.sample));
    if (!samples.empty()) body += "<h2>A sample of each</h2>\n<ul>\n" + samples + "</ul>\n";
    std::vector<std::pair<std::string, std::string>> folders;
    for (const ComparedRun& run : c.runs) folders.emplace_back(run.name, run.folder);
    body += "<h2>Their folders</h2>\n" + facts_html("Their folders", folders);
    return html_page(fmt::format("{} runs side by side", c.runs.size()), body, false);
}

std::string comparison_text(const Comparison& c, const TextStyle& style) {
    const auto lines = [&](const std::string& words, int indent = 0) {
        return wrapped(printable(words), indent, style.columns) + "\n";
    };
    std::string out = table_text(names_of(c), c.facts, style.columns);
    out += "\n" + lines(c.verdict) + "\n";
    if (c.differences.empty())
        out += lines(kSame);
    else
        out += lines("What differs between them:") +
               table_text(names_of(c), c.differences, style.columns);
    for (const LineChart& chart : {c.by_step, c.by_second})
        if (!chart.lines.empty())
            out += "\n" + lines(fmt::format("{}, {}:", chart.caption.title, chart.y.name)) +
                   text(chart, style);
    for (const ComparedRun& run : c.runs)
        if (!run.sample.empty()) out += "\n" + lines(run.name + ": " + run.sample, 2);
    return out;
}

std::string comparison_tsv(const Comparison& c) {
    std::string out =
        "run\tdata\ttokenizer\tparameters\tsteps\tseconds\ttokens_per_second\tval\tfloor\tbits_per_"
        "byte\t"
        "floor_bits_per_byte\taccuracy";
    for (const auto& row : c.differences) out += "\t" + cell(row[0]);
    out += "\n";
    const auto number = [](double value) {
        return std::isfinite(value) && value >= 0 ? fmt::format("\t{:.6g}", value) : "\t";
    };
    for (std::size_t i = 0; i < c.runs.size(); ++i) {
        const ComparedRun& run = c.runs[i];
        const RunResult& result = run.result;
        out += fmt::format("{}\t{}\t{}\t{}\t{}", cell(run.folder), cell(run.data),
                           cell(run.tokenizer), run.parameters, result.steps);
        for (const double value :
             {result.seconds, run.tokens_per_second, result.val, result.floor, result.bits_per_byte,
              result.floor_bits_per_byte, result.accuracy})
            out += number(value);
        for (const auto& row : c.differences)
            out += "\t" + (row[i + 1] == "-" ? "" : cell(row[i + 1]));
        out += "\n";
    }
    return out;
}

}  // namespace gradus

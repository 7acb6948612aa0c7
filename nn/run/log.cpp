// SPDX-License-Identifier: MIT
#include "nn/run/log.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr Index kEveryStep = 10'000, kThen = 100;
constexpr std::string_view kHead =
    "step,loss,val,lr,gradient_norm,update_ratio,tokens_per_second,elapsed,accuracy\n";

std::string field(double value) {
    return std::isfinite(value) ? fmt::format(",{:.6g}", value) : ",";
}

std::string line(const LogRow& row) {
    return std::to_string(row.step) + field(row.loss) + field(row.val) + field(row.lr) +
           field(row.gradient_norm) + field(row.update_ratio) + field(row.per_second) +
           field(row.elapsed) + field(row.accuracy) + "\n";
}

template <class T>
bool parse(std::string_view text, T& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

// Without the line break. False if it is not a row.
bool read_row(std::string_view text, LogRow& row) {
    double* const fields[] = {&row.loss,         &row.val,        &row.lr,      &row.gradient_norm,
                              &row.update_ratio, &row.per_second, &row.elapsed, &row.accuracy};
    std::size_t comma = text.find(',');
    if (comma == text.npos || !parse(text.substr(0, comma), row.step)) return false;
    for (double* value : fields) {
        if (comma == text.npos) return value == &row.accuracy;  // version 0.1 had none
        text.remove_prefix(comma + 1);
        comma = text.find(',');
        const std::string_view cell = text.substr(0, comma);
        if (!cell.empty() && !parse(cell, *value)) return false;
    }
    return comma == text.npos;
}

std::vector<LogRow> read_log(const std::string& path, Index steps_done) {
    const std::string text = read_file(path);
    std::vector<LogRow> rows;
    std::size_t begin = 0;
    for (Index number = 1;; ++number) {
        const std::size_t end = text.find('\n', begin);
        if (end == text.npos) return rows;
        LogRow row;
        if (number > 1 && !read_row({text.data() + begin, end - begin}, row))
            throw FileError(path, fmt::format("line {} is not a row of a training log", number));
        if (number > 1 && row.step <= steps_done) rows.push_back(row);
        begin = end + 1;
    }
}

}  // namespace

std::string log_csv(const std::vector<LogRow>& rows) {
    std::string out(kHead);
    for (const LogRow& row : rows) out += line(row);
    return out;
}

RunLog::RunLog(const std::string& folder, Index steps_done) : path_(folder + "/log.csv") {
    if (steps_done > 0 && std::filesystem::exists(path_)) rows_ = read_log(path_, steps_done);
    write_file(path_, log_csv(rows_));
    file_.open(path_, std::ios::binary | std::ios::app);
    if (!file_) throw FileError(path_, "cannot be opened for writing");
}

void RunLog::stepped(const RunState& s) {
    LogRow row{.step = s.step, .loss = s.last_loss, .lr = s.lr, .gradient_norm = s.gradient_norm};
    if (s.val_is_new) row.val = s.val, row.accuracy = s.accuracy;
    if (s.ratio_is_new) row.update_ratio = s.update_ratio;
    row.per_second = s.rate;
    row.elapsed = s.elapsed;
    append(row);
}

void RunLog::ended(const RunState& s, bool finished) {
    if (finished && s.val_is_new)
        append({.step = s.step, .val = s.val, .elapsed = s.elapsed, .accuracy = s.accuracy});
}

void RunLog::append(const LogRow& row) {
    if (row.step > kEveryStep && row.step % kThen != 0 && !std::isfinite(row.val)) return;
    rows_.push_back(row);
    file_ << line(row) << std::flush;
    if (!file_) throw FileError(path_, "cannot be written");
}

}  // namespace gradus

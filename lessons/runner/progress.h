// SPDX-License-Identifier: MIT
// A learner's folder: their files, and progress.txt, which records what the files cannot tell. It
// is plain text, with one line per lesson that starts with the lesson's name, and can be copied to
// another machine (lessons/README.md explains each word):
//
//     03-matmul passed=8c1f09a77d21e3b0 tries=4 hints=1 met=no-max,b-transposed seconds=1980
//         last=2026-11-28T21:40:05Z
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lessons/runner/lesson.h"

namespace gradus::lessons {

struct Record {
    std::string passed;            // hash of the code that passed; empty: none has yet
    int tries = 0;                 // checks of changed code that failed, before the first pass
    int hints = 0;                 // the number of the last hint shown
    std::vector<std::string> met;  // mutants whose mistake the learner has made, each once
    int seconds = 0;               // of work before the first pass: see spend()
    std::int64_t last = 0;         // when the learner last worked on it, in Unix time; 0: unknown
    std::string checked;           // hash of the code that failed last; empty once it has passed
    // Where it failed last: "matmul", or the kind of verdict if that is about no function
    // ("compile"); and the mistake if it was named: "matmul/b-transposed". Empty once it has passed.
    std::string stop;
    bool offered = false;  // a hint has been offered, as the usual time was over
    std::string others;    // anything else (from a newer course): kept as is
};

class Progress {
 public:
    // A missing file gives empty progress. Two lines for one lesson, as after merging two folders,
    // become one that keeps what either of them holds. Throws FileError if the file cannot be read.
    static Progress read(const std::string& path);
    // Writes a temporary file and renames it. Lines that are not about a lesson are kept, as are
    // those about a lesson unknown to this course.
    void write() const;

    const Record& of(const std::string& lesson) const;
    Record& of(const std::string& lesson) { return records_[lesson]; }
    const std::map<std::string, Record>& all() const { return records_; }

    // The learner does something about a lesson, at `now` in Unix time. What has gone by since they
    // last did anything in the course counts as work on this lesson, unless it is more than ten
    // minutes (then they were away) or the lesson has passed already.
    void spend(const std::string& lesson, std::int64_t now);

 private:
    std::string path_;
    std::map<std::string, Record> records_;
    std::vector<std::string> notes_;  // lines that are not about a lesson
};

std::int64_t unix_time();

// 1764366005 as "2025-11-28T21:40:05Z" and back; what is not a time is 0.
std::string text_of_time(std::int64_t seconds);
std::int64_t time_of_text(std::string_view text);

// A 64-bit hash of a file's text (FNV-1a) as 16 hex digits; Windows line endings do not change it.
std::string hash_of(const std::string& text);

// The same of its C++ tokens: comments, line breaks and spaces between tokens do not change it.
std::string hash_of_code(const std::string& text);

enum class LessonState {
    not_begun,   // there is no file
    unfinished,  // the file has not passed
    changed,     // it passed, and its code has been edited since
    passed
};

class Folder {
 public:
    explicit Folder(std::string path) : path_(std::move(path)) {}

    const std::string& path() const { return path_; }
    bool exists() const;
    std::string file(const Lesson& lesson) const { return path_ + "/" + lesson.file; }
    LessonState state(const Lesson& lesson, const Progress& progress) const;
    Progress progress() const { return Progress::read(path_ + "/progress.txt"); }

    // Creates the file from the stub, and the folder if need be; leaves an existing file as it is.
    // Returns true if the file was created.
    bool begin(const Lesson& lesson) const;
    // Renames the file to the first free name NN_name.1.h, .2.h, ...; returns that name, or "" if
    // there is no file.
    std::string set_aside(const Lesson& lesson) const;

 private:
    std::string path_;
};

}  // namespace gradus::lessons

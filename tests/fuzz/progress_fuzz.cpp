// SPDX-License-Identifier: MIT
// A learner's progress.txt, from any machine.
#include "lessons/runner/progress.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader progress_reader(
    "progress",
    [](std::string_view text) {
        const std::string path = fuzz::file("progress.txt", text);
        const lessons::Progress progress = lessons::Progress::read(path);
        progress.write();
        const lessons::Progress again = lessons::Progress::read(path);
        fuzz::check(again.all().size() == progress.all().size(), "a lesson is lost");
        for (const auto& [name, record] : progress.all())
            fuzz::check(again.of(name).tries == record.tries &&
                            again.of(name).seconds == record.seconds &&
                            again.of(name).last == record.last &&
                            again.of(name).stop == record.stop && again.of(name).met == record.met,
                        "a record has changed");
    },
    {"# heading\n03-matmul passed=8c1f09a77d21e3b0 tries=4 hints=1 "
     "met=no-max,b-transposed seconds=1980 last=2026-11-28T21:40:05Z stop=matmul "
     "new=1\n"});

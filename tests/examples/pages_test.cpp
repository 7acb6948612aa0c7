// SPDX-License-Identifier: MIT
// The pages that bin/gradus-gpt writes, in a real browser: tests/pages/check.mjs lists the checks.
// Passes without looking, and says so, if node or a browser is missing.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <signal.h>

#include <filesystem>

#include "nn/files/atomic_file.h"
#include "nn/run/text_run.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/pages/pages.h"
#include "tests/process.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

using Words = std::vector<std::string>;

// A whole page with a fault in its body.
std::string page_with(const std::string& fault) {
    return "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>A page</title>"
           "<meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" "
           "href=\"data:,\"></head><body><main><h1>A page</h1><svg width=\"9\" height=\"9\" "
           "role=\"img\"><title>nothing</title></svg><table><tr><th scope=\"row\">what</th>"
           "<td>value</td></tr></table>" +
           fault + "</main></body></html>";
}

}  // namespace

TEST_CASE("pages: a report is good in a browser during training and after it, and so is a look" *
          kFullSpeedOnly) {
    if (!can_open_pages()) return;
    const TemporaryFolder folder;
    const std::string run = folder.file("run"), page = run + "/report.html";
    const auto command = [](const Words& more) {
        Words words = {GRADUS_BINARY_DIR "/bin/gradus-gpt", "gpt", "--threads", "1"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    bool opened = false;
    const auto open = [&](pid_t process, const std::string&) {
        if (opened || !std::filesystem::exists(page)) return;
        opened = true;
        check_good({page});
        ::kill(process, SIGINT);
    };
    const ProcessResult going =
        run_to_end(command({"--layers", "1", "--heads", "2", "--width", "16", "--batch", "4",
                            "--steps", "1000000", "--out", run}),
                   {.seconds = 400, .on_output = open});
    CHECK(going.code == 130);
    REQUIRE(opened);
    const std::string steps = std::to_string(load_text_run(run).result.steps + 5);
    CHECK(run_to_end(command({"--resume", run, "--steps", steps})).code == 0);
    CHECK(contains(read_file(page), "Done: "));
    CHECK(contains(read_file(page), "<section class=\"moment\""));
    const std::string look = folder.file("look.html");
    CHECK(run_to_end({GRADUS_BINARY_DIR "/bin/gradus-gpt", "look", run, "--html", look}).code == 0);
    check_good({page, look});
}

TEST_CASE("pages: each fault that a page can have is found, and none that it does not have" *
          kFullSpeedOnly) {
    if (!can_open_pages()) return;
    const TemporaryFolder folder;
    const struct {
        const char *name, *fault, *finding;
    } faults[] = {
        {"none", "", "size: ok"},
        {"stranger", "<img alt=\"\" src=\"https://example.org/a.png\">",
         "http: no requests: FAILED: https://example.org/a.png"},
        {"pale", "<p style=\"color:#999;background:#fff\">hardly readable</p>",
         "http: accessible, light: FAILED: color-contrast"},
        {"wide", "<div style=\"width:1500px\">wide</div>", "http: fits 1280 px: FAILED: 15"},
        {"script", "<script>nothing.there()</script>", "http: no errors: FAILED: ReferenceError"},
        {"labels",
         "<svg class=\"low\" viewBox=\"0 0 640 99\" style=\"width:100%\" role=\"img\">"
         "<title>a</title><text x=\"9\" y=\"50\" font-size=\"13\">loss</text></svg>"
         "<svg class=\"cut\" width=\"99\" height=\"99\" role=\"img\"><title>b</title>"
         "<text x=\"9\" y=\"50\" text-anchor=\"end\">loss</text></svg>",
         "http: labels at 390 px: FAILED: \"loss\" of low: 7."},
        {"heavy", "", "size: FAILED: 300"},
    };
    Words pages;
    for (const auto& [name, fault, finding] : faults) {
        const std::string ballast(std::string(name) == "heavy" ? 300'000 : 0, ' ');
        pages.push_back(folder.file(std::string(name) + ".html"));
        write_file(pages.back(), page_with(fault) + ballast);
    }
    const ProcessResult result = check_pages(pages);
    CAPTURE(result.out);
    CHECK(result.code == 1);
    for (const auto& planted : faults) {
        CAPTURE(planted.name);
        CHECK(contains(result.out, std::string(planted.name) + ".html: " + planted.finding));
    }
    CHECK(contains(result.out, "http: labels at 1280 px: FAILED: cut off: \"loss\" of cut: "));
    CHECK(count_of(result.out, "none.html: ") == kChecksOfAPage);
    for (const auto& line : lines_of(result.out))
        if (contains(line, "none.html: ")) CHECK(contains(line, ": ok"));
}
#endif

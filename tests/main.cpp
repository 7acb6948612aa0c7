// SPDX-License-Identifier: MIT
// The main() of every test program: doctest's own, plus --long, which adds the test suite "long" of
// tests that take minutes (full training runs, fuzzing). ./gradus test --help lists doctest's
// options.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string_view>
#include <vector>

int main(int argc, char** argv) {
    std::vector<const char*> words;
    bool all = false;
    for (int i = 0; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--long")
            all = true;
        else
            words.push_back(argv[i]);
    }
    doctest::Context context(static_cast<int>(words.size()), words.data());
    if (!all) context.addFilter("test-suite-exclude", "long");
    return context.run();
}

// SPDX-License-Identifier: MIT
// The main() of every test program: doctest's own, and --long, which adds the test suite "long":
// what takes minutes (whole trainings, fuzzing). ./gradus test --help lists what doctest
// understands.
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

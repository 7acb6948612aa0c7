// SPDX-License-Identifier: MIT
#include "nn/files/base64.h"

#include <doctest/doctest.h>

#include <utility>

using namespace gradus;

TEST_CASE("base64 is read as RFC 4648 has it (section 10), and nothing else is") {
    const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                            {"Zg==", "f"},
                                                            {"Zm8=", "fo"},
                                                            {"Zm9v", "foo"},
                                                            {"Zm9vYg==", "foob"},
                                                            {"Zm9vYmE=", "fooba"},
                                                            {"Zm9vYmFy", "foobar"},
                                                            {"+/+/", "\xFB\xFF\xBF"}};
    for (const auto& [text, bytes] : examples) CHECK(from_base64(text) == bytes);
    for (const char* text :
         {"Z", "Zg", "Zg=", "=", "====", "Zm9v=", "Zg==Zg==", "Zm9!", "Zm 9", "Zm9v\n"})
        CHECK_FALSE(from_base64(text));
}

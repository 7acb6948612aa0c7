// SPDX-License-Identifier: MIT
// One list of fields per configuration, and everything derived from it.
#include "nn/config.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/run/run_folder.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;

namespace {

enum class Ice { no, yes };

struct Order {
    Index scoops = 2;
    float price = 0.1F;
    double sugar = 1e-300;
    std::uint64_t number = 18446744073709551615U;
    bool paid = false;
    Ice ice = Ice::yes;
    std::string for_whom = "Mia Fox";

    void fields(auto&& visit) {
        visit("scoops", scoops, About{.help = "How many", .resumable = true});
        visit("price", price, About{});
        visit("sugar", sugar, About{.optional = true});
        visit("number", number, About{});
        visit("paid", paid, About{});
        visit("ice", ice, About{});
        visit("for_whom", for_whom, About{});
    }
};

}  // namespace

TEST_CASE("a configuration's fields have names, flags, labels and values as text") {
    Order order;
    const auto fields = fields_of(order);
    REQUIRE(fields.size() == 7);
    CHECK(fields[6].flag() == "--for-whom");
    CHECK(fields[6].label() == "for whom");
    std::vector<std::string> texts;
    for (const Field& field : fields) texts.push_back(field.text());
    CHECK(texts == std::vector<std::string>{"2", "0.1", "1e-300", "18446744073709551615", "no",
                                            "yes", "Mia Fox"});
}

TEST_CASE("a configuration comes back from run.json, and a run is compared with it") {
    const TemporaryFolder folder;
    Order order;
    order.ice = Ice::no, order.paid = true, order.scoops = 7, order.for_whom = "ü \"x\"";
    save_description(folder.path(), {{"order", fields_of(order)}}, {.steps = 3, .val = NAN});
    Order back;
    RunResult result;
    const Description description(folder.path());
    description.read({{"order", fields_of(back)}}, result);
    CHECK(back.ice == Ice::no);
    CHECK(back.paid);
    CHECK(back.scoops == 7);
    CHECK(back.price == order.price);
    CHECK(back.sugar == order.sugar);
    CHECK(back.number == order.number);
    CHECK(back.for_whom == order.for_whom);
    CHECK(result.steps == 3);
    CHECK(std::isnan(result.val));

    description.require_same({{"order", fields_of(back)}});
    back.scoops = 8;  // resumable
    description.require_same({{"order", fields_of(back)}});
    back.price = 0.5F, back.ice = Ice::yes;
    CHECK_THROWS_WITH_AS(description.require_same({{"order", fields_of(back)}}),
                         doctest::Contains("price is 0.1"), FileError);
    CHECK_THROWS_WITH_AS(description.require_same({{"order", fields_of(back)}}),
                         doctest::Contains("ice is false there and true here"), FileError);
}

TEST_CASE("a field may be set from JSON of its type and no other") {
    Order order;
    const auto fields = fields_of(order);
    set_field(fields[0], 5);
    set_field(fields[5], false);
    CHECK(order.scoops == 5);
    CHECK(order.ice == Ice::no);
    CHECK_THROWS_WITH_AS(set_field(fields[0], 2.5),
                         "\"scoops\" is number 2.5, must be a whole number", std::invalid_argument);
    CHECK_THROWS_AS(set_field(fields[3], -1), std::invalid_argument);
    CHECK_THROWS_AS(set_field(fields[4], "yes"), std::invalid_argument);
}

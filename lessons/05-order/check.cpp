// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <fmt/core.h>

#include <ctime>

#include "autograd/all.h"
#include "tensor/random.h"

namespace gradus::lesson_05 {
namespace {

using Lists = std::vector<std::vector<Index>>;
using Order = std::vector<Index>;

// Does `yours` keep every promise of the contract? If not, the words say which one it breaks first.
Comparison right(const Order& yours, Index root, const Lists& inputs) {
    const auto n = static_cast<Index>(inputs.size());
    std::vector<char> reached(inputs.size(), 0);
    Order work = {root};
    reached[root] = 1;
    std::size_t count = 0;
    while (!work.empty()) {
        const Index i = work.back();
        work.pop_back();
        ++count;
        for (const Index input : inputs[i])
            if (!reached[input]) reached[input] = 1, work.push_back(input);
    }
    if (yours.empty()) return {false, "yours is empty"};
    if (yours[0] != root)
        return {false, fmt::format("yours begins with {}, the root is {}", yours[0], root)};
    std::vector<Index> place(inputs.size(), -1);
    for (std::size_t at = 0; at < yours.size(); ++at) {
        const Index i = yours[at];
        if (i < 0 || i >= n)
            return {false, fmt::format("place {} of yours is {}: there are {} numbers, 0 to {}", at,
                                       i, n, n - 1)};
        if (!reached[i])
            return {false, fmt::format("yours lists {}, which root {} was not made of", i, root)};
        if (place[i] >= 0)
            return {false,
                    fmt::format("yours lists {} twice, at places {} and {}", i, place[i], at)};
        place[i] = static_cast<Index>(at);
    }
    for (const Index i : yours)
        for (const Index input : inputs[i]) {
            if (place[input] < 0)
                return {false,
                        fmt::format("yours does not list {}, which {} was made from", input, i)};
            if (place[input] < place[i])
                return {false,
                        fmt::format("yours lists {} before {}, which was made from it", input, i)};
        }
    if (yours.size() != count)
        return {false, fmt::format("yours lists {} numbers of {}", yours.size(), count)};
    return {true, "a right order"};
}

Comparison checked(Index root, const Lists& inputs) {
    return right(part().order(root, inputs), root, inputs);
}

// The same graph with other names: number i is called name[i].
Lists renamed(const Lists& inputs, const Order& name) {
    Lists result(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        for (const Index input : inputs[i]) result[name[i]].push_back(name[input]);
    return result;
}

Order shuffled(Index n, std::uint64_t seed) {
    Random random(seed);
    Order name(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) name[i] = i;
    for (Index i = n - 1; i > 0; --i)
        std::swap(name[i], name[static_cast<Index>(random.uniform() * static_cast<double>(i + 1))]);
    return name;
}

// A graph in shuffled numbers, checked from number `root` of the original.
Comparison checked_shuffled(Index root, const Lists& inputs, std::uint64_t seed) {
    const Order name = shuffled(static_cast<Index>(inputs.size()), seed);
    return checked(name[root], renamed(inputs, name));
}

// What every number hands on if it is passed in this order and each was the sum of its inputs: the
// gradients, which are the numbers of paths. An entry that is no number is passed over.
std::vector<Real> gradients(const Order& order, Index root, const Lists& inputs) {
    std::vector<Real> grad(inputs.size(), 0);
    grad[root] = 1;
    for (const Index i : order)
        if (i >= 0 && i < static_cast<Index>(inputs.size()))
            for (const Index input : inputs[i]) grad[input] += grad[i];
    return grad;
}

// x, a = 2 x, b = a + 3, f = a + b as numbers 0 to 3.
const Lists kText = {{}, {0}, {1}, {1, 2}};
// Two equal ways from the root 4 to number 1, and on to 0.
const Lists kEven = {{}, {0}, {1}, {1}, {2, 3}};
// Number 1 is used by the root 4 itself and by 2 and 3.
const Lists kShort = {{}, {0}, {1}, {1}, {2, 1, 3}};
// x * x + x, and the product of three: number 1 twice in one list, and in another.
const Lists kTwice = {{}, {0}, {1}, {1, 1, 2}};
// Root 3. Numbers 2 and 4 are strangers that use its inputs, 5 is made from the root itself.
const Lists kStrangers = {{}, {0}, {0, 1}, {1, 0}, {1}, {3, 4}};

// How many numbers stand before the inputs they were made from, and after. Gradients do not tell
// whether a number is late or was never listed.
std::pair<int, int> before_and_after(const Order& order, const Lists& inputs) {
    const auto n = static_cast<Index>(inputs.size());
    std::vector<std::size_t> place(inputs.size(), order.size());
    for (std::size_t at = order.size(); at-- > 0;)
        if (order[at] >= 0 && order[at] < n) place[order[at]] = at;
    int before = 0, after = 0;
    for (Index i = 0; i < n; ++i)
        for (const Index input : inputs[i])
            before += place[i]<place[input], after += place[i]> place[input];
    return {before, after};
}

const Fingerprint order_print("order", [] {
    std::vector<Real> all;
    const auto add = [&](Index root, const Lists& inputs) {
        const Order order = part().order(root, inputs);
        all.push_back(Real(order.size()));
        for (const Real g : gradients(order, root, inputs)) all.push_back(g);
        const auto [before, after] = before_and_after(order, inputs);
        all.push_back(before), all.push_back(after);
    };
    // 300 uses: more than a count of one byte can hold.
    add(1, {{}, Order(300, 0)});
    add(4, kEven);
    add(4, kShort);
    add(3, kTwice);
    add(3, kStrangers);
    const Order name = {4, 1, 3, 0, 2};
    add(name[4], renamed(kShort, name));
    return all;
});

// So that an answer with one of these faults fails the large cases at once and does not fill the
// memory or the time.
bool lists_each_once() {
    const Order order = part().order(4, kEven);
    return order.size() == 5;
}

double seconds_for(Index root, const Lists& inputs) {
    const std::clock_t start = std::clock();
    (void)part().order(root, inputs);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

Lists chain(Index n) {
    Lists inputs(static_cast<std::size_t>(n));
    for (Index i = 1; i < n; ++i) inputs[i].push_back(i - 1);
    return inputs;
}

// The time per number does not grow: a run over 50,000 numbers takes some milliseconds; one that
// searches a list for each of them takes a second.
bool fast_enough() {
    static const double seconds = seconds_for(49999, chain(50000));
    return seconds < 0.25;
}

}  // namespace

TEST_CASE("order: a number that was not computed stands alone") {
    CHECK(checked(0, {{}}));
    CHECK(checked(1, {{}, {}, {}}));
}

TEST_CASE("order: a chain of three, root 2") {
    CHECK(checked(2, {{}, {0}, {1}}));
}

TEST_CASE("order: the diamond of the text, where df/dx is 4") {
    const Order order = part().order(3, kText);
    CHECK(right(order, 3, kText));
    const Real slopes[] = {0, 2, 1, 1};  // of a number with respect to its inputs
    std::vector<Real> grad = {0, 0, 0, 1};
    for (const Index i : order)
        if (i >= 0 && i < 4)
            for (const Index input : kText[i]) grad[input] += slopes[i] * grad[i];
    CHECK(same(grad[0], 4));
}

TEST_CASE("order: two equal ways to one number") {
    CHECK(checked(4, kEven));
    CHECK(checked(4, {{}, {0}, {1}, {1}, {3, 2}}));
}

TEST_CASE("order: a short way and a long way to one number, whichever is listed first") {
    CHECK(checked(4, kShort));
    for (const Index length : {1, 2, 3, 50}) {
        CAPTURE(length);
        Lists inputs = chain(length + 2);  // 0, and a chain on it
        inputs.push_back({0, length + 1});
        CHECK(checked(length + 2, inputs));
        inputs.back() = {length + 1, 0};
        CHECK(checked(length + 2, inputs));
    }
}

TEST_CASE("order: the numbers say nothing about age (the diamond of the text in all 24 ways)") {
    Order name = {0, 1, 2, 3};
    do {
        CAPTURE(name[0]);
        CAPTURE(name[1]);
        CAPTURE(name[2]);
        CAPTURE(name[3]);
        CHECK(checked(name[3], renamed(kText, name)));
    } while (std::next_permutation(name.begin(), name.end()));
}

TEST_CASE("order: a number used twice by one operation, as in x * x") {
    CHECK(checked(1, {{}, {0, 0}}));
    CHECK(checked(3, kTwice));
    CHECK(checked(3, {{}, {0}, {1, 1}, {2, 1, 2, 1}}));
    CHECK(checked(2, {{}, {0, 0, 0}, {0, 1, 0, 1}}));
}

TEST_CASE("order: what the root was not made of is left out, and its uses do not count") {
    CHECK(checked(3, kStrangers));
    CHECK(checked(1, kStrangers));
    CHECK(checked(0, kStrangers));
    CHECK(checked(5, kStrangers));
    CHECK(checked(1, {{}, {0}, {1}, {2, 0}}));  // the root is used by others
}

TEST_CASE("order: some leaves belong to the root and some do not") {
    CHECK(checked(4, {{}, {}, {}, {0, 1}, {3, 1}, {3, 2}}));
    CHECK(checked(5, {{}, {}, {}, {0, 1}, {3, 1}, {3, 2}}));
}

TEST_CASE("order: two hundred random graphs, their numbers shuffled") {
    REQUIRE_MESSAGE(lists_each_once(), "on the small diamond first");
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        Random random(seed);
        const Index n = 2 + static_cast<Index>(seed % 15);
        Lists inputs(static_cast<std::size_t>(n));
        for (Index i = 1; i < n; ++i)
            for (int k = static_cast<int>(random.uniform() * 4); k > 0; --k)
                inputs[i].push_back(static_cast<Index>(random.uniform() * static_cast<double>(i)));
        CHECK(checked_shuffled(n - 1, inputs, seed));
        CHECK(checked_shuffled(n / 2, inputs, seed));
    }
}

TEST_CASE("order: sixty diamonds on top of each other, with 2 to the power 60 paths") {
    REQUIRE_MESSAGE(lists_each_once(), "on the small diamond first");
    for (const Index diamonds : {10, 20, 60}) {
        CAPTURE(diamonds);
        Lists inputs = {{}};
        for (Index top = 0; top < 3 * diamonds; top += 3) {
            inputs.push_back({top});
            inputs.push_back({top});
            inputs.push_back({top + 1, top + 2});
        }
        REQUIRE(checked_shuffled(3 * diamonds, inputs, 5));
    }
}

TEST_CASE("order: a ladder, where every number is made from the two before it") {
    REQUIRE_MESSAGE(lists_each_once(), "on the small diamond first");
    for (const Index n : {5, 100, 10000}) {
        CAPTURE(n);
        Lists inputs = {{}, {0}}, turned = {{}, {0}};
        for (Index i = 2; i < n; ++i)
            inputs.push_back({i - 1, i - 2}), turned.push_back({i - 2, i - 1});
        // An answer that goes on whenever it finds a longer way comes by n / 2 times.
        REQUIRE_MESSAGE(seconds_for(n - 1, inputs) + seconds_for(n - 1, turned) < 0.1,
                        "too slow: numbers are visited again and again, or a list is searched "
                        "for each");
        CHECK(checked_shuffled(n - 1, inputs, 8));
        CHECK(checked_shuffled(n - 1, turned, 9));
    }
}

TEST_CASE("order: a chain of 50,000 numbers, without recursion, in milliseconds") {
    REQUIRE_MESSAGE(lists_each_once(), "on the small diamond first");
    REQUIRE_MESSAGE(fast_enough(),
                    "too slow: something looks through a whole list for each number");
}

TEST_CASE("order: one number made from 20,000, and 20,000 made from one") {
    REQUIRE_MESSAGE(lists_each_once(), "on the small diamond first");
    REQUIRE_MESSAGE(fast_enough(), "a chain of 50,000 first");
    const Index n = 20000;
    Lists inputs(static_cast<std::size_t>(n) + 2);
    for (Index i = 1; i <= n; ++i) inputs[i].push_back(0), inputs[n + 1].push_back(i);
    CHECK(checked_shuffled(n + 1, inputs, 6));
}

TEST_CASE("order: a chain of 100,000 numbers") {
    REQUIRE_MESSAGE(fast_enough(), "a chain of 50,000 first");
    CHECK(checked_shuffled(99999, chain(100000), 7));
}

TEST_CASE("order: a chain of a million") {
    REQUIRE_MESSAGE(fast_enough(), "a chain of 50,000 first");
    CHECK(checked(999999, chain(1000000)));
}

TEST_CASE("order: the library's backward() walks in yours, and finds the same gradients") {
    const auto run = [] {
        const Variable x = parameter(Tensor::normal({4, 6}, 1, 1)),
                       w = parameter(Tensor::normal({6, 6}, 1, 2)),
                       b = parameter(Tensor::normal({6}, 1, 3));
        Variable h = x;
        for (int layer = 0; layer < 3; ++layer) h = h + tanh(linear(h, w, b));
        mean(h * h).backward();
        std::vector<Real> all;
        for (const auto& leaf : {x, w, b})
            for (const Real d : leaf.grad().to_vector()) all.push_back(d);
        return all;
    };
    const BackwardOrder yours = set_backward_order(nullptr);
    const auto expected = run();
    set_backward_order(yours);
    const auto before = part().order.calls().count;
    CHECK(same(run(), expected, {}, 1e-12));
    CHECK(part().order.calls().count == before + 1);
}

}  // namespace gradus::lesson_05

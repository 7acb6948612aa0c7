// SPDX-License-Identifier: MIT
// The graph of variables: who receives which gradient, what is freed when, and how it is printed.
#include "autograd/graph.h"

#include <doctest/doctest.h>

#include <cmath>
#include <ctime>
#include <thread>

#include "autograd/all.h"
#include "tensor/memory.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

Variable number(double x) {
    return parameter(Tensor::scalar(static_cast<Real>(x)));
}

// CPU time of the whole process: unlike wall-clock time, it ignores what else the machine is doing.
double processor_seconds(std::clock_t start) {
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("backward on a leaf adds one to its gradient, and undefined operands are refused") {
    const Variable x = parameter(Tensor::scalar(3));
    x.grad().fill(5);
    x.backward();
    CHECK(x.grad().item() == 6);
    CHECK_THROWS_WITH_AS(x + Variable(), "variable: undefined, so it has no value",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(add(Tensor::scalar(1), Tensor()),
                         "add: a tensor is undefined (it has no elements)", std::invalid_argument);
}

TEST_CASE("a product and a sum: y = a b + a") {
    const Variable a = number(2), b = number(3);
    const Variable y = a * b + a;
    CHECK(y.item() == 8);
    y.backward();
    CHECK(a.grad().item() == 4);  // b + 1
    CHECK(b.grad().item() == 2);
}

TEST_CASE("a diamond: both paths from x to y count") {
    const Variable x = number(1);
    const Variable left = x * 3, right = x + 5;
    (left + right).backward();
    CHECK(x.grad().item() == 4);
}

TEST_CASE("the first gradient to arrive is taken over, and copied before it is added to") {
    const Variable a = parameter(Tensor::from({1, 2})), b = parameter(Tensor::from({3, 4}));
    const Variable s = a + b;
    const Variable y = sum(s) + sum(a * a);  // a's gradient: 1 from s, 2 a from the square
    y.backward(RetainGraph::yes);
    CHECK(a.grad().to_vector() == std::vector<Real>{3, 5});
    CHECK(b.grad().to_vector() == std::vector<Real>{1, 1});
    CHECK(s.grad().to_vector() == std::vector<Real>{1, 1});
    y.backward();  // once more on top
    CHECK(a.grad().to_vector() == std::vector<Real>{6, 10});
    CHECK(b.grad().to_vector() == std::vector<Real>{2, 2});

    const Variable c = parameter(Tensor::from({1, 2})), d = parameter(Tensor::from({3, 4}));
    sum(c + d).backward();
    const Tensor seen = c.grad();  // a handle of the user's own, and then more arrives
    sum(c + d).backward();
    CHECK(seen.to_vector() == std::vector<Real>{2, 2});
    CHECK(d.grad().to_vector() == std::vector<Real>{2, 2});
    sum(c + c).backward();
    CHECK(c.grad().to_vector() == std::vector<Real>{4, 4});
}

TEST_CASE("a diamond of squares: the node in the middle is passed once, with its whole gradient") {
    const Variable x = number(3);
    const Variable m = square(x);  // 9
    const Variable y = m * m + m;  // 90, dy/dm = 2 m + 1 = 19
    y.backward();
    CHECK(x.grad().item() == 19 * 6);
}

TEST_CASE("a node used twice by one operation receives both gradients") {
    const Variable x = number(5);
    (x * x).backward();
    CHECK(x.grad().item() == 10);
    const Variable z = number(5);
    (z + z).backward();
    CHECK(z.grad().item() == 2);
    const Variable w = number(5);
    (w - w).backward();
    CHECK(w.grad().item() == 0);
}

TEST_CASE("the first product to arrive is written over what its memory held, the next added") {
    const Tensor numbers = Tensor::matrix({{1, 2}, {3, 4}});
    {
        const Tensor used = Tensor::full({2, 2}, 99);  // its block is the next to be handed out
    }
    const Variable a = parameter(numbers), w = parameter(numbers), none;
    sum(matmul(a, a)).backward();  // both operands are the same variable
    CHECK(a.grad().to_vector() == std::vector<Real>{7, 11, 9, 13});
    sum(linear(a, w, none)).backward();
    CHECK(w.grad().to_vector() == std::vector<Real>{4, 4, 6, 6});
    CHECK(a.grad().to_vector() == std::vector<Real>{10, 18, 12, 20});
    sum(linear(numbers, w, none)).backward();
    CHECK(w.grad().to_vector() == std::vector<Real>{8, 8, 12, 12});
}

TEST_CASE("many stacked diamonds cost one visit per node, not one per path") {
    Variable y = number(1);
    const Variable x = y;
    for (int i = 0; i < 60; ++i) y = y + y;  // 2^60 paths
    y.backward();
    CHECK(x.grad().item() == static_cast<Real>(std::ldexp(1.0, 60)));
}

TEST_CASE("gradients of separate walks add up until zero_grad") {
    const Variable x = number(2);
    (x * 3).backward();
    (x * 4).backward();
    CHECK(x.grad().item() == 7);
    x.zero_grad();
    CHECK_FALSE(x.has_grad());
    CHECK(x.grad().item() == 0);
    (x * 4).backward();
    CHECK(x.grad().item() == 4);
}

TEST_CASE("constants get no gradient") {
    const Variable x = number(2), c(Tensor::scalar(3));
    CHECK_FALSE(c.requires_grad());
    (x * c).backward();
    CHECK(x.grad().item() == 3);
    CHECK_FALSE(c.has_grad());
    CHECK_FALSE(c.grad().defined());
    CHECK_FALSE((c * c).requires_grad());
    CHECK((c * c).node()->inputs.empty());  // no history either
}

TEST_CASE("a tensor may be passed where a variable is expected") {
    const Variable x = parameter(Tensor::from({1, 2}));
    sum(x * Tensor::from({10, 20})).backward();
    CHECK(x.grad().to_vector() == std::vector<Real>{10, 20});
}

TEST_CASE("an undefined bias is left out") {
    const Variable x = parameter(Tensor::matrix({{1, 2}})),
                   w = parameter(Tensor::matrix({{1}, {1}}));
    const Variable y = linear(x, w, {});
    CHECK(y.item() == 3);
    y.backward();
    CHECK(x.grad().to_vector() == std::vector<Real>{1, 1});
    const Variable n = sum(layer_norm(x, parameter(Tensor::from({1, 1})), {}));
    CHECK(n.item() == doctest::Approx(0));
    CHECK_FALSE(Variable().defined());
    CHECK_FALSE(Variable().requires_grad());
    CHECK_FALSE(Variable().grad().defined());
}

TEST_CASE("a part of the graph that the result does not depend on receives nothing") {
    const Variable x = number(2), other = number(7);
    const Variable unused = other * x;
    (x * 5).backward();
    CHECK(x.grad().item() == 5);
    CHECK_FALSE(other.has_grad());
    CHECK(unused.item() == 14);
}

TEST_CASE("copies of a variable are the same variable") {
    const Variable x = number(2), copy = x;
    CHECK(x.node() == copy.node());
    (copy * 3).backward();
    CHECK(x.grad().item() == 3);
}

// ---- what backward() refuses ----------------------------------------------------------------

TEST_CASE("backward twice through the same graph is refused with the way out") {
    const Variable x = number(2);
    const Variable y = x * x;
    y.backward();
    CHECK_THROWS_WITH_AS(
        y.backward(),
        "backward: this graph was already walked and freed (use RetainGraph::yes to walk it twice)",
        std::invalid_argument);
    CHECK(x.grad().item() == 4);
}

TEST_CASE("a result built on a part that was already walked is refused, naming the part") {
    const Variable x = number(2);
    const Variable m = exp(x);
    (m * 2).backward();
    CHECK_THROWS_WITH_AS((m * 3).backward(),
                         "backward: part of this graph (exp) was already walked and freed",
                         std::invalid_argument);
}

TEST_CASE("backward starts from one number that depends on a parameter") {
    const Variable x = parameter(Tensor({2, 3}));
    CHECK_THROWS_WITH_AS((x * 2).backward(),
                         "backward: needs exactly one number, shape is (2, 3) (take a sum or mean)",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Variable(Tensor::scalar(1)).backward(),
                         "backward: nothing that made this value needs a gradient",
                         std::invalid_argument);
    CHECK_THROWS_AS(Variable().backward(), std::invalid_argument);
    CHECK_THROWS_AS(mean(Variable(Tensor({0, 2}))), std::invalid_argument);
    CHECK_THROWS_WITH_AS(concat({}), "concat: needs at least one part with an axis",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(concat({x, Variable(Tensor({2, 4}))}),
                         "concat: parts (2, 3) and (2, 4) differ beyond axis 0",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(linear(x, Tensor({3, 4}), Tensor({3})),
                         "linear: bias (3,) for weight (3, 4)", std::invalid_argument);
}

// ---- a custom order ----------------------------------------------------------------------------

namespace {

using Lists = std::vector<std::vector<Index>>;

// Sets the order until the end of the scope.
class OrderInUse {
 public:
    explicit OrderInUse(BackwardOrder order) : before_(set_backward_order(order)) {}
    ~OrderInUse() { set_backward_order(before_); }
    OrderInUse(const OrderInUse&) = delete;
    OrderInUse& operator=(const OrderInUse&) = delete;

 private:
    BackwardOrder before_;
};

// An operation is ready once all operations that use it have been listed; ready ones go first in,
// first out.
std::vector<Index> ready_first(Index root, const Lists& inputs) {
    std::vector<Index> uses(inputs.size());
    for (const auto& list : inputs)
        for (const Index input : list) ++uses[static_cast<std::size_t>(input)];
    std::vector<Index> order{root};
    for (std::size_t at = 0; at < order.size(); ++at)
        for (const Index input : inputs[static_cast<std::size_t>(order[at])])
            if (--uses[static_cast<std::size_t>(input)] == 0) order.push_back(input);
    return order;
}

}  // namespace

TEST_CASE("a custom order gives the same gradients, bit for bit") {
    // No value is used more than twice, so no sum depends on the sequence.
    const auto gradients = [](BackwardOrder order) {
        const OrderInUse guard(order);
        const Variable x = parameter(Tensor::normal({2, 3, 6}, 1, 1)),
                       w = parameter(Tensor::normal({6, 18}, 1, 2)),
                       g = parameter(Tensor::full({6}, 1)), b = parameter(Tensor({6}));
        const Variable h = x + attention(matmul(layer_norm(x, g, b), w), {.heads = 2});
        const Variable y = mean(h * h) + sum(tanh(w)) * Real(0.1);
        y.backward();
        std::vector<Real> all;
        for (const auto& leaf : {x, w, g, b})
            for (const Real d : leaf.grad().to_vector()) all.push_back(d);
        return all;
    };
    const auto newest_first = gradients(nullptr);
    CHECK(gradients(ready_first) == newest_first);
    CHECK(gradients(nullptr) == newest_first);
}

TEST_CASE("a custom order is given operations only, one used twice listed twice") {
    static Lists seen;
    const OrderInUse guard([](Index root, const Lists& inputs) {
        CHECK(root == 0);
        seen = inputs;
        return ready_first(root, inputs);
    });
    const Variable x = number(3), unused = x * 5;
    const Variable m = x * 2;
    const Variable y = m * m;
    y.backward(RetainGraph::yes);
    CHECK(seen == Lists{{1, 1}, {}});
    CHECK(x.grad().item() == 24);
    CHECK(m.grad().item() == 12);
    y.backward();  // and frees the graph as always
    CHECK_THROWS_AS(y.backward(), std::invalid_argument);
    CHECK(x.grad().item() == 48);
    unused.backward();
    CHECK(seen == Lists{{}});
    seen.clear();
    x.backward();  // no operation, so the order is not called
    CHECK(seen.empty());
    CHECK(x.grad().item() == 48 + 5 + 1);
}

TEST_CASE("a custom order that breaks the rule is refused") {
    const auto walk = [](BackwardOrder order) {
        const OrderInUse guard(order);
        const Variable x = number(1), m = x * 2;  // operation 2 or 1
        (m + add_scalar(m, 1)).backward();        // operations 0, and 1 or 2
    };
    CHECK_THROWS_WITH_AS(
        walk([](Index, const Lists&) {
            return std::vector<Index>{0, 1};
        }),
        "backward: the order set by set_backward_order has 2 entries for 3 operations",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        walk([](Index, const Lists&) {
            return std::vector<Index>{0, 1, 3};
        }),
        "backward: the order set by set_backward_order holds 3, but there are 3 operations",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        walk([](Index, const Lists&) {
            return std::vector<Index>{0, -1, 2};
        }),
        "backward: the order set by set_backward_order holds -1, but there are 3 operations",
        std::invalid_argument);
    CHECK_THROWS_WITH_AS(walk([](Index, const Lists&) {
                             return std::vector<Index>{0, 1, 1};
                         }),
                         "backward: the order set by set_backward_order holds 1 twice",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(walk([](Index root, const Lists& inputs) {
                             const auto right = ready_first(root, inputs);
                             return std::vector<Index>{right.rbegin(), right.rend()};
                         }),
                         doctest::Contains("which was made from it"), std::invalid_argument);
    const Variable x = number(2);  // and afterwards everything works as before
    (x * x).backward();
    CHECK(x.grad().item() == 4);
}

// ---- RetainGraph --------------------------------------------------------------------------------

TEST_CASE("with RetainGraph::yes two walks give the same gradients again") {
    const Variable x = parameter(Tensor::from({1, 2, 3}));
    const Variable m = exp(x), y = sum(m * m);
    y.backward(RetainGraph::yes);
    const auto first = x.grad().to_vector(), middle = m.grad().to_vector();
    x.zero_grad();
    y.backward(RetainGraph::yes);
    CHECK(x.grad().to_vector() == first);
    CHECK(m.grad().to_vector() == middle);  // gradients of results start afresh
    y.backward();                           // without zero_grad, a leaf's add up
    for (Index i = 0; i < 3; ++i) CHECK(x.grad()[i] == 2 * first[static_cast<std::size_t>(i)]);
}

TEST_CASE("RetainGraph::yes keeps the gradients of results, RetainGraph::no those of leaves only") {
    const Variable x = number(3);
    Variable m = x * 2, y = m * m;
    y.backward(RetainGraph::yes);
    CHECK(m.has_grad());
    CHECK(m.grad().item() == 12);
    CHECK(y.grad().item() == 1);
    m = x * 2, y = m * m;
    y.backward();
    CHECK_FALSE(m.has_grad());
    CHECK(y.item() == 36);  // values stay as long as a handle does
    CHECK(m.item() == 6);
}

// ---- recording ------------------------------------------------------------------------------

TEST_CASE("under NoGrad nothing is recorded, and recording returns after the scope") {
    const Variable x = number(2);
    {
        const NoGrad guard;
        {
            const NoGrad inner;
            CHECK_FALSE((x * x).requires_grad());
        }
        const Variable y = x * x;
        CHECK(y.item() == 4);
        CHECK_FALSE(y.requires_grad());
        CHECK(y.node()->inputs.empty());
        CHECK_THROWS_AS(y.backward(), std::invalid_argument);
    }
    (x * x).backward();
    CHECK(x.grad().item() == 4);
}

TEST_CASE("NoGrad of one thread does not stop another from recording") {
    const NoGrad guard;
    bool recorded = false;
    std::thread([&] { recorded = (number(1) * 2).requires_grad(); }).join();
    CHECK(recorded);
}

TEST_CASE(
    "CheckFinite names the first operation that made NaN or infinity, and what it was made of") {
    const CheckFinite guard;
    const Variable x = parameter(Tensor::from({1, 0, 4})).named("x");
    CHECK_THROWS_WITH_AS(log(x), "log: first infinity at element 1 of (3,), from x (3,)",
                         NotFiniteError);
    CHECK_THROWS_WITH_AS(sqrt(x - 1), "sqrt: first nan at element 1 of (3,), from (3,)",
                         NotFiniteError);
    const Variable bad(Tensor::from({Real(NAN), 0, 0}));
    CHECK_THROWS_WITH_AS(
        x * bad, "mul: first nan at element 0 of (3,), from x (3,) and (3,) (not finite itself)",
        NotFiniteError);
    CHECK(exp(x).value()[1] == 1);
}

TEST_CASE("without CheckFinite NaN passes, and the check ends with its scope") {
    { const CheckFinite guard; }
    const Variable y = log(parameter(Tensor::from({-1})));
    CHECK(std::isnan(y.value()[0]));
}

// ---- memory ---------------------------------------------------------------------------------

TEST_CASE("a chain of a million operations is built, differentiated and destroyed") {
    // Every pass over the chain must be a loop: recursion of this depth would need more than 100 MB
    // of stack.
    constexpr int kDepth = kSanitized ? 100000 : 1000000;
    const std::clock_t start = std::clock();
    const Variable x = number(0);
    {
        Variable y = x;
        for (int i = 0; i < kDepth; ++i) y = add_scalar(y, 1);
        CHECK(y.item() == kDepth);
        y.backward();
    }
    CHECK(x.grad().item() == 1);
    const double seconds = processor_seconds(start);
    CAPTURE(seconds);
    if (!kSanitized) CHECK(seconds < 6);  // 2 on the slowest machine seen so far
}

TEST_CASE("a chain of a million operations is destroyed without having been walked") {
    constexpr int kDepth = kSanitized ? 100000 : 1000000;
    const std::size_t before = memory_stats().live_bytes;
    const std::clock_t start = std::clock();
    {
        const Variable x = number(0);
        Variable y = x;
        for (int i = 0; i < kDepth; ++i) y = mul_scalar(y, 1);
    }
    CHECK(memory_stats().live_bytes == before);
    {
        // Every node is used twice by the next, and only the newest has a handle.
        Variable y = number(0);
        for (int i = 0; i < kDepth / 10; ++i) y = y + y;
    }
    CHECK(memory_stats().live_bytes == before);
    {
        // With RetainGraph::yes the walk leaves everything in place for the destructor.
        Variable y = number(1);
        for (int i = 0; i < kDepth / 10; ++i) y = mul_scalar(y, 1);
        y.backward(RetainGraph::yes);
    }
    CHECK(memory_stats().live_bytes == before);
    const double seconds = processor_seconds(start);
    CAPTURE(seconds);
    if (!kSanitized) CHECK(seconds < 6);  // 2 on the slowest machine seen so far
}

TEST_CASE("no operation leaks memory, walked or not") {
    const SavedSettings saved;
    // With several threads, one may get its first chunk, and so its buffers, late.
    set_threads(1);
    std::size_t before = 0;
    for (int round = 0; round < 4; ++round) {
        // The first walk allocates the kernels' own buffers, one set per thread; they are kept.
        if (round == 2) before = memory_stats().live_bytes;
        const Variable x = parameter(Tensor::normal({2, 3, 6}, 1, 1)),
                       w = parameter(Tensor::normal({6, 18}, 1, 2)),
                       b = parameter(Tensor::normal({18}, 1, 3)),
                       g = parameter(Tensor::full({6}, 1));
        const Variable h = attention(linear(layer_norm(x, g, g), w, b), {.heads = 2});
        const Variable z = concat({reshape(h, {6, 6}), slice(reshape(x, {6, 6}), 1, 3)});
        const Variable e = embedding(transpose(z), Tokens({4}, {0, 5, 5, 2}));
        const Variable f = softmax(tanh(e)) + relu(e) * sigmoid(e) - gelu(e) / (exp(e) + 1);
        const Variable s = sum(log(square(f) + 1), 0) + sqrt(square(mean(f, 0)) + 1);
        const Variable loss =
            cross_entropy(broadcast_to(dropout(s, Real(0.1), 1), {3, 8}), Tokens({3}, {0, 7, -1})) +
            mean(z) + sum(matmul(h, w)) * Real(0.01);
        const bool walked = round % 2 == 1;
        if (walked) loss.backward();
        CHECK(w.has_grad() == walked);
        if (walked) CHECK(all_finite(x.grad()));
    }
    CHECK(memory_stats().live_bytes == before);
}

TEST_CASE("backward frees activations while it walks") {
    const Variable x = parameter(Tensor::full({10000}, 1));
    Variable y = x;
    for (int i = 0; i < 50; ++i) y = tanh(y);
    y = sum(y);
    const std::size_t built = memory_stats().live_bytes;
    reset_peak();
    y.backward();
    // On top of what was there, at most two gradients and the leaf's own are alive at once; if
    // nothing were freed, it would be fifty.
    CHECK(memory_stats().peak_bytes < built + 6 * 10240 * sizeof(Real));
    CHECK(memory_stats().live_bytes < built - 45 * 10000 * sizeof(Real));
}

TEST_CASE("gradients are bit-for-bit identical at any number of threads") {
    const SavedSettings saved;
    std::vector<Real> first;
    for (int n = 1; n <= 3; ++n) {
        set_threads(n);
        const Variable x = parameter(Tensor::normal({64, 100}, 1, 1)),
                       w = parameter(Tensor::normal({100, 300}, 1, 2));
        mean(gelu(layer_norm(linear(x, w, {}), Tensor::full({300}, 1), {}))).backward();
        auto gradients = x.grad().to_vector();
        const auto more = w.grad().to_vector();
        gradients.insert(gradients.end(), more.begin(), more.end());
        if (n == 1) first = gradients;
        CHECK(gradients == first);
    }
}

// ---- pictures -------------------------------------------------------------------------------

TEST_CASE("graph_text shows the expression as a tree with values and gradients") {
    const Variable a = number(2).named("a"), b = number(3).named("b");
    const Variable y = a * b + a;
    y.backward(RetainGraph::yes);
    CHECK(graph_text(y) ==
          "#3 add () = 8, grad 1\n"
          "  #2 mul () = 6, grad 1\n"
          "    #0 a () = 2, grad 4\n"
          "    #1 b () = 3, grad 2\n"
          "  see #0\n");
}

TEST_CASE("graph_dot is Graphviz with one box per value and one arrow per input") {
    const Variable a = number(2).named("a \"quoted\""), c(Tensor::full({2, 4}, 1));
    const Variable y = sum(c * a);
    CHECK(graph_dot(y) ==
          "digraph gradus {\n"
          "  rankdir=LR;\n"
          "  node [shape=box, fontname=\"monospace\"];\n"
          "  n0 [label=\"a \\\"quoted\\\" () = 2\", style=rounded];\n"
          "  n1 [label=\"leaf (2, 4) = ...\", style=rounded];\n"
          "  n2 [label=\"mul (2, 4) = ...\"];\n"
          "  n1 -> n2;\n"
          "  n0 -> n2;\n"
          "  n3 [label=\"sum () = 16\"];\n"
          "  n2 -> n3;\n"
          "}\n");
}

TEST_CASE("graphs of any depth are printed without recursion") {
    Variable y = number(0);
    constexpr int kDepth = 20000;
    for (int i = 0; i < kDepth; ++i) y = add_scalar(y, 0);
    const std::string dot = graph_dot(y);
    CHECK(dot.find("n19999 -> n20000") != std::string::npos);
}

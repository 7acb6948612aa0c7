// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <set>

#include "lessons/12-digits/digits.h"
#include "tensor/ops.h"

namespace gradus::lesson_12 {
namespace {

using Numbers = std::vector<Real>;

Numbers numbers(const std::vector<int>& list) {
    return {list.begin(), list.end()};
}

// Two pixels, two hidden units, three scores, with weights that can be worked out by hand.
Reader small_reader() {
    Reader reader(Initialiser(1), 2, 2, 3);
    reader.hidden.weight.value().copy_from(Tensor::matrix({{1, -1}, {2, 0}}));
    reader.hidden.bias.value().copy_from(Tensor::from({0, 0.5}));
    reader.scores.weight.value().copy_from(Tensor::matrix({{1, 0, -2}, {0, 1, 3}}));
    reader.scores.bias.value().copy_from(Tensor::from({0, 0, 0.1}));
    return reader;
}

Numbers predict(const Tensor& scores) {
    return numbers(part().predict(scores));
}

// n images of P pixels, with the labels 0, 1, 2, ...
LabelledImages numbered(Index n, Index P) {
    std::vector<int> labels(static_cast<std::size_t>(n));
    std::iota(labels.begin(), labels.end(), 0);
    return {Tensor::from({n, P}, normal_numbers(7, n * P)), Tokens({n}, labels)};
}

Numbers weights(Reader& reader) {
    Numbers all;
    for (const auto& p : named_parameters(reader)) {
        const Numbers values = p.variable.value().to_vector();
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

Numbers trained(const LabelledImages& data, Index epochs, Index B) {
    Reader reader(Initialiser(3), data.images.size(1), 4, 3);
    Random random(5);
    part().train(reader, data, epochs, B, 0.05, random);
    return weights(reader);
}

// The same for data whose order does not matter.
Numbers trained_by_check(const LabelledImages& data, Index epochs, Index B) {
    Reader reader(Initialiser(3), data.images.size(1), 4, 3);
    AdamW optimiser(named_parameters(reader));
    const Index N = data.images.size(0);
    for (Index step = 0; step < epochs * ((N + B - 1) / B); ++step) {
        // The last step of an epoch gets what is left.
        const Index from = step * B % ((N + B - 1) / B * B), n = std::min(B, N - from);
        const Tokens labels({n}, {data.labels.id.begin(), data.labels.id.begin() + n});
        const Tensor x = data.images.slice(0, n);
        optimiser.zero_grad();
        cross_entropy(reader.scores(tanh(reader.hidden(x))), labels).backward();
        optimiser.step(0.05);
    }
    return weights(reader);
}

// Three rows, all with the same label: neither their order nor whose label is whose matters.
LabelledImages one_class() {
    return {Tensor::from({3, 2}, {1, 2, -1, 0.5, 0.3, -2}), Tokens({3}, {1, 1, 1})};
}

// Six times the same image: not even who is in which step matters.
LabelledImages one_image() {
    return {Tensor::from({6, 2}, {1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}),
            Tokens({6}, {2, 2, 2, 2, 2, 2})};
}

// What train() shows the network: images and labels of each step. The loss is where they can be seen:
// with a learning rate of 0 the weights stay as they are, and the scores tell which image it is.
class Watched {
 public:
    Watched(Index N, Index epochs, Index B, std::uint64_t seed) {
        const LabelledImages data = numbered(N, 2);
        Reader reader(Initialiser(3), 2, 2, N);
        Random random(seed);
        seen_ = {}, seen_images_ = {};
        loss_ = ops().cross_entropy_forward.function();
        scores_ = part().forward(reader, data.images).value();
        const ScopedOverride guard(ops().cross_entropy_forward, look);
        part().train(reader, data, epochs, B, 0, random);
        steps = seen_;
        images = seen_images_;
    }
    // All labels in the order in which they came.
    std::vector<int> labels() const {
        std::vector<int> all;
        for (const auto& step : steps) all.insert(all.end(), step.begin(), step.end());
        return all;
    }

    std::vector<std::vector<int>> steps;
    std::vector<int> images;  // of all steps; -1 for what is none of them

 private:
    static void look(Real* loss, Real* lse, const Real* x, const int* target, Index rows,
                     Index cols) {
        seen_.emplace_back(target, target + rows);
        for (Index r = 0; r < rows; ++r) seen_images_.push_back(image_of(x + r * cols, cols));
        loss_(loss, lse, x, target, rows, cols);
    }
    static int image_of(const Real* scores, Index cols) {
        for (Index i = 0; i < scores_.size(0) && cols == scores_.size(1); ++i)
            if (same(Numbers(scores, scores + cols), scores_.slice(i, i + 1).to_vector()))
                return static_cast<int>(i);
        return -1;
    }

    static inline std::vector<std::vector<int>> seen_;
    static inline std::vector<int> seen_images_;
    static inline Tensor scores_;
    static inline decltype(Ops::cross_entropy_forward)::Function loss_ = nullptr;
};

// The accuracy on unseen drawings after training on these.
double unseen(const LabelledImages& data, Index epochs) {
    Reader reader(Initialiser(1), kPixels);
    Random random(1);
    part().train(reader, data, epochs, kBatch, kRate, random);
    const LabelledImages test = drawings(Stream::validation, kTest);
    const auto read = part().predict(part().forward(reader, test.images).value());
    REQUIRE(read.size() == test.labels.id.size());
    return part().accuracy(read, test.labels.id);
}

const Fingerprint forward_print("forward", [] {
    return part().forward(small_reader(), Tensor::matrix({{1, 0.5}, {-1, 2}})).value().to_vector();
});
const Fingerprint predict_print("predict", [] {
    // More rows than are shown, for answers that step over the end.
    const auto read = part().predict(Tensor::matrix({{-3, -1, -2, -5},
                                                     {1, 4, 4, 0},
                                                     {0, 0, 3, 7},
                                                     {9, 8, 1, 2},
                                                     {-1, -2, -1, -3},
                                                     {0.2, 0.1, 0.7, 0.5},
                                                     {8, 7, 9, 6},
                                                     {8, 7, 9, 6}})
                                         .slice(0, 6));
    Numbers all = {static_cast<Real>(read.size())};
    all.insert(all.end(), read.begin(), read.end());
    return all;
});
const Fingerprint accuracy_print("accuracy", [] {
    return Numbers{part().accuracy({1, 2, 3, 4}, {1, 2, 0, 4}), part().accuracy({5}, {5}),
                   part().accuracy({7, 7, 7}, {7, 0, 1}), part().accuracy({0, 0}, {1, 2})};
});
const Fingerprint pick_print("pick", [] {
    LabelledImages data = numbered(5, 3);
    data.labels.id = {8, 6, 9, 5, 7};
    const auto some = part().pick(data, {4, 1, 3});
    Numbers all = some.images.to_vector();
    all.insert(all.end(), some.labels.id.begin(), some.labels.id.end());
    return all;
});
const Fingerprint train_print("train",
                              [] { return or_thrown([] { return trained(one_class(), 5, 3); }); });
const Fingerprint steps_print("train",
                              [] { return or_thrown([] { return trained(one_image(), 3, 2); }); });
const Fingerprint rest_print("train",
                             [] { return or_thrown([] { return trained(one_image(), 3, 4); }); });
// How many images each step gets, whether they come as they lie, whether the second epoch is like the
// first, whether each epoch shows each image once, and whether each has its label. Nothing that
// depends on how the order was shuffled.
Numbers order_of_images() {
    const Watched watched(10, 2, 4, 5);
    Numbers sizes;
    for (const auto& step : watched.steps) sizes.push_back(static_cast<Real>(step.size()));
    const auto& images = watched.images;
    const std::size_t half = images.size() / 2;
    bool as_they_lie = true, twice_the_same = true;
    for (std::size_t i = 0; i < images.size(); ++i)
        as_they_lie = as_they_lie && images[i] == static_cast<int>(i % half);
    for (std::size_t i = 0; i < half; ++i)
        twice_the_same = twice_the_same && images[i] == images[half + i];
    const std::set<int> different(images.begin(), images.end());
    twice_the_same = twice_the_same && different.size() == half;
    bool each_once = half > 0;
    for (const std::size_t from : {std::size_t(0), half}) {
        const std::set<int> epoch(images.begin() + static_cast<Index>(from),
                                  images.begin() + static_cast<Index>(from + half));
        each_once = each_once && epoch.size() == half;
    }
    sizes.push_back(as_they_lie), sizes.push_back(twice_the_same), sizes.push_back(each_once);
    sizes.push_back(images == watched.labels());
    for (const Index N : {8, 9})
        for (const auto& step : Watched(N, 1, 4, 5).steps)
            sizes.push_back(static_cast<Real>(step.size()));
    return sizes;
}
const Fingerprint order_print("train", [] { return or_thrown(order_of_images); });

}  // namespace

TEST_CASE("forward: the network from the text") {
    const Tensor y = part().forward(small_reader(), Tensor::matrix({{1, 0.5}})).value();
    REQUIRE(shaped(y.shape(), {1, 3}));
    CHECK(same(y.to_vector(), {0.9640275801, -0.4621171573, -3.2144066319}, {1, 3}));
}

TEST_CASE("forward: any number of images, each on its own") {
    const Reader reader(Initialiser(2), 5, 4, 3);
    for (const Index n : {1, 2, 7}) {
        CAPTURE(n);
        const Numbers x = normal_numbers(4, n * 5);
        const Tensor y = part().forward(reader, Tensor::from({n, 5}, x)).value();
        REQUIRE(shaped(y.shape(), {n, 3}));
        Numbers expected(static_cast<std::size_t>(n * 3));
        for (Index i = 0; i < n; ++i)
            for (Index h = 0; h < 4; ++h) {
                double sum = reader.hidden.bias.value()[h];
                for (Index p = 0; p < 5; ++p)
                    sum += x[i * 5 + p] * reader.hidden.weight.value().at(p, h);
                for (Index d = 0; d < 3; ++d)
                    expected[i * 3 + d] += std::tanh(sum) * reader.scores.weight.value().at(h, d);
            }
        CHECK(same(y.to_vector(), expected, {n, 3}));
    }
}

TEST_CASE("forward: what the Net of lesson 10 computes with the same weights") {
    Reader reader(Initialiser(2), 5, 4, 3);
    Initialiser init(9);
    const AnyModule net = your_net(5, 4, 3, init);
    const auto from = named_parameters(reader), to = net.parameters();
    REQUIRE(from.size() == to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        const Tensor& weights = from[i].variable.value();
        weights.copy_from(Tensor::from(weights.shape(), normal_numbers(i, weights.count())));
        to[i].variable.value().copy_from(weights);
    }
    const Tensor x = Tensor::from({6, 5}, normal_numbers(4, 30));
    CHECK(same(part().forward(reader, x).value().to_vector(), net.forward(x).value().to_vector(),
               {6, 3}));
}

TEST_CASE("predict: the place of each row's largest score") {
    CHECK(same(predict(Tensor::matrix({{0.5, 2, -1}, {3, 0, 1}})), {1, 0}));
    CHECK(same(predict(Tensor::matrix({{1}, {2}})), {0, 0}));
    CHECK(same(predict(Tensor::matrix({{0, 0, 0, 1}})), {3}));
}

TEST_CASE("predict: scores that are all negative") {
    CHECK(
        same(predict(Tensor::matrix({{-5, -3, -4}, {-1e4, -2e4, -3e4}, {-9, -8, -7}})), {1, 0, 2}));
    CHECK(same(predict(Tensor::matrix({{-3e9, -1e9, -2e9}})), {1}));
}

TEST_CASE("predict: of equal scores the first") {
    CHECK(same(predict(Tensor::matrix({{1, 3, 3, 2}, {0, 0, 0, 0}})), {1, 0}));
}

TEST_CASE("predict: many rows") {
    for (const Index n : {1, 9, 30}) {
        CAPTURE(n);
        const Tensor scores = Tensor::from({n, 10}, normal_numbers(8, n * 10));
        Numbers expected;
        for (Index i = 0; i < n; ++i) expected.push_back(Real(argmax(&scores[i * 10], 10)));
        CHECK(same(predict(scores), expected));
    }
}

TEST_CASE("accuracy: three of four are 0.75") {
    CHECK(same(part().accuracy({1, 2, 3, 4}, {1, 2, 0, 4}), 0.75));
    CHECK(same(part().accuracy({7, 7, 7}, {7, 0, 1}), 1.0 / 3));
    CHECK(same(part().accuracy({0, 0}, {1, 2}), 0));
    CHECK(same(part().accuracy({5}, {5}), 1));
}

TEST_CASE("pick: images and labels in the order asked for") {
    const LabelledImages data{Tensor::matrix({{1, 2}, {3, 4}, {5, 6}}), Tokens({3}, {9, 8, 7})};
    const LabelledImages some = part().pick(data, {2, 0});
    REQUIRE(shaped(some.images.shape(), {2, 2}));
    CHECK(same(some.images.to_vector(), {5, 6, 1, 2}, {2, 2}));
    CHECK(same(numbers(some.labels.id), {7, 9}));
    CHECK(shaped(some.labels.shape, {2}));
}

TEST_CASE("pick: one, all, and one of them twice") {
    const LabelledImages data = numbered(6, 5);
    for (const std::vector<Index>& which : {std::vector<Index>{3}, {5, 4, 3, 2, 1, 0}, {2, 2, 5}}) {
        const LabelledImages some = part().pick(data, which);
        const auto n = static_cast<Index>(which.size());
        REQUIRE(shaped(some.images.shape(), {n, 5}));
        CHECK(shaped(some.labels.shape, {n}));
        CHECK(same(numbers(some.labels.id), Numbers(which.begin(), which.end())));
        for (Index i = 0; i < n; ++i) {
            CAPTURE(i);
            CHECK(same(some.images.slice(i, i + 1).to_vector(),
                       data.images.slice(which[i], which[i] + 1).to_vector()));
        }
    }
}

TEST_CASE("pick: not a pixel too many, even from the last image to the last place") {
    // 64 numbers fill a block of memory to its end: a pixel beyond it is seen by the sanitizer.
    const LabelledImages data = numbered(8, 8);
    const LabelledImages some = part().pick(data, {0, 1, 2, 3, 4, 5, 6, 7});
    REQUIRE(shaped(some.images.shape(), {8, 8}));
    CHECK(same(some.images.to_vector(), data.images.to_vector(), {8, 8}));
}

TEST_CASE("pick: a copy, the data stays as it is") {
    const LabelledImages data = numbered(3, 2);
    const Numbers before = data.images.to_vector();
    const LabelledImages all = part().pick(data, {0, 1, 2});
    REQUIRE(shaped(all.images.shape(), {3, 2}));
    all.images.fill(99);
    CHECK(same(data.images.to_vector(), before, {3, 2}));
}

TEST_CASE("train: no epochs change nothing") {
    const LabelledImages data = one_class();
    CHECK(same(trained(data, 0, 3), trained_by_check(data, 0, 3)));
}

TEST_CASE(
    "train: 10 images, 4 at a time, are steps of 4, 4 and 2, and each is seen once an epoch") {
    const Watched watched(10, 3, 4, 1);
    Numbers sizes;
    for (const auto& step : watched.steps) sizes.push_back(static_cast<Real>(step.size()));
    REQUIRE(same(sizes, {4, 4, 2, 4, 4, 2, 4, 4, 2}));
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
        CAPTURE(epoch);
        const auto labels = watched.labels();
        Numbers seen(labels.begin() + static_cast<Index>(epoch) * 10,
                     labels.begin() + static_cast<Index>(epoch + 1) * 10);
        std::sort(seen.begin(), seen.end());
        CHECK(same(seen, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    }
    CHECK(same(static_cast<double>(Watched(3, 1, 8, 1).steps.size()), 1));  // B larger than all
    // Nothing is left, or a single image.
    for (const Index N : {8, 9}) {
        CAPTURE(N);
        Numbers steps;
        for (const auto& step : Watched(N, 1, 4, 1).steps)
            steps.push_back(static_cast<Real>(step.size()));
        CHECK(same(steps, N == 8 ? Numbers{4, 4} : Numbers{4, 4, 1}));
    }
}

TEST_CASE("train: one step an epoch gives the weights that the four parts of a step give") {
    for (const Index epochs : {1, 2, 10}) {
        CAPTURE(epochs);
        const LabelledImages data = numbered(3, 2);
        CHECK(same(trained(data, epochs, 3), trained_by_check(data, epochs, 3)));
    }
}

TEST_CASE("train: gradients from before do not count") {
    const LabelledImages data = one_class();
    Reader reader(Initialiser(3), 2, 4, 3);
    cross_entropy(reader.scores(tanh(reader.hidden(data.images))), data.labels).backward();
    Random random(5);
    part().train(reader, data, 3, 3, 0.05, random);
    CHECK(same(weights(reader), trained_by_check(data, 3, 3)));
}

TEST_CASE("train: several steps an epoch, also if the last is smaller") {
    const LabelledImages data = one_image();
    CHECK(same(trained(data, 3, 2), trained_by_check(data, 3, 2)));
    CHECK(same(trained(data, 3, 4), trained_by_check(data, 3, 4)));
}

TEST_CASE("train: a new order for every epoch, from the random numbers it was given") {
    const auto labels = Watched(20, 3, 5, 1).labels();
    REQUIRE(labels.size() == 60);
    std::set<std::vector<int>> orders;
    std::vector<int> as_it_lies(20);
    std::iota(as_it_lies.begin(), as_it_lies.end(), 0);
    orders.insert(as_it_lies);
    for (auto at = labels.begin(); at != labels.end(); at += 20) orders.insert({at, at + 20});
    const Comparison new_each_epoch{orders.size() == 4,
                                    "in at least one of three epochs the order is not new"};
    CHECK(new_each_epoch);
    const Comparison from_random{Watched(20, 3, 5, 2).labels() != labels,
                                 "the order does not come from `random`"};
    CHECK(from_random);
    const Comparison same_again{Watched(20, 3, 5, 1).labels() == labels,
                                "the same random numbers give another order"};
    CHECK(same_again);
}

TEST_CASE("train: each image with its own label, six of them learnt by heart") {
    Numbers pixels(36);
    for (std::size_t i = 0; i < 6; ++i) pixels[i * 7] = 1;
    const LabelledImages data{Tensor::from({6, 6}, pixels), Tokens({6}, {3, 1, 4, 0, 5, 2})};
    Reader reader(Initialiser(1), 6, 8, 6);
    Random random(1);
    part().train(reader, data, 40, 4, 0.05, random);
    CHECK(same(predict(part().forward(reader, data.images).value()), numbers(data.labels.id)));
}

TEST_CASE("train: reads at least 97 % of a thousand drawings that it never saw") {
    CHECK(unseen(drawings(Stream::data, kTrain), kEpochs) >= 0.97);
}

TEST_CASE("train: with shuffled labels it reads one in ten, as there is nothing to learn") {
    LabelledImages data = drawings(Stream::data, kTrain);
    Random(2).shuffle(data.labels.id);
    const double right = unseen(data, 3);
    CHECK(right > 0.04);
    CHECK(right < 0.17);
}

}  // namespace gradus::lesson_12

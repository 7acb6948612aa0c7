// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <set>

#include "lessons/13-embedding/yours.h"
#include "lessons/21-gpt/yours.h"

namespace gradus::lesson_22 {
namespace {

using Numbers = std::vector<Real>;
using Stories = std::vector<std::vector<int>>;

const BuiltInMatmul products;

Numbers numbers(const std::vector<int>& list) {
    return {list.begin(), list.end()};
}
Numbers sizes(const Shape& shape) {
    Numbers list;
    for (int axis = 0; axis < shape.rank(); ++axis) list.push_back(static_cast<Real>(shape[axis]));
    return list;
}
void append(Numbers& all, const Numbers& more) {
    all.insert(all.end(), more.begin(), more.end());
}

// --- story_batch ----------------------------------------------------------------------------------

// Stories of these lengths, of tokens 1 to 6 and with `end` at the end.
Stories stories(std::uint64_t seed, const std::vector<Index>& lengths, int end) {
    Random random(seed);
    Stories list;
    for (const Index length : lengths) {
        list.emplace_back();
        for (Index t = 1; t < length; ++t)
            list.back().push_back(1 + static_cast<int>(random.below(6)));
        list.back().push_back(end);
    }
    return list;
}

// The same by plain loops.
Examples batch_by_check(const Stories& stories, int end) {
    std::size_t T = 0;
    for (const auto& story : stories) T = std::max(T, story.size());
    std::vector<int> inputs, targets;
    for (const auto& story : stories) {
        int before = end;
        for (std::size_t t = 0; t < T; ++t) {
            const bool there = t < story.size();
            inputs.push_back(there ? before : 0);
            targets.push_back(there ? story[t] : -1);
            if (there) before = story[t];
        }
    }
    const Shape shape{std::ssize(stories), static_cast<Index>(T)};
    return {Tokens(shape, inputs), Tokens(shape, targets)};
}

void check_batch(const Examples& yours, const Examples& expected) {
    REQUIRE(shaped(yours.inputs.shape, expected.inputs.shape));
    REQUIRE(shaped(yours.targets.shape, expected.targets.shape));
    const std::vector<Index> rows_and_columns = {expected.inputs.shape[0],
                                                 expected.inputs.shape[1]};
    CHECK(named({"the inputs"},
                same(numbers(yours.inputs.id), numbers(expected.inputs.id), rows_and_columns)));
    CHECK(named({"the targets"},
                same(numbers(yours.targets.id), numbers(expected.targets.id), rows_and_columns)));
}

// --- loss -----------------------------------------------------------------------------------------

// A model whose scores depend on the last token alone: row `token` of a table, and -1 has a row, too,
// so that nothing is thrown where it is read.
struct Bigram {
    Variable table;  // (1 + V, V)

    explicit Bigram(const Tensor& scores) : table(parameter(scores)) {}
    Bigram(std::uint64_t seed, Index V)
        : Bigram(Tensor::from({1 + V, V}, normal_numbers(seed, (1 + V) * V))) {}
    Variable operator()(const Tokens& ids) const {
        Tokens rows = ids;
        for (int& id : rows.id) ++id;
        return your_embedding(table, rows);
    }
};

// Row 0: what follows token 0. (The first row of the table is that of -1.)
Bigram bigram_of_the_text() {
    const Tensor p =
        Tensor::matrix({{1, 1, 1}, {0.5, 0.25, 0.25}, {0.1, 0.8, 0.1}, {0.2, 0.3, 0.5}});
    for (Index i = 0; i < p.count(); ++i) p[i] = std::log(p[i]);
    return Bigram(p);
}

// The mean over the places with a target, by plain loops. All other numbers are zero.
double loss_by_check(const Tensor& table, const Examples& batch) {
    const Index V = table.size(1);
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < batch.targets.id.size(); ++i) {
        if (batch.targets.id[i] < 0) continue;
        const Real* row = &table[(batch.inputs.id[i] + 1) * V];
        double z = 0;
        for (Index v = 0; v < V; ++v) z += std::exp(row[v]);
        sum += std::log(z) - row[batch.targets.id[i]];
        ++count;
    }
    return sum / count;
}

// --- learning_rate --------------------------------------------------------------------------------

double rate_by_check(Index step, const RateSchedule& s) {
    if (step < s.warmup)
        return s.lr / static_cast<double>(s.warmup + 1) * static_cast<double>(step + 1);
    const double way = std::min(
        1.0, static_cast<double>(step - s.warmup) / static_cast<double>(s.steps - s.warmup));
    return s.min_lr + (s.lr - s.min_lr) * (0.5 + 0.5 * std::cos(std::numbers::pi * way));
}

Numbers rates(const RateSchedule& schedule, Index from, Index to) {
    Numbers list;
    for (Index step = from; step < to; ++step) list.push_back(part().learning_rate(step, schedule));
    return list;
}

constexpr RateSchedule kText = {.steps = 9, .warmup = 3, .lr = 0.8, .min_lr = 0.2};

// --- clip_gradients -------------------------------------------------------------------------------

// Parameters with these gradients. In memory each gradient is followed by 64 sevens.
struct Parameters {
    std::vector<Variable> list;
    std::vector<Tensor> rooms;

    explicit Parameters(const std::vector<Numbers>& gradients) {
        for (const Numbers& numbers : gradients) add({std::ssize(numbers)}, numbers);
    }
    explicit Parameters(const std::vector<Shape>& shapes, std::uint64_t seed, double size) {
        for (const Shape& shape : shapes) {
            Numbers gradient = normal_numbers(seed++, shape.count());
            for (Real& number : gradient) number *= size;
            add(shape, gradient);
        }
    }
    void add(const Shape& shape, const Numbers& gradient) {
        const Index n = std::ssize(gradient);
        const Tensor room = rooms.emplace_back(Tensor::full({n + 64}, 7));
        std::copy(gradient.begin(), gradient.end(), room.data());
        list.push_back(parameter(Tensor::full(shape, 2)));
        list.back().node()->grad = room.slice(0, n).reshape(shape);
    }
    Numbers gradients() const {
        Numbers all;
        for (const Variable& p : list) append(all, p.grad().to_vector());
        return all;
    }
    // The first number after each gradient.
    Numbers after() const {
        Numbers all;
        for (const Tensor& room : rooms) all.push_back(room[room.count() - 64]);
        return all;
    }
};

double norm_by_check(const Numbers& numbers) {
    double sum = 0;
    for (const double number : numbers) sum += std::pow(number, 2);
    return std::sqrt(sum);
}

Numbers clipped_by_check(Numbers numbers, double limit) {
    const double factor = std::min(1.0, limit / norm_by_check(numbers));
    for (Real& number : numbers) number *= factor;
    return numbers;
}

// --- train ----------------------------------------------------------------------------------------

// A run of train, and the same run by the check.
struct Setting {
    std::function<Model(std::vector<NamedParameter>&)> make;  // a new model and its parameters
    Batches batches;
    RateSchedule schedule;
    double limit;
    double old_gradient = 0.3;  // what stands in all gradients before
};
struct Outcome {
    Numbers losses, weights;
};

Outcome outcome(const std::vector<NamedParameter>& parameters, const std::vector<double>& losses) {
    Outcome done{{losses.begin(), losses.end()}, {}};
    for (const auto& p : parameters) append(done.weights, p.variable.value().to_vector());
    return done;
}

Outcome trained(const Setting& setting) {
    std::vector<NamedParameter> parameters;
    const Model model = setting.make(parameters);
    for (const auto& p : parameters) p.variable.grad().fill(setting.old_gradient);
    YourAdamW optimiser(parameters);
    const auto losses =
        part().train(model, optimiser, setting.batches, setting.schedule, setting.limit);
    return outcome(parameters, losses);
}

Outcome trained_by_check(const Setting& setting) {
    std::vector<NamedParameter> parameters;
    const Model model = setting.make(parameters);
    YourAdamW optimiser(parameters);
    std::vector<double> losses;
    for (Index step = 0; step < setting.schedule.steps; ++step) {
        for (const auto& p : parameters) p.variable.zero_grad();
        const Examples batch = setting.batches(step);
        const Variable result = cross_entropy(model(batch.inputs), batch.targets);
        losses.push_back(result.item());
        result.backward();
        double squares = 0;
        for (const auto& p : parameters)
            squares += std::pow(norm_by_check(p.variable.grad().to_vector()), 2);
        const double factor = std::min(1.0, setting.limit / std::sqrt(squares));
        for (const auto& p : parameters)
            for (Index i = 0; i < p.variable.grad().count(); ++i) p.variable.grad()[i] *= factor;
        optimiser.step(rate_by_check(step, setting.schedule));
    }
    return outcome(parameters, losses);
}

// A table of scores and a bias for a vocabulary of 7. The norms of its gradients are
// 2 to 2.7, so that a limit of 2.2 clips some of them.
Model small_model(std::vector<NamedParameter>& parameters) {
    const Bigram bigram(51, 7);
    const Variable bias = parameter(Tensor::from(normal_numbers(52, 7)));
    parameters = {{"table", bigram.table}, {"bias", bias}};
    return [bigram, bias](const Tokens& ids) { return (bigram(ids) + bias) * 4; };
}

// Other stories, of other lengths, in each step.
Examples batch_of_step(Index step) {
    return batch_by_check(stories(60 + static_cast<std::uint64_t>(step),
                                  {3 + step % 2, 6 - step % 3, 1 + step % 4}, 0),
                          0);
}

Setting small_setting() {
    return {small_model, batch_of_step, {.steps = 7, .warmup = 2, .lr = 0.3, .min_lr = 0.05}, 2.2};
}

// Two tokens, a table of zeros, one story: 1 and the end.
Model zeros(std::vector<NamedParameter>& parameters) {
    const Bigram bigram(Tensor({3, 2}));
    parameters = {{"table", bigram.table}};
    return bigram;
}
Examples one_and_end(Index) {
    return {Tokens({1, 2}, {0, 1}), Tokens({1, 2}, {1, 0})};
}

// The longest story is neither the first nor the last, and no two lengths are equal or neighbours.
const Fingerprint batch_print("story_batch", [] {
    return or_thrown([] {
        const Examples batch = part().story_batch(stories(1, {5, 11, 3, 8}, 9), 9);
        Numbers all = numbers(batch.inputs.id);
        append(all, numbers(batch.targets.id));
        append(all, sizes(batch.inputs.shape)), append(all, sizes(batch.targets.shape));
        return all;
    });
});
// A story that is nothing but its end.
const Fingerprint short_print("story_batch", [] {
    return or_thrown([] {
        const Examples batch = part().story_batch({{7}}, 7);
        Numbers all = numbers(batch.inputs.id);
        append(all, numbers(batch.targets.id));
        append(all, sizes(batch.inputs.shape));
        return all;
    });
});
const Fingerprint loss_print("loss", [] {
    return or_thrown([] {
        const Bigram model(2, 7);
        const Variable result = part().loss(model, batch_by_check(stories(3, {3, 8, 5}, 0), 0));
        Numbers all = result.value().to_vector();
        if (result.requires_grad() && all.size() == 1) result.backward();
        append(all, model.table.grad().to_vector());
        return all;
    });
});
// Without padding.
const Fingerprint full_print("loss", [] {
    return or_thrown([] {
        const Bigram model(4, 7);
        return part().loss(model, batch_by_check(stories(5, {6, 6}, 0), 0)).value().to_vector();
    });
});
const Fingerprint rate_print("learning_rate", [] {
    return rates({.steps = 17, .warmup = 5, .lr = 0.7, .min_lr = 0.03}, 0, 40);
});
const Fingerprint cold_print("learning_rate", [] {
    return rates({.steps = 6, .warmup = 0, .lr = 2, .min_lr = 0.5}, 0, 14);
});
Numbers clipping(const std::vector<Shape>& shapes, std::uint64_t seed, double size, double limit) {
    const Parameters some(shapes, seed, size);
    Numbers all = {part().clip_gradients(some.list, limit)};
    append(all, some.gradients()), append(all, some.after());
    for (const Variable& p : some.list) append(all, p.value().to_vector());
    return all;
}
const Fingerprint clip_print("clip_gradients", [] {
    return clipping({{3, 5}, {8}, {1}}, 6, 9, 5.5);
});
// The norm below the limit, with the sum of the squares above it and below it.
const Fingerprint unclipped_print("clip_gradients", [] {
    Numbers all = clipping({{3, 5}, {8}}, 9, 0.5, 3);
    append(all, clipping({{3, 5}, {8}}, 9, 0.1, 1.5));
    return all;
});
const Fingerprint train_print("train", [] {
    return or_thrown([] {
        const Outcome done = trained(small_setting());
        Numbers all = done.losses;
        append(all, done.weights);
        return all;
    });
});
// Which batches are asked for, in whatever order and however often, and how many losses there are.
const Fingerprint steps_print("train", [] {
    return or_thrown([] {
        Setting setting = small_setting();
        std::set<Index> asked;
        setting.batches = [&asked](Index step) {
            asked.insert(step);
            return batch_of_step(step);
        };
        const Outcome done = trained(setting);
        Numbers all(asked.begin(), asked.end());
        all.push_back(static_cast<Real>(done.losses.size()));
        return all;
    });
});

}  // namespace

TEST_CASE("story_batch: the two stories from the text") {
    check_batch(part().story_batch({{5, 2, 7, 9}, {4, 9}}, 9), {Tokens({2, 4}, {9, 5, 2, 7,  //
                                                                                9, 4, 0, 0}),
                                                                Tokens({2, 4}, {5, 2, 7, 9,  //
                                                                                4, 9, -1, -1})});
}

TEST_CASE("story_batch: a single story, and one that is nothing but its end") {
    check_batch(part().story_batch({{3, 1, 2}}, 2),
                {Tokens({1, 3}, {2, 3, 1}), Tokens({1, 3}, {3, 1, 2})});
    check_batch(part().story_batch({{8}}, 8), {Tokens({1, 1}, {8}), Tokens({1, 1}, {8})});
}

TEST_CASE("story_batch: the longest story is the first, the second or the last") {
    for (const int longest : {0, 1, 2}) {
        CAPTURE(longest);
        std::vector<Index> lengths = {2, 3, 2};
        lengths[static_cast<std::size_t>(longest)] = 5;
        const Stories some = stories(11, lengths, 8);
        check_batch(part().story_batch(some, 8), batch_by_check(some, 8));
    }
}

TEST_CASE("story_batch: stories of one length need no padding, and 0 may be the end") {
    for (const int end : {0, 9}) {
        CAPTURE(end);
        const Stories some = stories(12, {4, 4, 4}, end);
        check_batch(part().story_batch(some, end), batch_by_check(some, end));
    }
}

TEST_CASE("story_batch: many stories of any lengths") {
    Random random(13);
    for (const Index B : {1, 7, 20}) {
        CAPTURE(B);
        std::vector<Index> lengths;
        for (Index b = 0; b < B; ++b) lengths.push_back(1 + static_cast<Index>(random.below(30)));
        const Stories some = stories(14, lengths, 7);
        check_batch(part().story_batch(some, 7), batch_by_check(some, 7));
    }
}

TEST_CASE("loss: the five places from the text, and one that does not count") {
    const Examples batch{Tokens({2, 3}, {2, 0, 1,  //
                                         2, 1, 0}),
                         Tokens({2, 3}, {0, 1, 2,  //
                                         1, 2, -1})};
    const Variable yours = part().loss(bigram_of_the_text(), batch);
    REQUIRE(shaped(yours.shape(), {}));
    CHECK(named({"the loss"}, same(yours.item(), 1.760975052764)));
}

TEST_CASE("loss: equal scores give ln V") {
    const Bigram model(Tensor::full({6, 5}, 3));
    const Variable yours =
        part().loss(model, {Tokens({1, 3}, {0, 2, 4}), Tokens({1, 3}, {2, 4, 0})});
    CHECK(named({"the loss"}, same(yours.item(), 1.609437912434)));
}

TEST_CASE("loss: a single place, of which the model is nearly sure") {
    const Bigram model(Tensor::matrix({{0, 0, 0}, {0, 30, 0}, {0, 0, 0}, {0, 0, 0}}));
    const Examples right{Tokens({1, 1}, {0}), Tokens({1, 1}, {1})},
        wrong{Tokens({1, 1}, {0}), Tokens({1, 1}, {2})};
    CHECK(named({"the loss where it is right"}, same(part().loss(model, right).item(), 0)));
    CHECK(named({"the loss where it is wrong"}, same(part().loss(model, wrong).item(), 30)));
}

TEST_CASE("loss: the model reads the inputs") {
    const Examples batch = batch_by_check(stories(21, {4, 2}, 0), 0);
    const Bigram bigram(22, 7);
    bool asked = false;
    const Model model = [&](const Tokens& ids) {
        asked = true;
        REQUIRE(shaped(ids.shape, batch.inputs.shape));
        CHECK(named({"what the model reads"},
                    same(numbers(ids.id), numbers(batch.inputs.id), {2, 4})));
        return bigram(ids);
    };
    part().loss(model, batch);
    CHECK_MESSAGE(asked, "the model was never called");
}

TEST_CASE("loss: where the target is -1, the scores do not matter") {
    const Examples batch = batch_by_check(stories(23, {2, 6, 3}, 0), 0);
    const Bigram bigram(24, 7);
    const auto with = [&](Real number) {
        const Model model = [&](const Tokens& ids) {
            const Tensor change(Shape{3, 6, 7});
            for (Index i = 0; i < 18; ++i)
                if (batch.targets.id[static_cast<std::size_t>(i)] < 0) change[i * 7 + 2] = number;
            return bigram(ids) + Variable(change);
        };
        return part().loss(model, batch).item();
    };
    CHECK(named({"the loss"}, same(with(50), with(0))));
}

TEST_CASE("loss: its gradient reaches the parameters, and agrees with small changes of them") {
    const Bigram model(25, 5);
    const Examples batch{Tokens({2, 4}, {0, 3, 1, 4,  //
                                         0, 2, 0, 0}),
                         Tokens({2, 4}, {3, 1, 4, 0,  //
                                         2, 0, -1, -1})};
    const Variable yours = part().loss(model, batch);
    REQUIRE_MESSAGE(yours.requires_grad(),
                    "the loss does not know where it comes from: backward() would reach nothing");
    yours.backward();
    const Tensor& w = model.table.value();
    Numbers slopes;
    for (Index i = 0; i < w.count(); ++i) {
        const Real at = w[i], h = 1e-5;
        w[i] = at + h;
        const double above = part().loss(model, batch).item();
        w[i] = at - h;
        const double below = part().loss(model, batch).item();
        w[i] = at;
        slopes.push_back((above - below) / (2 * h));
    }
    CHECK(named({"the gradient of the table"},
                same(model.table.grad().to_vector(), slopes, {6, 5}, 1e-7)));
}

TEST_CASE("loss: any batch and any number of tokens") {
    for (const Index V : {7, 20})
        for (const Index B : {1, 5}) {
            CAPTURE(V);
            CAPTURE(B);
            const Bigram model(static_cast<std::uint64_t>(V), V);
            std::vector<Index> lengths;
            for (Index b = 0; b < B; ++b) lengths.push_back(3 + 5 * b % 7);
            const Examples batch = batch_by_check(stories(26, lengths, 0), 0);
            CHECK(named({"the loss"}, same(part().loss(model, batch).item(),
                                           loss_by_check(model.table.value(), batch))));
        }
}

TEST_CASE("learning_rate: the schedule from the text, step by step") {
    CHECK(named({"the rates of steps 0 to 3"}, same(rates(kText, 0, 4), {0.2, 0.4, 0.6, 0.8})));
    CHECK(named({"the rates of steps 4 to 9"},
                same(rates(kText, 4, 10), {0.759807621135, 0.65, 0.5, 0.35, 0.240192378865, 0.2})));
}

TEST_CASE("learning_rate: after the last step it stays at min_lr") {
    CHECK(named({"the rates of steps 9 to 20"}, same(rates(kText, 9, 21), Numbers(12, 0.2))));
    CHECK(named({"the rate of step 1000000"}, same(part().learning_rate(1000000, kText), 0.2)));
}

TEST_CASE("learning_rate: without a warm-up it begins at lr") {
    const RateSchedule schedule = {.steps = 4, .warmup = 0, .lr = 3, .min_lr = 1};
    CHECK(named({"the rates of steps 0 to 4"},
                same(rates(schedule, 0, 5), {3, 2.70710678119, 2, 1.29289321881, 1})));
}

TEST_CASE("learning_rate: a warm-up of one step, and a fall of one step") {
    CHECK(named(
        {"the rates of steps 0 to 3"},
        same(rates({.steps = 2, .warmup = 1, .lr = 0.6, .min_lr = 0}, 0, 4), {0.3, 0.6, 0, 0})));
}

TEST_CASE("learning_rate: min_lr may be 0, or lr itself") {
    CHECK(named(
        {"the rates of steps 0 to 4"},
        same(rates({.steps = 4, .warmup = 1, .lr = 2, .min_lr = 0}, 0, 5), {1, 2, 1.5, 0.5, 0})));
    CHECK(named({"the rates of steps 1 to 5"},
                same(rates({.steps = 4, .warmup = 1, .lr = 2, .min_lr = 2}, 1, 6), Numbers(5, 2))));
}

TEST_CASE("learning_rate: any schedule") {
    for (const RateSchedule& schedule : {RateSchedule{600, 30, 0.01, 0.001},
                                         {57, 13, 5, 1.25},
                                         {8, 7, 0.25, 0.125},
                                         {11, 0, 1e-5, 1e-6},
                                         {200, 150, 1, 0}}) {
        CAPTURE(schedule.steps);
        CAPTURE(schedule.warmup);
        for (const Index step :
             {0, 1, 3, 7, 10, 12, 13, 29, 30, 31, 56, 100, 149, 150, 151, 199, 599, 601}) {
            CAPTURE(step);
            CHECK(named({"the rate"}, same(part().learning_rate(step, schedule) / schedule.lr,
                                           rate_by_check(step, schedule) / schedule.lr)));
        }
    }
}

TEST_CASE("clip_gradients: the gradients from the text") {
    const Parameters some({Numbers{3, 0}, Numbers{4}});
    const double norm = part().clip_gradients(some.list, 1);
    CHECK(named({"the gradients"}, same(some.gradients(), {0.6, 0, 0.8})));
    CHECK(named({"the norm"}, same(norm, 5)));
}

TEST_CASE("clip_gradients: what is not too long stays as it is") {
    for (const double limit : {5.0, 5.5, 1e6}) {
        CAPTURE(limit);
        const Parameters some({Numbers{3, 0}, Numbers{-4}});
        const double norm = part().clip_gradients(some.list, limit);
        CHECK(named({"the gradients"}, same(some.gradients(), {3, 0, -4})));
        CHECK(named({"the norm"}, same(norm, 5)));
    }
}

TEST_CASE("clip_gradients: signs, one number, no parameter, and gradients of zero") {
    const Parameters one({Numbers{-8}}), zero({Numbers{0, 0}, Numbers{0}}),
        none(std::vector<Numbers>{});
    CHECK(named({"the norm"}, same(part().clip_gradients(one.list, 2), 8)));
    CHECK(named({"the gradient"}, same(one.gradients(), {-2})));
    CHECK(named({"the norm of zeros"}, same(part().clip_gradients(zero.list, 1), 0)));
    CHECK(named({"the gradients"}, same(zero.gradients(), {0, 0, 0})));
    CHECK(named({"the norm of nothing"}, same(part().clip_gradients(none.list, 1), 0)));
}

TEST_CASE("clip_gradients: huge and tiny gradients") {
    const Parameters huge({Numbers{3e4, 4e4}}), tiny({Numbers{3e-4}, Numbers{4e-4}});
    CHECK(named({"the norm"}, same(part().clip_gradients(huge.list, 0.5), 5e4)));
    CHECK(named({"the gradients"}, same(huge.gradients(), {0.3, 0.4})));
    CHECK(named({"the norm, times 10000"}, same(1e4 * part().clip_gradients(tiny.list, 1e-4), 5)));
    Numbers larger = tiny.gradients();
    for (Real& number : larger) number *= 1e4;
    CHECK(named({"the gradients, times 10000"}, same(larger, {0.6, 0.8})));
}

TEST_CASE("clip_gradients: the parameters themselves stay as they are") {
    const Parameters some({Numbers{3, 0}, Numbers{4}});
    part().clip_gradients(some.list, 1);
    CHECK(named({"the first parameter"}, same(some.list[0].value().to_vector(), {2, 2})));
    CHECK(named({"the second parameter"}, same(some.list[1].value().to_vector(), {2})));
}

TEST_CASE("clip_gradients: any shapes, with a limit above and below the norm") {
    const std::vector<Shape> shapes = {{4, 7}, {1}, {2, 3, 5}, {19}};
    const Numbers before = Parameters(shapes, 31, 1).gradients();
    for (const double limit : {0.01, 1.0, 8.0, 20.0}) {
        CAPTURE(limit);
        const Parameters some(shapes, 31, 1);
        const double norm = part().clip_gradients(some.list, limit);
        CHECK(named({"the gradients"}, same(some.gradients(), clipped_by_check(before, limit))));
        CHECK(named({"the norm"}, same(norm, norm_by_check(before))));
        CHECK(named({"the numbers after each gradient, which belong to others"},
                    same(some.after(), Numbers(4, 7))));
    }
}

// The gradient of the text's example: each row of the table has one target, and both weights of a row
// move by the learning rate, in opposite directions.
TEST_CASE("train: the two steps from the text") {
    const Outcome done =
        trained({zeros, one_and_end, {.steps = 2, .warmup = 0, .lr = 0.5, .min_lr = 0.1}, 1});
    REQUIRE(named({"the number of losses"}, same(static_cast<double>(done.losses.size()), 2)));
    CHECK(named({"the losses"}, same(done.losses, {0.69314718, 0.31326169}, {2}, 1e-6)));
}

TEST_CASE("train: one step moves the weights of the text by the learning rate") {
    const Outcome done =
        trained({zeros, one_and_end, {.steps = 1, .warmup = 0, .lr = 0.5, .min_lr = 0.1}, 1});
    CHECK(named({"the table"}, same(done.weights, {0, 0, -0.5, 0.5, 0.5, -0.5}, {3, 2}, 1e-6)));
}

TEST_CASE("train: no steps, no losses, and nothing moves") {
    Setting setting = small_setting();
    setting.schedule = {.steps = 0, .warmup = 0, .lr = 0.3, .min_lr = 0.05};
    const Outcome done = trained(setting), expected = trained_by_check(setting);
    CHECK(named({"the number of losses"}, same(static_cast<double>(done.losses.size()), 0)));
    CHECK(named({"the weights"}, same(done.weights, expected.weights)));
}

TEST_CASE("train: gradients of the past do not count") {
    Setting setting = small_setting();
    setting.schedule.steps = 3;
    setting.old_gradient = 0;
    const Outcome without = trained(setting);
    setting.old_gradient = -40;
    CHECK(named({"the weights, after old gradients of -40"},
                same(trained(setting).weights, without.weights)));
}

TEST_CASE("train: a batch of its own for each step, and the loss before the step") {
    const Setting setting = small_setting();
    const Outcome done = trained(setting), expected = trained_by_check(setting);
    REQUIRE(named({"the number of losses"}, same(static_cast<double>(done.losses.size()),
                                                 static_cast<double>(expected.losses.size()))));
    CHECK(named({"the losses"}, same(done.losses, expected.losses)));
    CHECK(named({"the weights"}, same(done.weights, expected.weights)));
}

TEST_CASE("train: with a limit that is never reached, and with one that always is") {
    for (const double limit : {1e3, 1.0, 1e-3}) {
        CAPTURE(limit);
        Setting setting = small_setting();
        setting.limit = limit;
        const Outcome done = trained(setting), expected = trained_by_check(setting);
        CHECK(named({"the losses"}, same(done.losses, expected.losses)));
        CHECK(named({"the weights"}, same(done.weights, expected.weights)));
    }
}

TEST_CASE("train: a story that is always the same is learnt by heart") {
    const Stories story = {{3, 1, 4, 2, 6, 5, 0}};
    Setting setting = small_setting();
    setting.batches = [&story](Index) { return batch_by_check(story, 0); };
    setting.schedule = {.steps = 80, .warmup = 5, .lr = 0.3, .min_lr = 0.03};
    setting.limit = 1;
    const Outcome done = trained(setting);
    REQUIRE(named({"the number of losses"}, same(static_cast<double>(done.losses.size()), 80)));
    CHECK_MESSAGE(done.losses.back() < 0.1, "the loss is still ", done.losses.back());
}

TEST_CASE("train: a GPT, step by step") {
    const Sizes sizes = {.V = 7, .P = 8, .C = 8, .NH = 2, .layers = 2};
    const Setting setting = {[&sizes](std::vector<NamedParameter>& parameters) -> Model {
                                 const AnyGpt gpt = your_gpt(sizes, 71);
                                 parameters = gpt.parameters();
                                 return gpt.forward;
                             },
                             batch_of_step,
                             {.steps = 5, .warmup = 1, .lr = 0.02, .min_lr = 0.004},
                             0.7};
    const Outcome done = trained(setting), expected = trained_by_check(setting);
    CHECK(named({"the losses"}, same(done.losses, expected.losses)));
    CHECK(named({"the weights"}, same(done.weights, expected.weights, {}, 1e-7)));
}

}  // namespace gradus::lesson_22

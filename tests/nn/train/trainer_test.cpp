// SPDX-License-Identifier: MIT
// The training loop: what a step does, that it can be split, stopped, repeated and explained, and
// how much memory it takes.
#include "nn/train/trainer.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "autograd/elementwise.h"
#include "autograd/reduce.h"
#include "nn/loss.h"
#include "nn/run/run_folder.h"
#include "tensor/memory.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// A model that the library does not know: two layers with a relu between them.
struct TwoLayers {
    Linear first, second;
    Variable operator()(const Variable& x) const { return second(relu(first(x))); }
    void parameters(auto&& visit) {
        visit("first", first);
        visit("second", second);
    }
};

TrainerOptions options(Index steps, double lr) {
    return {.steps = steps, .warmup = 5, .lr = lr, .min_lr = lr / 10};
}

std::string failure(Trainer& trainer) {
    try {
        trainer.step();
    } catch (const NotFiniteError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("the trainer takes any model with parameters and a loss") {
    Initialiser init(1);
    TwoLayers model{Linear(2, 16, init), Linear(16, 1, init)};
    const Tensor x = Tensor::matrix({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
    const Tensor y = Tensor::matrix({{0}, {1}, {1}, {0}});  // exclusive or
    Trainer trainer(named_parameters(model), options(400, 0.03),
                    [&](Index, Index) { return mse_loss(model(x), y); });
    StepReport last{};
    while (!trainer.done()) last = trainer.step();
    CHECK(last.loss < 1e-3);
    CHECK(last.step == 400);
    CHECK(trainer.steps_done() == 400);
}

TEST_CASE("a step reports the loss before the update, the schedule's rate and the norm") {
    const Variable w = parameter(Tensor::from({3, 4}));
    Trainer trainer({{"w", w}}, options(10, 0.01),
                    [&](Index, Index) { return mul_scalar(sum(square(w)), Real(0.5)); });
    const StepReport report = trainer.step();
    CHECK(report.step == 1);
    CHECK(report.loss == doctest::Approx(12.5));
    CHECK(report.gradient_norm == doctest::Approx(5));  // the gradient is w itself
    CHECK(report.lr == doctest::Approx(0.01 / 6));
    CHECK(trainer.step().lr == doctest::Approx(0.02 / 6));
}

TEST_CASE("every twentieth step reports the norm of its update divided by that of the weights") {
    const Variable w = parameter(Tensor::from({3, 4})), v = parameter(Tensor::matrix({{12}}));
    Trainer trainer({{"w", w}, {"v", v}}, options(100, 0.01),
                    [&](Index, Index) { return sum(square(w)) + sum(square(v)); });
    const auto numbers = [&] {
        return std::array{double(w.value()[0]), double(w.value()[1]), double(v.value()[0])};
    };
    for (int step = 0; step < 45; ++step) {
        CAPTURE(step);
        const auto before = numbers();
        const double ratio = trainer.step().update_ratio;
        if (step % 20 != 0) {
            CHECK(std::isnan(ratio));
            continue;
        }
        const auto after = numbers();
        double change = 0, weights = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            change += (after[i] - before[i]) * (after[i] - before[i]);
            weights += after[i] * after[i];
        }
        CHECK(ratio == doctest::Approx(std::sqrt(change / weights)).epsilon(1e-3));
        CHECK(ratio > 1e-5);
    }
}

TEST_CASE("a large gradient is clipped to the limit and keeps its direction; a small one stays") {
    for (const double clip : {0.0, 1.0, 4.0, 100.0}) {
        CAPTURE(clip);
        const Variable a = parameter(Tensor::full({4}, 1)), b = parameter(Tensor::full({2, 2}, 1));
        TrainerOptions o = options(10, 0.01);
        o.clip = clip;
        Trainer trainer({{"a", a}, {"b", b}}, o,
                        [&](Index, Index) { return sum(a) * Real(3) - sum(b) * Real(4); });
        CHECK(trainer.step().gradient_norm == doctest::Approx(10));  // sqrt(4 * 9 + 4 * 16)
        // The optimiser's first moment is (1 - beta1) times the gradient that it was given.
        const double expected = clip == 0 ? 10 : std::min(clip, 10.0);
        double square_sum = 0;
        for (const auto& s : trainer.state()) {
            if (!contains(s.name, ".m")) continue;
            for (Index i = 0; i < 4; ++i) {
                const double g = static_cast<double>(s.variable.value()[i]) / 0.1;
                CHECK(g == doctest::Approx((s.name == "a.m" ? 3 : -4) * expected / 10));
                square_sum += g * g;
            }
        }
        CHECK(std::sqrt(square_sum) == doctest::Approx(expected));
    }
}

TEST_CASE("clipping by a function from elsewhere, which sees the limit, gives the same steps") {
    const auto trained = [](bool own) {
        const Variable a = parameter(Tensor::full({4}, 1));
        TrainerOptions o = options(5, 0.01);
        o.clip = 2;
        Trainer trainer({{"a", a}}, o, [&](Index, Index) { return sum(a * a) * Real(3); });
        if (own)
            trainer.clip = [](const std::vector<NamedParameter>& parameters, double limit) {
                const double norm = gradient_norm(parameters);
                const auto factor = static_cast<Real>(std::min(1.0, limit / norm));
                for (const auto& p : parameters)
                    for (Index i = 0; i < p.variable.grad().count(); ++i)
                        p.variable.grad()[i] *= factor;
                return norm;
            };
        std::vector<double> numbers;
        while (!trainer.done()) {
            const StepReport report = trainer.step();
            numbers.push_back(report.loss), numbers.push_back(report.gradient_norm);
        }
        return numbers;
    };
    const auto library = trained(false), other = trained(true);
    REQUIRE(library.size() == 10);
    CHECK(library[1] == doctest::Approx(12));  // before clipping
    for (std::size_t i = 0; i < library.size(); ++i)
        CHECK(other[i] == doctest::Approx(library[i]).epsilon(1e-6));
}

TEST_CASE("a batch in four parts trains like the batch as a whole") {
    const Stories stories("tales-zh");
    const auto train = [&](Index parts) {
        Gpt model(stories.config(1, 2, 16), 1);
        TrainerOptions o = options(6, 3e-3);
        o.accumulate = parts;
        Trainer trainer(named_parameters(model), o, [&](Index step, Index micro_batch) {
            const Batch batch = stories.batch(step * parts + micro_batch, 8 / parts);
            return cross_entropy(model(batch.inputs), batch.targets);
        });
        std::vector<double> numbers;
        while (!trainer.done()) {
            const StepReport report = trainer.step();
            numbers.push_back(report.loss);
            numbers.push_back(report.gradient_norm);
        }
        return numbers;
    };
    const auto whole = train(1), parts = train(4);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CAPTURE(i);
        CHECK(parts[i] == doctest::Approx(whole[i]).epsilon(kDouble ? 1e-9 : 1e-4));
    }
}

TEST_CASE("each micro-batch of a step is requested once, in order, with the step's number") {
    const Variable w = parameter(Tensor::scalar(1));
    std::vector<std::pair<Index, Index>> asked;
    TrainerOptions o = options(2, 0.01);
    o.accumulate = 3;
    Trainer trainer({{"w", w}}, o, [&](Index step, Index micro_batch) {
        asked.emplace_back(step, micro_batch);
        CHECK(TrainMode::active());
        return square(w);
    });
    while (!trainer.done()) trainer.step();
    CHECK(asked ==
          std::vector<std::pair<Index, Index>>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}});
    CHECK_FALSE(TrainMode::active());
}

TEST_CASE("a small GPT memorises one batch") {
    const Index B = 4, T = 8, V = 16;
    Gpt model({.layers = 2, .heads = 2, .width = 32, .context = T, .vocabulary = V}, 1);
    Tokens ids = random_tokens({B, T}, V, 2);
    for (Index b = 0; b < B; ++b) ids.id[static_cast<std::size_t>(b * T)] = static_cast<int>(b);
    const Tokens targets = random_tokens({B, T}, V, 3);
    Trainer trainer(named_parameters(model), options(150, 0.01),
                    [&](Index, Index) { return cross_entropy(model(ids), targets); });
    double first = 0, last = 0;
    while (!trainer.done()) {
        last = trainer.step().loss;
        if (first == 0) first = last;
    }
    CHECK(first > 2.5);
    CHECK(last < 0.01);
    CHECK(accuracy(model(ids).value(), targets) == 1);
}

TEST_CASE("in bf16 a model memorises it too, with other last digits and float weights") {
    const auto train = [](bool bf16, std::vector<double>& losses) {
        Gpt model({.layers = 2, .heads = 2, .width = 32, .context = 8, .vocabulary = 16}, 1);
        const Tokens ids = random_tokens({4, 8}, 16, 2), targets = random_tokens({4, 8}, 16, 3);
        TrainerOptions o = options(60, 0.01);
        o.bf16 = bf16;
        Trainer trainer(named_parameters(model), o,
                        [&](Index, Index) { return cross_entropy(model(ids), targets); });
        while (!trainer.done()) losses.push_back(trainer.step().loss);
        Index rounded = 0;
        const Tensor w = model.blocks[0].mlp.up.weight.value();
        for (Index i = 0; i < w.count(); ++i) rounded += round_to_bf16(w[i]) == w[i];
        return rounded;
    };
    std::vector<double> exact, rounded;
    train(false, exact);
    CHECK(train(true, rounded) < 100);  // of 4096 weights: those that happen to fit in 8 bits
    CHECK(exact[0] != rounded[0]);
    for (std::size_t i = 0; i < 10; ++i) CHECK(std::abs(exact[i] - rounded[i]) < 0.02);
    CHECK(rounded.back() < 0.2);
    const Tensor a = Tensor::matrix({{1 + Real(1) / 1024}}), b = Tensor::matrix({{1}});
    CHECK(matmul_forward(a, b).item() == a.item());  // the trainer has restored the slots
}

TEST_CASE("with each optimiser a small GPT memorises one batch; without steps it does not" *
          kFullSpeedOnly) {
    const Tokens ids = random_tokens({4, 8}, 16, 2), targets = random_tokens({4, 8}, 16, 3);
    const auto train = [&](const std::string& name, double lr, const ParameterGroups& groups = {}) {
        Gpt model({.layers = 2, .heads = 2, .width = 32, .context = 8, .vocabulary = 16}, 1);
        TrainerOptions o = options(80, lr);
        o.optimiser = name;
        o.schedule = "wsd";
        Trainer trainer(make_optimiser(named_parameters(model), o, groups), o,
                        [&](Index, Index) { return cross_entropy(model(ids), targets); });
        double last = 0;
        while (!trainer.done()) last = trainer.step().loss;
        return last;
    };
    CHECK(train("adamw", 0.01) < 0.1);
    CHECK(train("sgd", 0.05) < 0.1);
    CHECK(train("lion", 0.003) < 0.1);
    CHECK(train("muon", 0.01) < 0.1);
    CHECK(train("muon", 0.01, {{.contains = [](const auto&) { return true; }, .lr_factor = 0}}) >
          2.5);
}

// Any change to the architecture, the initial values, the order of random numbers or the optimiser
// shows here. Instruction sets, float and double round differently, hence a tolerance (2e-7 was
// seen).
TEST_CASE("the first ten losses of a fixed tiny run are those recorded") {
    Gpt model({.layers = 2, .heads = 2, .width = 16, .context = 16, .vocabulary = 16}, 42);
    Random random(7);
    std::vector<int> text = {0};
    for (int i = 0; i < 500; ++i)  // each token is one to three above the last
        text.push_back(
            static_cast<int>((text.back() + 1 + static_cast<int>(random.below(3))) % 16));
    Trainer trainer(named_parameters(model), {.steps = 10, .warmup = 2, .lr = 0.01, .min_lr = 1e-3},
                    [&](Index step, Index) {
                        Random where(42, Stream::data, static_cast<std::uint64_t>(step));
                        Tokens ids({4, 16}, std::vector<int>(64)), targets = ids;
                        for (std::size_t b = 0; b < 4; ++b) {
                            const std::size_t at = where.below(text.size() - 16);
                            for (std::size_t t = 0; t < 16; ++t) {
                                ids.id[b * 16 + t] = text[at + t];
                                targets.id[b * 16 + t] = text[at + t + 1];
                            }
                        }
                        return cross_entropy(model(ids), targets);
                    });
    const double pinned[] = {2.767442, 2.749834, 2.733384, 2.625573, 2.547964,
                             2.518148, 2.489711, 2.412557, 2.368103, 2.328310};
    for (const double expected : pinned) {
        const double loss = trainer.step().loss;
        CAPTURE(trainer.steps_done());
        CHECK(loss == doctest::Approx(expected).epsilon(1e-5));
    }
}

TEST_CASE("a loss that is not a number stops training, names the operation, leaves all as it was") {
    const Variable w = parameter(Tensor::from({1, 2, 3}));
    Trainer trainer({{"w", w}}, options(10, 1e-3), [&](Index step, Index) {
        return step < 2 ? mean(square(w)) : sum(log(mul_scalar(w, -1)));
    });
    trainer.step(), trainer.step();
    std::vector<Tensor> before;
    for (const auto& s : trainer.state()) before.push_back(s.variable.value().clone());
    CHECK(failure(trainer) ==
          "step 3: loss is nan; log: first nan at element 0 of (3,), from (3,) (a learning rate of "
          "0.001 may be too high)");
    CHECK(trainer.steps_done() == 2);
    const auto after = trainer.state();
    for (std::size_t i = 0; i < after.size(); ++i)
        CHECK(same_bits(after[i].variable.value(), before[i]));
}

TEST_CASE("an infinite loss is called infinite") {
    const Variable w = parameter(Tensor::from({1}));
    Trainer trainer({{"w", w}}, options(10, 1e-3),
                    [&](Index, Index) { return sum(exp(mul_scalar(w, 1e6))); });
    CHECK(contains(failure(trainer), "step 1: loss is infinite; exp: first infinity at element 0"));
}

TEST_CASE("a gradient that is not a number is explained by the operation that made it") {
    const Variable w = parameter(Tensor::from({4, 0}));
    Trainer trainer({{"w", w}}, options(10, 1e-3), [&](Index, Index) { return sum(sqrt(w)); });
    const std::string message = failure(trainer);
    CHECK(contains(message, "step 1: gradient norm is infinite; backward of sqrt: "));
    CHECK(w.value().to_vector() == std::vector<Real>{4, 0});
}

TEST_CASE("a parameter that is broken already is named") {
    Gpt model({.layers = 1, .heads = 1, .width = 4, .context = 3, .vocabulary = 5}, 1);
    model.blocks[0].mlp.up.bias.value()[2] = NAN;
    const Tokens ids = random_tokens({1, 3}, 5, 1);
    Trainer trainer(named_parameters(model), options(10, 1e-3),
                    [&](Index, Index) { return cross_entropy(model(ids), ids); });
    CHECK(contains(failure(trainer), "loss is nan; parameter block.0.mlp.up.bias is not finite"));
}

TEST_CASE("a failed step repeats with the same dropout, so that the explanation is the true one") {
    const Variable w = parameter(Tensor::full({64}, 1));
    std::vector<std::uint64_t> keys;
    Trainer trainer({{"w", w}}, options(10, 1e-3), [&](Index, Index) {
        keys.push_back(TrainMode::next_dropout_key());
        return sum(log(mul_scalar(w, -1)));
    });
    failure(trainer);
    REQUIRE(keys.size() == 2);
    CHECK(keys[0] == keys[1]);
}

TEST_CASE("options that make no sense are refused") {
    const Variable w = parameter(Tensor::scalar(1));
    const auto message = [&](auto change) {
        TrainerOptions o;
        change(o);
        try {
            Trainer({{"w", w}}, o, [&](Index, Index) { return square(w); });
        } catch (const std::invalid_argument& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message([](auto&) {}).empty());
    CHECK(message([](auto& o) { o.steps = -1; }) == "trainer: -1 steps");
    CHECK(message([](auto& o) { o.accumulate = 0; }) ==
          "trainer: accumulate 0, must be at least 1");
    CHECK(message([](auto& o) { o.lr = 0; }) ==
          "trainer: learning rate 0, must be above 0 and finite");
    CHECK(message([](auto& o) { o.min_lr = std::nan(""); }) ==
          "trainer: min lr nan, must be 0 or above");
    CHECK(message([](auto& o) { o.adamw.beta2 = 1; }) ==
          "trainer: beta2 1, must be from 0 to below 1");
    CHECK(message([](auto& o) { o.adamw.eps = -1; }) == "trainer: eps -1, must be 0 or above");
    CHECK(contains(message([](auto& o) { o.lr = NAN; }), "trainer: learning rate nan"));
    CHECK(contains(message([](auto& o) { o.lr = INFINITY; }), "trainer: learning rate inf"));
    CHECK(message([](auto& o) { o.warmup = -1; }) == "trainer: -1 warm-up steps");
    CHECK(message([](auto& o) { o.clip = -1; }) == "trainer: clip -1, must be 0 (never) or above");
    CHECK(message([](auto& o) { o.momentum = 1; }) ==
          "trainer: momentum 1, must be from 0 to below 1");
    CHECK(message([](auto& o) { o.cooldown = 1.5; }) ==
          "trainer: cooldown 1.5, must be from 0 to 1");
    CHECK(
        message([](auto& o) { o.optimiser = "adam"; }) ==
        "trainer: optimiser \"adam\" is not known; there are adamw, sgd, lion, muon (did you mean "
        "adamw?)");
    CHECK(message([](auto& o) { o.schedule = "step"; }) ==
          "trainer: schedule \"step\" is not known; there are cosine, constant, wsd");
    CHECK(contains(message([](auto& o) { o.optimiser = "muon"; }), "is a hidden matrix"));
    CHECK_THROWS_WITH_AS(Trainer(std::unique_ptr<Optimiser>(), {}, {}),
                         "trainer: the optimiser is null", std::invalid_argument);
}

TEST_CASE("recomputing activations keeps every bit, dropout included, and halves the peak") {
    const SavedSettings saved;
    set_threads(1);
    const Stories stories("tales-zh");
    const auto train = [&](bool recompute, std::size_t& peak) {
        Gpt model(stories.config(8, 2, 32, Real(0.1)), 1);
        TrainerOptions o = options(3, 1e-2);
        o.accumulate = 2;
        o.recompute = recompute;
        Trainer trainer(named_parameters(model), o, [&](Index step, Index micro_batch) {
            const Batch batch = stories.batch(2 * step + micro_batch, 8);
            return cross_entropy(model(batch.inputs), batch.targets);
        });
        trainer.step();
        reset_peak();
        const std::size_t before = memory_stats().live_bytes;
        while (!trainer.done()) trainer.step();
        peak = memory_stats().peak_bytes - before;
        return copy_parameters(model);
    };
    std::size_t kept = 0, recomputed = 0;
    const auto a = train(false, kept), b = train(true, recomputed);
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(same_bits(a[i], b[i]));
    CAPTURE(kept);
    CAPTURE(recomputed);
    CHECK(2 * recomputed < kept);
}

TEST_CASE("the options name the schedule, and any other function of the step can replace it") {
    const auto rates = [](const std::string& name, const Schedule& own = {}) {
        const Variable w = parameter(Tensor::scalar(1));
        TrainerOptions o = options(10, 0.5);
        o.warmup = 0, o.min_lr = 0, o.schedule = name, o.cooldown = 0.4;
        Trainer trainer({{"w", w}}, o, [&](Index, Index) { return square(w); });
        if (own) trainer.schedule = own;
        std::vector<double> list;
        while (!trainer.done()) list.push_back(trainer.step().lr);
        return list;
    };
    CHECK(rates("constant") == std::vector<double>(10, 0.5));
    CHECK(rates("cosine")[5] == doctest::Approx(0.25));
    const auto wsd = rates("wsd");
    CHECK(wsd[6] == 0.5);
    CHECK(wsd[7] == doctest::Approx(0.25));
    CHECK(wsd[9] == doctest::Approx(0.5 * (1 - std::sqrt(0.75))));
    CHECK(rates("wsd", [](Index step) { return 1.0 / static_cast<double>(step + 1); })[3] == 0.25);
}

TEST_CASE("after_backward sees the whole gradient of a step, and what it changes is what counts") {
    const Variable w = parameter(Tensor::from({3, 4}));
    TrainerOptions o = options(4, 0.01);
    o.accumulate = 3;
    o.clip = 0;
    Trainer trainer({{"w", w}}, o,
                    [&](Index, Index) { return mul_scalar(sum(square(w)), Real(0.5)); });
    std::vector<Index> steps;
    trainer.after_backward = [&](Index step, const std::vector<NamedParameter>& parameters) {
        steps.push_back(step);
        REQUIRE(parameters.size() == 1);
        const Tensor g = parameters[0].variable.grad();
        for (Index i = 0; i < 2; ++i) {  // the mean of three equal gradients
            CHECK(g[i] == doctest::Approx(w.value()[i]).epsilon(1e-6));
            g[i] *= 2;
        }
    };
    CHECK(trainer.step().gradient_norm == doctest::Approx(10));
    trainer.step();
    CHECK(steps == std::vector<Index>{0, 1});
    const Tensor before = w.value().clone();
    trainer.after_backward = [](Index, const std::vector<NamedParameter>& parameters) {
        parameters[0].variable.grad()[0] = NAN;
    };
    CHECK(failure(trainer) ==
          "step 3: gradient norm is nan; the gradients were finite before after_backward");
    CHECK(same_bits(w.value(), before));
}

TEST_CASE("a frozen layer gets no gradient and keeps its bits, while the others learn around it") {
    const Stories stories("tales-zh");
    for (const std::string name : {"adamw", "sgd", "lion", "muon"}) {
        CAPTURE(name);
        Gpt model(stories.config(2, 2, 16), 1);
        freeze(model.blocks[1]);
        const auto frozen = copy_parameters(model.blocks[1]),
                   moving = copy_parameters(model.blocks[0]);
        TrainerOptions o = options(3, 1e-2);
        o.optimiser = name;
        Trainer trainer(named_parameters(model), o, [&](Index step, Index) {
            const Batch batch = stories.batch(step, 2);
            return cross_entropy(model(batch.inputs), batch.targets);
        });
        trainer.after_backward = [](Index, const std::vector<NamedParameter>& parameters) {
            for (const auto& p : parameters)
                CHECK(p.variable.has_grad() != p.name.starts_with("block.1."));
        };
        while (!trainer.done()) trainer.step();
        CHECK(same_parameters(model.blocks[1], frozen));
        CHECK_FALSE(same_parameters(model.blocks[0], moving));
        Index listed = 0;  // saved, but without moments
        for (const auto& s : trainer.state()) listed += s.name.starts_with("block.1.");
        CHECK(listed == static_cast<Index>(frozen.size()));
    }
}

#ifndef GRADUS_DOUBLE  // runs are saved in float only
TEST_CASE("ten steps are five steps, a saved run, and five steps more, to the bit") {
    const Stories stories("tales-zh");
    struct Run {
        Gpt model;
        Trainer trainer;
        Run(const Stories& stories, std::uint64_t seed, const TrainerOptions& o)
            : model(stories.config(2, 2, 16, Real(0.1)), seed),
              trainer(named_parameters(model), o, [&](Index step, Index) {
                  const Batch batch = stories.batch(step, 4);
                  return cross_entropy(model(batch.inputs), batch.targets);
              }) {}
    };
    for (const std::string name : {"adamw", "sgd", "lion", "muon"}) {
        CAPTURE(name);
        const TemporaryFolder folder;
        TrainerOptions o = options(10, 1e-2);
        o.optimiser = name;
        o.schedule = name == "adamw" ? "cosine" : "wsd";
        Run straight(stories, 1, o);
        std::vector<double> losses;
        for (int i = 0; i < 10; ++i) losses.push_back(straight.trainer.step().loss);
        {
            Run half(stories, 1, o);
            for (int i = 0; i < 5; ++i) CHECK(half.trainer.step().loss == losses[i]);
            save_resume(folder.file("resume.safetensors"), half.trainer);
        }
        Run rest(stories, 2, o);  // other initial values: all must come from the file
        load_resume(folder.file("resume.safetensors"), rest.trainer);
        CHECK(rest.trainer.steps_done() == 5);
        for (int i = 5; i < 10; ++i) CHECK(rest.trainer.step().loss == losses[i]);
        CHECK(rest.trainer.done());
        CHECK(same_parameters(rest.model, copy_parameters(straight.model)));
        const auto a = rest.trainer.state(), b = straight.trainer.state();
        for (std::size_t i = 0; i < a.size(); ++i)
            CHECK(same_bits(a[i].variable.value(), b[i].variable.value()));
    }
}

TEST_CASE(
    "a wsd run prolonged before its cooldown is the long run, to the bit; a cosine run is not") {
    const auto train = [](const std::string& schedule, bool prolonged) {
        Gpt model({.layers = 1, .heads = 2, .width = 16, .context = 8, .vocabulary = 16}, 1);
        const Trainer::Loss loss = [&](Index step, Index) {
            const Tokens ids = random_tokens({2, 8}, 16, static_cast<std::uint64_t>(step));
            return cross_entropy(model(ids), ids);
        };
        const auto trainer = [&](Index steps) {
            TrainerOptions o = options(steps, 1e-2);
            o.schedule = schedule;
            o.cooldown = 0.25;
            return Trainer(named_parameters(model), o, loss);
        };
        const TemporaryFolder folder;
        Trainer whole = trainer(24), begun = trainer(12);
        if (prolonged) {
            for (int i = 0; i < 9; ++i) begun.step();
            save_resume(folder.file("resume.safetensors"), begun);
            load_resume(folder.file("resume.safetensors"), whole);
        }
        while (!whole.done()) whole.step();
        return copy_parameters(model);
    };
    for (const std::string schedule : {"wsd", "cosine"}) {
        CAPTURE(schedule);
        const auto once = train(schedule, false), twice = train(schedule, true);
        bool same = true;
        for (std::size_t i = 0; i < once.size(); ++i) same = same && same_bits(once[i], twice[i]);
        CHECK(same == (schedule == "wsd"));
    }
}
#endif

TEST_CASE("after its second step, training asks the system for no memory and frees each graph") {
    const SavedSettings saved;
    set_threads(1);  // otherwise a thread may get its first chunk late
    const Stories stories("tales");
    for (const std::string name : {"adamw", "muon"}) {
        CAPTURE(name);
        Gpt model(stories.config(2, 2, 16, Real(0.1)), 1);
        TrainerOptions o = options(10, 1e-3);
        o.optimiser = name;
        Trainer trainer(named_parameters(model), o, [&](Index step, Index) {
            const Batch batch = stories.batch(step, 4);
            return cross_entropy(model(batch.inputs), batch.targets);
        });
        trainer.step(), trainer.step();
        const MemoryStats steady = memory_stats();
        while (!trainer.done()) {
            trainer.step();
            CAPTURE(trainer.steps_done());
            const MemoryStats now = memory_stats();
            CHECK(now.live_bytes == steady.live_bytes);
            CHECK(now.requests > steady.requests);
            if (kSanitized) continue;  // under AddressSanitizer the pool keeps no blocks
            CHECK(now.system_requests == steady.system_requests);
            CHECK(now.system_bytes == steady.system_bytes);
        }
    }
}

TEST_CASE("a trainer and its model leave no memory in use") {
    const SavedSettings saved;
    set_threads(1);
    const auto train = [] {
        const Stories stories("tales-zh");
        Gpt model(stories.config(1, 2, 16), 1);
        Trainer trainer(named_parameters(model), options(3, 1e-3), [&](Index step, Index) {
            const Batch batch = stories.batch(step, 4);
            return cross_entropy(model(batch.inputs), batch.targets);
        });
        while (!trainer.done()) trainer.step();
    };
    train();  // this thread's working memory has reached its size
    const std::size_t before = memory_stats().live_bytes;
    train();
    CHECK(memory_stats().live_bytes == before);
}

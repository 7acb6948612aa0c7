// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <algorithm>
#include <numeric>

#include "lessons/24-cache/multiplications.h"
#include "lessons/24-cache/toy.h"
#include "tensor/random.h"

namespace gradus::lesson_24 {
namespace {

const BuiltInMatmul products;

using Numbers = std::vector<Real>;

// The same numbers in memory with room for 8000 more, and numbers in that room: an answer that steps
// over the end gives the same result each time.
Numbers in_much_memory(Numbers numbers) {
    static const Numbers more = normal_numbers(998, 8000);
    const std::size_t n = numbers.size();
    numbers.insert(numbers.end(), more.begin(), more.end());
    numbers.resize(n);
    return numbers;
}

// A cache that holds T places of random numbers.
Cache filled(std::uint64_t seed, Index T, Index C) {
    return {in_much_memory(normal_numbers(seed, T * C)),
            in_much_memory(normal_numbers(seed + 1, T * C)), T};
}

Cache appended(Cache cache, const Numbers& k, const Numbers& v) {
    part().append(cache, k.data(), v.data(), std::ssize(k));
    return cache;
}

Numbers attend(const Numbers& q, const Cache& cache, Index NH, Index HS) {
    Numbers y(q.size(), 77);
    part().attend(y.data(), q.data(), cache, NH, HS);
    return y;
}

Numbers by_loops(const Numbers& q, const Cache& cache, Index NH) {
    const Index C = std::ssize(q), HS = C / NH, T = std::ssize(cache.k) / C;
    Numbers y(q.size());
    for (Index h = 0; h < NH; ++h) {
        Numbers p(static_cast<std::size_t>(T));
        Real sum = 0;
        for (Index t = 0; t < T; ++t) {
            for (Index c = h * HS; c < (h + 1) * HS; ++c) p[t] += q[c] * cache.k[t * C + c];
            sum += p[t] = std::exp(p[t] / std::sqrt(static_cast<Real>(HS)));
        }
        for (Index t = 0; t < T; ++t)
            for (Index c = h * HS; c < (h + 1) * HS; ++c) y[c] += p[t] / sum * cache.v[t * C + c];
    }
    return y;
}

// Random weights, gains and biases, large enough for every step to matter.
GptWeights random_weights(const Sizes& sizes, std::uint64_t seed) {
    const Index C = sizes.C;
    const auto numbers = [&](const Shape& shape, Real size, Real about = 0) {
        Numbers list = normal_numbers(++seed, shape.count());
        for (Real& number : list) number = about + size * number;
        return Tensor::from(shape, list);
    };
    const auto matrix = [&](Index in, Index out) {
        return numbers({in, out}, 1 / std::sqrt(static_cast<Real>(in)));
    };
    GptWeights gpt{numbers({sizes.V, C}, 1),   numbers({sizes.P, C}, 1), {},
                   numbers({C}, Real(0.5), 1), numbers({C}, Real(0.5)),  sizes.NH};
    for (Index i = 0; i < sizes.layers; ++i) {
        const Tensor gain1 = numbers({C}, Real(0.5), 1), bias1 = numbers({C}, Real(0.5)),
                     gain2 = numbers({C}, Real(0.5), 1), bias2 = numbers({C}, Real(0.5));
        gpt.blocks.push_back({gain1, bias1, matrix(C, 3 * C), numbers({3 * C}, 1), matrix(C, C),
                              numbers({C}, 1), gain2, bias2, matrix(C, 4 * C), numbers({4 * C}, 1),
                              matrix(4 * C, C), numbers({C}, 1)});
    }
    return gpt;
}

// The GPT of lesson 21 with random weights, as a whole and as these weights.
struct Model {
    AnyGpt whole;
    GptWeights weights;

    Model(const Sizes& sizes, std::uint64_t seed)
        : whole(your_gpt(sizes, seed)), weights(weights_of(whole.parameters(), sizes.NH)) {
        const GptWeights random = random_weights(sizes, seed);
        const auto to = all_of(weights), from = all_of(random);
        for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_from(from[i]);
    }
    static std::vector<Tensor> all_of(const GptWeights& gpt) {
        std::vector<Tensor> all = {gpt.token, gpt.position, gpt.norm_gain, gpt.norm_bias};
        for (const auto& w : gpt.blocks)
            for (const Tensor& x :
                 {w.norm1_gain, w.norm1_bias, w.qkv, w.qkv_bias, w.projection, w.projection_bias,
                  w.norm2_gain, w.norm2_bias, w.up, w.up_bias, w.down, w.down_bias})
                all.push_back(x);
        return all;
    }
    // Without a cache: the scores after each of the ids, one after another.
    Numbers scores(const std::vector<int>& ids) const {
        const NoGrad guard;
        return whole.forward(Tokens({1, std::ssize(ids)}, ids)).value().to_vector();
    }
};

std::vector<int> random_ids(std::uint64_t seed, Index n, Index V) {
    Random random(seed);
    std::vector<int> ids;
    for (Index i = 0; i < n; ++i)
        ids.push_back(static_cast<int>(random.below(static_cast<std::uint64_t>(V))));
    return ids;
}

std::vector<Cache> caches_for(const GptWeights& gpt) {
    return std::vector<Cache>(gpt.blocks.size());
}

// Row i of a matrix with so many columns.
Numbers row_of(const Numbers& matrix, std::size_t i, Index columns) {
    return {matrix.begin() + static_cast<Index>(i) * columns,
            matrix.begin() + (static_cast<Index>(i) + 1) * columns};
}

void add(Numbers& all, const Numbers& more) {
    all.insert(all.end(), more.begin(), more.end());
}
void add(Numbers& all, const std::vector<Cache>& caches) {
    for (const Cache& cache : caches) {
        add(all, cache.k), add(all, cache.v);
        all.push_back(static_cast<Real>(cache.length));
    }
}

// No two sizes of one fingerprint are equal or neighbours. The caches hold some places already.
const Fingerprint append_print("append", [] {
    const Index C = 5;
    std::vector<Cache> caches;
    caches.push_back(filled(1, 3, C));
    for (const std::uint64_t seed : {3, 5})
        part().append(caches[0], with_room(normal_numbers(seed, C)).data(),
                      with_room(normal_numbers(seed + 1, C)).data(), C);
    Numbers all;
    add(all, caches);
    return all;
});
const Fingerprint attend_print("attend", [] {
    const Index NH = 3, HS = 5, T = 8;
    const Cache cache = filled(7, T, NH * HS);
    Numbers y = with_room(Numbers(NH * HS, 7));
    part().attend(y.data(), with_room(normal_numbers(9, NH * HS)).data(), cache, NH, HS);
    return y;
});

struct Running {
    GptWeights gpt = random_weights({.V = 11, .P = 130, .C = 24, .NH = 4, .layers = 2}, 10);
    std::vector<Cache> caches;

    // Not as a list in braces, which is copied, and a copy has no room.
    Running() {
        for (const std::uint64_t seed : {60, 62}) caches.push_back(filled(seed, 3, 24));
    }
    // With the sums of the tables, which nobody may change.
    Numbers all(Numbers scores) const {
        add(scores, caches);
        for (const Tensor& table : {gpt.token, gpt.position}) {
            const Numbers list = table.to_vector();
            scores.push_back(std::accumulate(list.begin(), list.end(), Real(0)));
        }
        return scores;
    }
};
// Whether append leaves caches that can be attended to: as many numbers in both lists as the length
// says. Where it does not, nobody may read them: that would go over the end. Its own fingerprint
// tells what is wrong.
bool whole_caches() {
    Cache cache = filled(70, 2, 3);
    for (const std::uint64_t seed : {72, 74})
        part().append(cache, with_room(normal_numbers(seed, 3)).data(),
                      with_room(normal_numbers(seed + 1, 3)).data(), 3);
    return std::ssize(cache.k) == 3 * cache.length && std::ssize(cache.v) == 3 * cache.length;
}
const Fingerprint next_scores_print("next_scores", [] {
    if (!whole_caches()) return Numbers{-1};
    Running run;
    Numbers scores;
    for (const int token : {7, 2, 7})
        add(scores, part().next_scores(run.gpt, run.caches, token).to_vector());
    return run.all(scores);
});
const Fingerprint read_print("read", [] {
    if (!whole_caches()) return Numbers{-1};
    Running run;
    return run.all(part().read(run.gpt, run.caches, {7, 2, 9, 2}).to_vector());
});

}  // namespace

TEST_CASE("append: the places from the text") {
    Cache cache = appended({}, {0, 1}, {2, 0});
    CHECK(named({"the length"}, same(static_cast<double>(cache.length), 1)));
    CHECK(named({"the keys k"}, same(cache.k, {0, 1}, {1, 2})));
    CHECK(named({"the values v"}, same(cache.v, {2, 0}, {1, 2})));
    cache = appended(cache, {1, 1}, {0, 4});
    CHECK(named({"the length"}, same(static_cast<double>(cache.length), 2)));
    CHECK(named({"the keys k"}, same(cache.k, {0, 1, 1, 1}, {2, 2})));
    CHECK(named({"the values v"}, same(cache.v, {2, 0, 0, 4}, {2, 2})));
}

TEST_CASE("append: the key and the value may be pieces of a longer row") {
    const Numbers row = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    Cache cache;
    part().append(cache, &row[3], &row[6], 3);
    CHECK(named({"the keys k"}, same(cache.k, {4, 5, 6}, {1, 3})));
    CHECK(named({"the values v"}, same(cache.v, {7, 8, 9}, {1, 3})));
}

TEST_CASE("append: the two caches of two texts do not disturb each other") {
    Cache first, second;
    for (const Real place : {1, 2, 3}) {
        part().append(first, &place, &place, 1);
        const Real other = 10 * place;
        part().append(second, &other, &other, 1);
    }
    CHECK(named({"the keys of the first"}, same(first.k, {1, 2, 3})));
    CHECK(named({"the keys of the second"}, same(second.k, {10, 20, 30})));
}

TEST_CASE("append: any number of places, and numbers per place") {
    for (const Index C : {1, 3, 8}) {
        CAPTURE(C);
        Cache cache;
        Numbers k, v;
        for (Index T = 1; T <= 40; ++T) {
            const auto seed = static_cast<std::uint64_t>(100 + T);
            const Numbers key = normal_numbers(seed, C), value = normal_numbers(seed + 50, C);
            add(k, key), add(v, value);
            cache = appended(cache, key, value);
            CAPTURE(T);
            CHECK(named({"the length"}, same(static_cast<double>(cache.length), T)));
            CHECK(named({"the keys k"}, same(cache.k, k, {T, C})));
            CHECK(named({"the values v"}, same(cache.v, v, {T, C})));
        }
    }
}

TEST_CASE("attend: two heads and the three places from the text") {
    const Index NH = 2, HS = 1;
    CAPTURE(NH);
    CAPTURE(HS);
    const Cache cache{{0, 1, 1, 1, 1, 0}, {2, 0, 0, 4, 2, 4}, 3};
    INFO("cache.k is 0 1 | 1 1 | 1 0, cache.v is 2 0 | 0 4 | 2 4");
    CHECK(named({"y"}, same(attend({1, -1}, cache, NH, HS), {1.155362403497, 3.152233769532})));
}

TEST_CASE("attend: two heads of two numbers, each of which finds another place") {
    const Index NH = 2, HS = 2;
    CAPTURE(NH);
    CAPTURE(HS);
    const Cache cache{{0, 0, 0, 300, 0, 300, 0, 0}, {1, 2, 3, 4, 5, 6, 7, 8}, 2};
    INFO("cache.k is 0 0 0 300 | 0 300 0 0, cache.v is 1 2 3 4 | 5 6 7 8");
    CHECK(named({"y"}, same(attend({0, 300, -300, 300}, cache, NH, HS), {5, 6, 3, 4})));
}

TEST_CASE("attend: a single place, which sees itself") {
    const Index NH = 2, HS = 2;
    CAPTURE(NH);
    CAPTURE(HS);
    const Cache cache{{1, 2, 3, 4}, {6, 7, 8, 9}, 1};
    INFO("cache.k is 1 2 3 4, cache.v is 6 7 8 9");
    CHECK(named({"y"}, same(attend({5, -2, 1, 3}, cache, NH, HS), {6, 7, 8, 9})));
}

TEST_CASE("attend: a query of zeros gets the plain average, in each column") {
    const Index NH = 2, HS = 2;
    CAPTURE(NH);
    CAPTURE(HS);
    const Cache cache{normal_numbers(11, 12), {1, 2, 3, 40, 2, 2, 3, 50, 3, 2, 3, 60}, 3};
    INFO("cache.v is 1 2 3 40 | 2 2 3 50 | 3 2 3 60");
    CHECK(named({"y"}, same(attend({0, 0, 0, 0}, cache, NH, HS), {2, 2, 3, 50})));
}

TEST_CASE("attend: a head does not see the columns of another") {
    const Index NH = 3, HS = 2;
    CAPTURE(NH);
    CAPTURE(HS);
    Cache cache{normal_numbers(12, 5 * 6), normal_numbers(13, 5 * 6), 5};
    Numbers q = normal_numbers(14, 6);
    const Numbers before = attend(q, cache, NH, HS);
    for (Index t = 0; t < 5; ++t)
        for (Index c = 2; c < 4; ++c) cache.k[t * 6 + c] += 3, cache.v[t * 6 + c] -= 5;
    q[2] = 9;
    Numbers after = attend(q, cache, NH, HS);
    for (const std::size_t c : {2, 3}) after[c] = before[c];  // the second head's are others now
    CHECK(named({"y without its second head"}, same(after, before)));
}

TEST_CASE("attend: it does not matter in which order the places were read") {
    const Index NH = 2, HS = 2;
    CAPTURE(NH);
    CAPTURE(HS);
    const Cache cache{normal_numbers(15, 3 * 4), normal_numbers(16, 3 * 4), 3};
    Cache turned{{}, {}, 3};
    for (const std::size_t t : {2, 0, 1}) {
        add(turned.k, row_of(cache.k, t, 4));
        add(turned.v, row_of(cache.v, t, 4));
    }
    const Numbers q = normal_numbers(17, 4);
    CHECK(named({"y"}, same(attend(q, turned, NH, HS), attend(q, cache, NH, HS))));
}

TEST_CASE("attend: large scores stay finite, and the best key gets all") {
    const Index NH = 1, HS = 2;
    CAPTURE(NH);
    CAPTURE(HS);
    const Cache cache{{300, 0, 0, 300}, {1, 2, 3, 4}, 2};
    INFO("cache.k is 300 0 | 0 300, cache.v is 1 2 | 3 4");
    CHECK(named({"y"}, same(attend({0, 300}, cache, NH, HS), {3, 4})));
}

TEST_CASE("attend: any number of heads, of numbers in each, and of places") {
    for (const Index NH : {1, 2, 5})
        for (const Index HS : {1, 3, 8})
            for (const Index T : {1, 2, 9, 30}) {
                CAPTURE(NH);
                CAPTURE(HS);
                CAPTURE(T);
                const Index C = NH * HS;
                const Cache cache{normal_numbers(18, T * C), normal_numbers(19, T * C), T};
                const Numbers q = normal_numbers(20, C);
                CHECK(named({"y"}, same(attend(q, cache, NH, HS), by_loops(q, cache, NH))));
            }
}

TEST_CASE("next_scores: the same token four times, from the text") {
    const GptWeights gpt = toy();
    std::vector<Cache> caches(1);
    const std::vector<Numbers> expected = {{-1, 1, 0}, {-1, 1, 0}, {-1, 1, 0}, {1, -1, 0}};
    for (std::size_t place = 0; place < 4; ++place) {
        CAPTURE(place);
        const Tensor scores = part().next_scores(gpt, caches, 0);
        REQUIRE(shaped(scores.shape(), {1, 3}));
        CHECK(named({"the scores"}, same(scores.to_vector(), expected[place], {1, 3}, 1e-4)));
    }
    CHECK(named({"the length"}, same(static_cast<double>(caches[0].length), 4)));
    CHECK(named({"the keys k"}, same(caches[0].k, {-1, 1, -1, 1, 1, -1, 1, -1}, {4, 2}, 1e-4)));
    CHECK(named({"the values v"}, same(caches[0].v, {-4, 4, -4, 4, 4, -4, 4, -4}, {4, 2}, 1e-4)));
}

TEST_CASE("next_scores: one token, through one block with one head") {
    const Model model({.V = 5, .P = 2, .C = 3, .NH = 1, .layers = 1}, 200);
    std::vector<Cache> caches(1);
    INFO(
        "a GPT with random weights. In that of the text queries are zero, the projection changes "
        "nothing, the Mlp adds nothing, all gains are 1 and all biases 0");
    const Tensor scores = part().next_scores(model.weights, caches, 4);
    REQUIRE(shaped(scores.shape(), {1, 5}));
    CHECK(named({"the scores"}, same(scores.to_vector(), model.scores({4}))));
}

TEST_CASE("next_scores: after each token those of the model without a cache") {
    const Model model({.V = 7, .P = 9, .C = 6, .NH = 3, .layers = 2}, 300);
    INFO("a GPT with two blocks, C = 6 and NH = 3");
    const std::vector<int> ids = {3, 0, 3, 6, 1, 1, 5, 2, 4};
    auto caches = caches_for(model.weights);
    for (std::size_t place = 0; place < ids.size(); ++place) {
        CAPTURE(place);
        const std::vector<int> prefix(ids.begin(), ids.begin() + static_cast<Index>(place) + 1);
        const Numbers expected = row_of(model.scores(prefix), place, 7);
        const Tensor scores = part().next_scores(model.weights, caches, ids[place]);
        REQUIRE(shaped(scores.shape(), {1, 7}));
        CHECK(named({"the scores"}, same(scores.to_vector(), expected)));
    }
}

TEST_CASE("next_scores: two texts, each with caches of its own, a token of each in turn") {
    const Model model({.V = 7, .P = 9, .C = 8, .NH = 2, .layers = 2}, 400);
    INFO("a GPT with two blocks, C = 8 and NH = 2");
    const std::vector<int> one = {1, 2, 3, 4, 5}, two = {6, 6, 0, 1, 2};
    auto first = caches_for(model.weights), second = caches_for(model.weights);
    const Numbers of_one = model.scores(one), of_two = model.scores(two);
    for (std::size_t place = 0; place < one.size(); ++place) {
        CAPTURE(place);
        const Tensor a = part().next_scores(model.weights, first, one[place]);
        const Tensor b = part().next_scores(model.weights, second, two[place]);
        CHECK(
            named({"the scores of the first text"}, same(a.to_vector(), row_of(of_one, place, 7))));
        CHECK(named({"the scores of the second text"},
                    same(b.to_vector(), row_of(of_two, place, 7))));
    }
}

TEST_CASE("next_scores: the weights stay as they are") {
    const GptWeights gpt = random_weights({.V = 4, .P = 6, .C = 4, .NH = 2, .layers = 2}, 500);
    auto caches = caches_for(gpt);
    const Numbers token = gpt.token.to_vector(), position = gpt.position.to_vector();
    for (const int id : {2, 2, 3}) part().next_scores(gpt, caches, id);
    CHECK(named({"gpt.token"}, same(gpt.token.to_vector(), token, {4, 4})));
    CHECK(named({"gpt.position"}, same(gpt.position.to_vector(), position, {6, 4})));
}

TEST_CASE("next_scores: each place costs the same products, and the same memory") {
    const GptWeights gpt = random_weights({.V = 5, .P = 30, .C = 6, .NH = 2, .layers = 3}, 600);
    auto caches = caches_for(gpt);
    Index first = 0;
    for (Index place = 0; place < 30; ++place) {
        const CountedProducts counted;
        part().next_scores(gpt, caches, static_cast<int>(place % 5));
        if (place == 0) first = counted.count();
        CAPTURE(place);
        CHECK(named({"multiply-adds of the products"},
                    same(static_cast<double>(counted.count()), static_cast<double>(first))));
        for (const Cache& cache : caches) {
            const auto numbers = static_cast<double>(cache.k.size() + cache.v.size());
            CHECK(named({"numbers in a cache"}, same(numbers, 2.0 * 6 * (place + 1.0))));
        }
    }
}

TEST_CASE("next_scores: any sizes, after each token") {
    for (const Index layers : {1, 3})
        for (const Index NH : {1, 2, 4})
            for (const Index HS : {1, 5}) {
                const Index V = 13, T = 20, C = NH * HS;
                CAPTURE(layers);
                CAPTURE(NH);
                CAPTURE(HS);
                const Model model({V, T, C, NH, layers}, static_cast<std::uint64_t>(1000 + C));
                const auto ids = random_ids(21, T, V);
                const Numbers expected = model.scores(ids);
                auto caches = caches_for(model.weights);
                for (std::size_t place = 0; place < ids.size(); ++place) {
                    CAPTURE(place);
                    const Tensor scores = part().next_scores(model.weights, caches, ids[place]);
                    REQUIRE(shaped(scores.shape(), {1, V}));
                    CHECK(named({"the scores"},
                                same(scores.to_vector(), row_of(expected, place, V))));
                }
                for (const Cache& cache : caches)
                    CHECK(named({"the length"}, same(static_cast<double>(cache.length), T)));
            }
}

TEST_CASE("read: the four tokens from the text") {
    std::vector<Cache> caches(1);
    const Tensor scores = part().read(toy(), caches, {0, 0, 0, 0});
    REQUIRE(shaped(scores.shape(), {1, 3}));
    CHECK(named({"the scores"}, same(scores.to_vector(), {1, -1, 0}, {1, 3}, 1e-4)));
    CHECK(named({"the length"}, same(static_cast<double>(caches[0].length), 4)));
}

TEST_CASE("read: one token, which is what next_scores does") {
    const Model model({.V = 5, .P = 3, .C = 4, .NH = 2, .layers = 2}, 700);
    INFO("a GPT with two blocks, and the id 3");
    auto caches = caches_for(model.weights);
    const Tensor scores = part().read(model.weights, caches, {3});
    REQUIRE(shaped(scores.shape(), {1, 5}));
    CHECK(named({"the scores"}, same(scores.to_vector(), model.scores({3}))));
}

TEST_CASE("read: in two halves as in one") {
    const Model model({.V = 9, .P = 12, .C = 6, .NH = 2, .layers = 2}, 800);
    INFO("11 ids, and the same again as 4 and 7");
    const auto ids = random_ids(22, 11, 9);
    auto whole = caches_for(model.weights), halves = caches_for(model.weights);
    const Tensor once = part().read(model.weights, whole, ids);
    part().read(model.weights, halves, {ids.begin(), ids.begin() + 4});
    const Tensor twice = part().read(model.weights, halves, {ids.begin() + 4, ids.end()});
    CHECK(named({"the scores"}, same(twice.to_vector(), once.to_vector())));
    for (const std::size_t block : {0, 1}) {
        CAPTURE(block);
        CHECK(named({"the keys k"}, same(halves[block].k, whole[block].k, {11, 6})));
        CHECK(named({"the values v"}, same(halves[block].v, whole[block].v, {11, 6})));
    }
}

TEST_CASE("read: a copy of the caches is a second text that begins in the same way") {
    const Model model({.V = 9, .P = 12, .C = 6, .NH = 2, .layers = 2}, 900);
    INFO("4 1 1 are read, then 8 2 with these caches and 5 0 7 with a copy of them");
    auto caches = caches_for(model.weights);
    part().read(model.weights, caches, {4, 1, 1});
    auto copy = caches;
    const Tensor one = part().read(model.weights, caches, {8, 2}),
                 two = part().read(model.weights, copy, {5, 0, 7});
    CHECK(named({"the scores of the first text"},
                same(one.to_vector(), row_of(model.scores({4, 1, 1, 8, 2}), 4, 9))));
    CHECK(named({"the scores of the second text"},
                same(two.to_vector(), row_of(model.scores({4, 1, 1, 5, 0, 7}), 5, 9))));
}

TEST_CASE("read: any number of tokens, up to the last position") {
    const Index V = 17, P = 40;
    const Model model({.V = V, .P = P, .C = 12, .NH = 3, .layers = 2}, 1100);
    const auto ids = random_ids(23, P, V);
    const Numbers expected = model.scores(ids);
    for (const Index n : {2, 3, 7, 39, 40}) {
        CAPTURE(n);
        auto caches = caches_for(model.weights);
        const Tensor scores = part().read(model.weights, caches, {ids.begin(), ids.begin() + n});
        REQUIRE(shaped(scores.shape(), {1, V}));
        CHECK(named({"the scores"}, same(scores.to_vector(),
                                         row_of(expected, static_cast<std::size_t>(n - 1), V))));
        for (const Cache& cache : caches)
            CHECK(named({"the length"}, same(static_cast<double>(cache.length), n)));
    }
}

}  // namespace gradus::lesson_24

// SPDX-License-Identifier: MIT
#include "nn/files/weights.h"

#include <doctest/doctest.h>

#include <memory>

#include "nn/files/atomic_file.h"
#include "nn/layers/linear.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

struct Net {
    Linear hidden, out;

    explicit Net(std::uint64_t seed, Index width = 3) {
        Initialiser init(seed);
        hidden = Linear(2, width, init);
        out = Linear(width, 1, init);
    }
    void parameters(auto&& visit) {
        visit("hidden", hidden);
        visit("out", out);
    }
};

bool same(Net& a, Net& b) {
    const auto x = named_parameters(a), y = named_parameters(b);
    for (std::size_t i = 0; i < x.size(); ++i)
        for (Index k = 0; k < x[i].variable.value().count(); ++k)
            if (x[i].variable.value()[k] != y[i].variable.value()[k]) return false;
    return true;
}

}  // namespace

TEST_CASE("any module is saved and loaded, bit for bit") {
    const TemporaryFolder folder;
    const std::string path = folder.file("net.safetensors");
    Net net(1), other(2);
    CHECK_FALSE(same(net, other));
    save(path, net);
    load(path, other);
    CHECK(same(net, other));
}

TEST_CASE("a file of another module is refused, and nothing of this one is changed") {
    const TemporaryFolder folder;
    const std::string path = folder.file("net.safetensors");
    Net wide(1, 4), net(2), before(2);
    save(path, wide);
    CHECK_THROWS_WITH_AS(load(path, net), doctest::Contains("has shape (2, 4), the model has"),
                         FileError);
    save(path, net.hidden);
    CHECK_THROWS_WITH_AS(load(path, net), doctest::Contains("no tensor \"hidden.weight\""),
                         FileError);
    save(path, net);
    CHECK_THROWS_WITH_AS(load(path, *std::make_unique<Linear>(net.hidden)),
                         doctest::Contains("no tensor \"weight\""), FileError);
    CHECK(same(net, before));
}

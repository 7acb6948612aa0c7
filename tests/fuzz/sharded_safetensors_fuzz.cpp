// SPDX-License-Identifier: MIT
// The index of a model in several files, two of which are there.
#include "nn/files/weights/sharded_safetensors.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader sharded_safetensors_reader(
    "sharded_safetensors",
    [](std::string_view bytes) {
        static const bool written = [] {
            save_safetensors(fuzz::folder() + "/a", {{"w", Tensor({2, 3})}, {"b", Tensor({3})}});
            save_safetensors(fuzz::folder() + "/b", {{"v", Tensor({4})}});
            return true;
        }();
        fuzz::check(written, "the shards");
        const ShardedSafetensors tensors(fuzz::file("index.json", bytes));
        for (const std::string& name : tensors.names()) {
            fuzz::check(tensors.contains(name), "a tensor is lost");
            fuzz::check(tensors.tensor(name).rank() == Index(tensors.shape(name).size()),
                        "its rank");
        }
    },
    {R"({"metadata":{"total_size":52},"weight_map":{"w":"a","b":"a","v":"b"}})",
     R"({"weight_map":{"v":"b"},"more":[[1,{"x":null}]]})"});

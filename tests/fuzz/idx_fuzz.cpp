// SPDX-License-Identifier: MIT
// An IDX file, such as MNIST's.
#include "nn/files/datasets/idx.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader idx_reader("idx",
                                     [](std::string_view bytes) {
                                         const NumberArray array = idx_array(bytes, "file");
                                         fuzz::check(idx(array) == bytes, "the same file again");
                                         if (array.shape.count() > 0)
                                             array[array.shape.count() - 1];
                                     },
                                     {idx({NumberType::u8, {2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}}),
                                      idx({NumberType::f32, {1}, {0, 0, 0, 1}}),
                                      idx({NumberType::i16, {2, 0}, {}})});

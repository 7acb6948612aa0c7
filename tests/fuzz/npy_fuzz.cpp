// SPDX-License-Identifier: MIT
// A .npy file. What is read is the same after it has been written.
#include "nn/files/datasets/npy.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string in_fortran_order() {
    std::string bytes = npy({NumberType::i16, {2, 2}, {1, 0, 2, 0, 3, 0, 4, 0}});
    return bytes.replace(bytes.find("False"), 5, "True ");
}

static const fuzz::Reader npy_reader("npy",
                                     [](std::string_view bytes) {
                                         const NumberArray array = npy_array(bytes, "file");
                                         const NumberArray again = npy_array(npy(array), "again");
                                         fuzz::check(again.type == array.type, "the type");
                                         fuzz::check(again.shape == array.shape, "the shape");
                                         fuzz::check(again.bytes == array.bytes, "the elements");
                                         if (array.shape.count() > 0)
                                             array[array.shape.count() - 1];
                                     },
                                     {npy({NumberType::f32, {1, 2}, {0, 0, 0, 1, 0, 0, 0, 2}}),
                                      npy({NumberType::boolean, {}, {1}}), in_fortran_order()});

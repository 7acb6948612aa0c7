// SPDX-License-Identifier: MIT
// Where the digits of examples/digits.cpp come from: drawn as needed, or files such as MNIST's.
#pragma once

#include <filesystem>

#include "nn/all.h"

namespace gradus {

// What stands on the command line.
struct DigitFlags {
    std::string read;            // a photo
    std::string images, labels;  // files to learn from
    std::string write;           // the folder for such files
    std::string picture;

    DigitFlags(int argc, char** argv) {
        const std::vector<std::string> words(argv + 1, argv + argc);
        for (std::size_t i = 0; i < words.size(); ++i) {
            std::string* value = words[i] == "--read"     ? &read
                                 : words[i] == "--images" ? &images
                                 : words[i] == "--labels" ? &labels
                                 : words[i] == "--write"  ? &write
                                                          : nullptr;
            if (!value) {
                require(picture.empty() && !words[i].starts_with("--"),
                        "digits: unknown argument \"{}\"", printable(words[i]));
                picture = words[i];
                continue;
            }
            require(i + 1 < words.size(), "digits: {} needs one {}", words[i],
                    value == &read    ? "photo"
                    : value == &write ? "folder"
                                      : "file");
            *value = words[++i];
        }
        require(images.empty() == labels.empty(), "digits: --images and --labels need each other");
        require(read.empty() || (picture.empty() && write.empty()),
                "digits: --read needs one photo");
    }
};

struct DigitSets {
    LabelledImages train, test;
};

// 4000 drawn digits, and 1000 others; or those of the files, of which the last thousand, a fifth if
// there are fewer than 5000, are held out.
inline DigitSets digit_sets(const DigitFlags& flags) {
    constexpr Index kTrain = 4000, kTest = 1000, kLeast = 500;
    if (flags.images.empty())
        return {stroke_digits(1, Stream::data, 0, kTrain),
                stroke_digits(1, Stream::validation, 0, kTest)};
    const LabelledImages all = read_labelled_images(flags.images, flags.labels);
    const Index n = all.labels.count(), held_out = std::min(kTest, n / 5);
    require(n >= kLeast, "digits: {} images are too few: at least {} are needed", n, kLeast);
    const auto part = [&](Index begin, Index end) {
        const auto at = all.labels.id.begin();
        return LabelledImages{all.images.slice(begin, end),
                              Tokens({end - begin}, {at + begin, at + end})};
    };
    return {part(0, n - held_out), part(n - held_out, n)};
}

// Writes both sets as one pair of MNIST's files. Returns the exit code.
inline int write_digits(const DigitSets& sets, const std::string& folder) {
    const Index n = sets.train.images.size(0), area = sets.train.images.size(1);
    const Index m = sets.test.images.size(0);
    LabelledImages all{Tensor::empty({n + m, area}), sets.train.labels};
    all.images.slice(0, n).copy_from(sets.train.images);
    all.images.slice(n, n + m).copy_from(sets.test.images);
    all.labels.id.insert(all.labels.id.end(), sets.test.labels.id.begin(),
                         sets.test.labels.id.end());
    std::filesystem::create_directories(folder);
    const std::string images = folder + "/images-idx3-ubyte.gz";
    const std::string labels = folder + "/labels-idx1-ubyte.gz";
    write_labelled_images(all, images, labels);
    fmt::print("{} digits. To learn from them:\n./gradus example digits --images {} --labels {}\n",
               n + m, shell_word(images), shell_word(labels));
    return 0;
}

}  // namespace gradus

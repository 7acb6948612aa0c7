// SPDX-License-Identifier: MIT
// Reads drawn digits with a convolutional network, shows the ones it misreads, and runs the control
// that every experiment needs: with shuffled labels there must be nothing to learn.
//     ./gradus example digits [misread.svg | misread.png]
//     ./gradus example digits --read photo.jpg     what you wrote and photographed
//     ./gradus example digits --images train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz
//     ./gradus example digits --write DIR          our drawings as such files
#include <algorithm>

#include "examples/digits_files.h"
#include "examples/digits_photo.h"
#include "examples/digits_reader.h"
#include "nn/all.h"

using namespace gradus;

constexpr Index B = 100, kSide = 16;

// Six epochs, in batches of a hundred, with a falling learning rate.
DigitReader teach(const std::string& name, const Tensor& images, const std::vector<int>& labels,
                  const LabelledImages& test) {
    const Index n = images.size(0) / B * B;  // whole batches
    DigitReader reader(Initialiser(1));
    Task task{.name = name, .unit = "nats per digit", .uniform_baseline = std::log(10.0)};
    task.loss = [&](Index step, Index) {
        const Index at = step * B % n;
        const Tensor x = images.slice(at, at + B);                                 // (B, 256)
        const Tokens digits({B}, {labels.begin() + at, labels.begin() + at + B});  // (B)
        return cross_entropy(reader(x), digits);  // (B, 256) -> (B, 10) -> ()
    };
    task.evaluate = [&](Effort) {
        return evaluate_classes(reader(test.images).value(), test.labels);
    };
    fit(reader, task,
        {.training = {
             .steps = 6 * n / B, .warmup = 0, .lr = 0.006, .min_lr = 0, .clip = 0, .adamw = {}}});
    return reader;
}

int main(int argc, char** argv) try {
    const DigitFlags flags(argc, argv);
    const DigitSets sets = digit_sets(flags);
    const LabelledImages &train = sets.train, &test = sets.test;  // (4000, 256), (1000, 256)
    if (!flags.write.empty()) return write_digits(sets, flags.write);
    if (!flags.read.empty()) {
        const PhotoDigit digit = find_digit(read_grey_image(flags.read));
        if (!digit.problem.empty()) return no_digit(digit);  // before the training
        return read_digit(digit, teach("digits", train.images, train.labels.id, test));
    }

    // You should see 99.8%, and 12.2% where there was nothing to learn.
    DigitReader reader = teach("digits", train.images, train.labels.id, test);
    const Tensor scores = reader(test.images).value();  // (1000, 10)
    const double right = accuracy(scores, test.labels);
    fmt::print("{} parameters read {:.1f} % right\n", parameter_count(reader), 100 * right);

    std::vector<int> shuffled = train.labels.id;
    Random(2).shuffle(shuffled);
    const DigitReader guesser = teach("shuffled labels", train.images, shuffled, test);
    const double chance = accuracy(guesser(test.images).value(), test.labels);
    fmt::print("taught with shuffled labels: {:.1f} %\n", 100 * chance);

    // The misread digits, each with its label and the prediction.
    ImageSheet sheet;
    sheet.rows = sheet.columns = kSide;
    for (Index i = 0; i < test.labels.count(); ++i) {
        const Index read = argmax(&scores[i * 10], 10), truth = test.labels.id[i];
        const Real* image = &test.images[i * kSide * kSide];
        if (read != truth)
            sheet.images.push_back(
                {fmt::format("{} read as {}", truth, read), {image, image + kSide * kSide}});
    }
    sheet.caption = {fmt::format("It misread {} of {}", sheet.images.size(), test.labels.count()),
                     "which of them would have fooled you, too?",
                     "labels that do not match their drawings."};
    if (sheet.images.empty()) {
        fmt::print("{}.\n", sheet.caption.title);
        return 0;
    }
    if (!flags.picture.empty()) write_picture(flags.picture, sheet);
    sheet.images.resize(std::min<std::size_t>(sheet.images.size(), 4));
    fmt::print("{}, for example:\n\n{}", sheet.caption.title, text(sheet, terminal_style()));
    return !flags.images.empty() || (right >= 0.99 && chance < 0.15) ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
}

// SPDX-License-Identifier: MIT
// Reads drawn digits with a convolutional network, shows the ones it misreads, and runs the control
// that every experiment needs: with shuffled labels there must be nothing to learn.
//     ./gradus example digits [misread.svg | misread.png]
//     ./gradus example digits --read photo.jpg     what you wrote and photographed
#include <algorithm>

#include "examples/digits_photo.h"
#include "examples/digits_reader.h"
#include "nn/all.h"

using namespace gradus;

constexpr Index kTrain = 4000, kTest = 1000, B = 100, kSteps = 6 * kTrain / B, kSide = 16;

// Six epochs, in batches of a hundred, with a falling learning rate.
DigitReader teach(const std::string& name, const Tensor& images, const std::vector<int>& labels,
                  const LabelledImages& test) {
    DigitReader reader(Initialiser(1));
    Task task{.name = name, .unit = "nats per digit", .uniform_baseline = std::log(10.0)};
    task.loss = [&](Index step, Index) {
        const Index at = step * B % kTrain;
        const Tensor x = images.slice(at, at + B);                                 // (B, 256)
        const Tokens digits({B}, {labels.begin() + at, labels.begin() + at + B});  // (B)
        return cross_entropy(reader(x), digits);  // (B, 256) -> (B, 10) -> ()
    };
    task.evaluate = [&](Effort) {
        return evaluate_classes(reader(test.images).value(), test.labels);
    };
    fit(reader, task,
        {.training = {
             .steps = kSteps, .warmup = 0, .lr = 0.006, .min_lr = 0, .clip = 0, .adamw = {}}});
    return reader;
}

int main(int argc, char** argv) try {
    const LabelledImages train = stroke_digits(1, Stream::data, 0, kTrain);      // (4000, 256)
    const LabelledImages test = stroke_digits(1, Stream::validation, 0, kTest);  // (1000, 256)

    if (argc > 1 && std::string_view(argv[1]) == "--read") {
        require(argc == 3, "digits: --read needs one photo");
        const PhotoDigit digit = find_digit(read_grey_image(argv[2]));
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
    for (Index i = 0; i < kTest; ++i) {
        const Index read = argmax(&scores[i * 10], 10), truth = test.labels.id[i];
        const Real* image = &test.images[i * kSide * kSide];
        if (read != truth)
            sheet.images.push_back(
                {fmt::format("{} read as {}", truth, read), {image, image + kSide * kSide}});
    }
    sheet.caption = {fmt::format("It misread {} of {}", sheet.images.size(), kTest),
                     "which of them would have fooled you, too?",
                     "labels that do not match their drawings."};
    if (argc > 1) write_picture(argv[1], sheet);
    sheet.images.resize(std::min<std::size_t>(sheet.images.size(), 4));
    fmt::print("{}, for example:\n\n{}", sheet.caption.title, text(sheet, terminal_style()));
    return right >= 0.99 && chance < 0.15 ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
}

// SPDX-License-Identifier: MIT
// Reads drawn digits with a network of two layers, shows those that it misreads, and makes the
// control that every experiment needs: with shuffled labels there must be nothing to learn.
//     ./gradus example digits [misread.png]
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

#include <array>

#include "autograd/elementwise.h"
#include "nn/data/strokes.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "nn/optimiser.h"

using namespace gradus;

constexpr Index kTrain = 4000, kTest = 1000, B = 100, kSteps = 30 * kTrain / B, kSide = 16;

// 256 pixels -> 64 features -> 10 scores, one a digit.
struct Reader {
    Linear hidden, scores;

    explicit Reader(Initialiser init) : hidden(kSide * kSide, 64, init), scores(64, 10, init) {}
    Variable operator()(const Variable& x) const { return scores(relu(hidden(x))); }
    void parameters(auto&& visit) { visit("hidden", hidden), visit("scores", scores); }
};

// Thirty times through the pictures, a hundred at a time, in ever smaller steps.
Reader teach(const Tensor& images, const std::vector<int>& labels) {
    Reader reader(Initialiser(1));
    AdamW optimiser(named_parameters(reader));
    const WarmupCosine rate{.steps = kSteps, .lr = 0.006, .min_lr = 0};
    for (Index step = 0; step < kSteps; ++step) {
        const Index at = step * B % kTrain;
        const Tensor x = images.slice(at, at + B);                                 // (B, 256)
        const Tokens digits({B}, {labels.begin() + at, labels.begin() + at + B});  // (B)
        optimiser.zero_grad();
        cross_entropy(reader(x), digits).backward();  // (B, 256) -> (B, 10) -> ()
        optimiser.step(static_cast<Real>(rate(step)));
    }
    return reader;
}

// A picture as text, two rows of pixels a line: letters are twice as high as wide.
std::string text(const Tensor& image) {
    std::string lines;
    for (Index y = 0; y < kSide; y += 2, lines += '\n')
        for (Index x = 0; x < kSide; ++x)
            lines +=
                " .:-=+*#%@"[static_cast<int>((image.at(y, x) + image.at(y + 1, x)) * Real(4.99))];
    return lines;
}

// Puts a picture on a sheet (height, width, 3), each pixel `zoom` wide, its ink in a colour.
void paste(const Tensor& sheet, Index left, Index top, Index zoom, const Tensor& image,
           std::array<Real, 3> colour) {
    for (Index y = 0; y < image.size(0) * zoom; ++y)
        for (Index i = 0; i < image.size(1) * zoom * 3; ++i)  // x and colour
            sheet.at(top + y, left + i / 3, i % 3) =
                255 - image.at(y / zoom, i / 3 / zoom) * (255 - colour[i % 3]);
}

int main(int argc, char** argv) {
    const LabelledImages train = stroke_digits(1, Stream::data, 0, kTrain);      // (4000, 256)
    const LabelledImages test = stroke_digits(1, Stream::validation, 0, kTest);  // (1000, 256)

    // You should see 98.2 %, and 10.8 % where there was nothing to learn.
    Reader reader = teach(train.images, train.labels.id);
    const Tensor scores = reader(test.images).value();  // (1000, 10)
    const double right = accuracy(scores, test.labels);
    fmt::print("{} parameters read {:.1f} % right\n", parameter_count(reader), 100 * right);

    std::vector<int> shuffled = train.labels.id;
    Random(2).shuffle(shuffled);
    const double chance = accuracy(teach(train.images, shuffled)(test.images).value(), test.labels);
    fmt::print("taught with shuffled labels: {:.1f} %\n", 100 * chance);

    // The misread ones on a sheet, six a row, each above what it is and what it was taken for.
    std::vector<Index> wrong;
    for (Index i = 0; i < kTest; ++i)
        if (argmax(&scores[i * 10], 10) != test.labels.id[i]) wrong.push_back(i);
    const Tensor sheet = Tensor::full({(std::ssize(wrong) + 5) / 6 * 144, 6 * 104, 3}, 255);
    for (Index k = 0; k < std::ssize(wrong); ++k) {
        const Tensor image = test.images.slice(wrong[k], wrong[k] + 1).reshape({kSide, kSide});
        const int truth = test.labels.id[wrong[k]];
        const int read = static_cast<int>(argmax(&scores[wrong[k] * 10], 10));
        const Index left = k % 6 * 104 + 4, top = k / 6 * 144 + 4;
        paste(sheet, left, top, 6, image, {0, 0, 0});
        paste(sheet, left + 12, top + 98, 1, draw_digit(truth, {}, 36), {0, 90, 180});  // blue
        paste(sheet, left + 48, top + 98, 1, draw_digit(read, {}, 36), {220, 100, 0});  // orange
        if (k < 2) fmt::print("\nthis {} was read as {}:\n{}", truth, read, text(image));
    }
    const char* path = argc > 1 ? argv[1] : "misread.png";
    const std::vector<unsigned char> bytes(sheet.data(), sheet.data() + sheet.count());
    const bool saved = stbi_write_png(path, 6 * 104, sheet.size(0), 3, bytes.data(), 0);
    fmt::print("\n{}{}\n", saved ? "all of them, truth in blue: " : "cannot write ", path);
    return saved && right >= 0.97 && chance < 0.15 ? 0 : 1;
}

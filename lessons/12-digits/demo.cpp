// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include "lessons/12-digits/digits.h"
#include "tensor/ops.h"

namespace gradus::lesson_12 {
namespace {

// The mean loss of every step of a training, seen where the library computes it.
class Losses {
 public:
    Losses() {
        before_ = ops().cross_entropy_forward.function();
        list_.clear();
        ops().cross_entropy_forward = record;
    }
    ~Losses() { ops().cross_entropy_forward = before_; }
    Losses(const Losses&) = delete;
    Losses& operator=(const Losses&) = delete;

    // Averages of `together` steps each, as a line.
    Line line(const std::string& name, std::size_t together) const {
        Line line{name, {}, {}};
        for (std::size_t at = together; at <= list_.size(); at += together) {
            double sum = 0;
            for (std::size_t i = at - together; i < at; ++i) sum += list_[i];
            line.x.push_back(static_cast<double>(at));
            line.y.push_back(sum / static_cast<double>(together));
        }
        return line;
    }

 private:
    static void record(Real* loss, Real* lse, const Real* x, const int* target, Index rows,
                       Index cols) {
        before_(loss, lse, x, target, rows, cols);
        list_.push_back(std::accumulate(loss, loss + rows, 0.0) / static_cast<double>(rows));
    }

    static inline decltype(Ops::cross_entropy_forward)::Function before_ = nullptr;
    static inline std::vector<double> list_;
};

struct Result {
    Reader reader{Initialiser(1)};
    Line losses;
    std::vector<int> read;
    double right = 0;
};

Result teach(const LabelledImages& train, const LabelledImages& test, const std::string& name,
             Index epochs) {
    Result result;
    Random random(1);
    const Losses losses;
    part().train(result.reader, train, epochs, kBatch, kRate, random);
    result.losses = losses.line(name, 20);
    result.read = part().predict(part().forward(result.reader, test.images).value());
    result.right = part().accuracy(result.read, test.labels.id);
    return result;
}

// What the two most influential hidden units look at: their positive and their negative weights,
// one per pixel, and the digits for which ink there speaks most.
ImageSheet hidden_units(const Reader& reader) {
    const Tensor &in = reader.hidden.weight.value(), &out = reader.scores.weight.value();
    const Index H = in.size(1), D = out.size(1);
    std::vector<Index> units(static_cast<std::size_t>(H));
    std::iota(units.begin(), units.end(), 0);
    const auto influence = [&](Index h) {
        return std::inner_product(&out[h * D], &out[h * D] + D, &out[h * D], 0.0);
    };
    std::stable_sort(units.begin(), units.end(),
                     [&](Index a, Index b) { return influence(a) > influence(b); });
    ImageSheet sheet;
    sheet.rows = sheet.columns = kSide;
    for (std::size_t k = 0; k < 2; ++k) {
        const Index h = units[k];
        double largest = 0;
        for (Index p = 0; p < kPixels; ++p) largest = std::max(largest, std::abs(in.at(p, h)));
        const auto [lowest, highest] = std::minmax_element(&out[h * D], &out[h * D] + D);
        for (const double sign : {1.0, -1.0}) {
            Image image;
            image.label =
                fmt::format("unit {}: a {}", h, (sign > 0 ? highest : lowest) - &out[h * D]);
            for (Index p = 0; p < kPixels; ++p)
                image.values.push_back(std::max(0.0, sign * in.at(p, h) / largest));
            sheet.images.push_back(image);
        }
    }
    sheet.caption = {
        "What two of the hidden units look at",
        "left, the pixels with positive weights: ink there raises most the score of the "
        "digit below. Right, those with negative weights: ink there speaks for the "
        "other digit.",
        "only noise: the first weights have not been trained."};
    return sheet;
}

struct Operation {
    std::string name;
    std::uint64_t calls;
    std::string lesson;  // the number of yours that is in its place; "": built in
};

// Every operation of the library with the calls so far.
std::vector<Operation> operations() {
    std::vector<Operation> list;
#define OP(name, arguments) list.push_back({#name, ops().name.calls(), holder(#name).substr(0, 2)});
#include "tensor/ops.inc"
#undef OP
    return list;
}

void line(const Stage& stage, const std::string& name, std::uint64_t calls,
          const std::string& lesson) {
    stage.print(fmt::format("{:22} {:6} {:>9}", name, calls,
                            lesson.empty() ? "built in" : "yours, " + lesson));
}

// The accuracy of the Net of lesson 10 with the weights of the reader.
double read_by_net(Reader reader, const LabelledImages& test) {
    Initialiser init(1);
    const AnyModule net = your_net(kPixels, reader.hidden.bias.shape()[0], 10, init);
    const auto from = named_parameters(reader), to = net.parameters();
    for (std::size_t i = 0; i < from.size(); ++i)
        to.at(i).variable.value().copy_from(from[i].variable.value());
    return part().accuracy(part().predict(net.forward(test.images).value()), test.labels.id);
}

const Demo demo([](Stage& stage) {
    const LabelledImages train = drawings(Stream::data, kTrain);
    const LabelledImages test = drawings(Stream::validation, kTest);
    const auto image = [&test](Index i) { return test.images.slice(i, i + 1); };
    const auto digit = [&test](Index i) { return test.labels.id[static_cast<std::size_t>(i)]; };
    ImageSheet sheet;
    sheet.rows = sheet.columns = kSide;
    const auto put = [&](Index i, const std::string& label) {
        const auto pixels = image(i).to_vector();
        sheet.images.push_back({label, {pixels.begin(), pixels.end()}});
    };

    sheet.caption.title = "What your network learns to read, each drawing with its label";
    sheet.caption.look_for = "strokes that lean, stretch and end where they like.";
    sheet.caption.wrong = "labels that do not fit their drawings.";
    for (const Index i : {13, 24, 35, 46}) put(i, fmt::format("a {}", digit(i)));
    stage.show("drawings", sheet);

    const auto before = operations();
    const std::uint64_t layers_before = Layer::calls;
    const Result taught = teach(train, test, "right labels", kEpochs);
    const auto after = operations();
    const std::uint64_t layers = Layer::calls - layers_before;
    LabelledImages shuffled = train;
    Random(2).shuffle(shuffled.labels.id);
    const Result control = teach(shuffled, test, "shuffled labels", kEpochs);

    LineChart chart;
    chart.caption = {"The loss of each step, in the mean of 20",
                     "one line falls to nearly 0. The other, of the same drawings with shuffled "
                     "labels, stays at the uniform baseline, ln 10 = 2.30.",
                     "both fall: the labels reach the network by a way they should not; or neither "
                     "does: images and labels do not belong together."};
    chart.x = {"step"}, chart.y = {"loss, nats"};
    chart.lines = {taught.losses, control.losses};
    chart.levels = {{"uniform baseline, ln 10", std::log(10.0)}};
    stage.show("loss", chart);
    stage.print(fmt::format("{} drawings that it never saw:", kTest));
    stage.print(fmt::format("right labels:    {:4.1f} % read right", 100 * taught.right));
    stage.print(fmt::format("shuffled labels: {:4.1f} % read right\n\n", 100 * control.right));

    std::vector<Index> wrong;
    for (Index i = 0; i < kTest; ++i)
        if (taught.read[static_cast<std::size_t>(i)] != digit(i)) wrong.push_back(i);
    if (!wrong.empty()) {
        sheet.images.clear();
        sheet.caption = {fmt::format("It misread {}. The first of them", wrong.size()),
                         "which of them would have fooled you, too?",
                         "labels that do not fit their drawings."};
        for (std::size_t k = 0; k < std::min<std::size_t>(wrong.size(), 6); ++k)
            put(wrong[k], fmt::format("a {}, read {}", digit(wrong[k]),
                                      taught.read[static_cast<std::size_t>(wrong[k])]));
        stage.show("misread", sheet);
        BarChart bars;
        bars.caption.title = "How sure was it of the first? Softmax of its scores:";
        bars.caption.look_for =
            "one long bar: it was sure, and wrong. Two long ones: it hesitated.";
        bars.caption.wrong = "bars that do not add up to 1.";
        bars.value_axis = "probability";
        const auto p = softmax(part().forward(taught.reader, image(wrong[0]))).value().to_vector();
        bars.values.assign(p.begin(), p.end());
        for (int d = 0; d < 10; ++d) bars.labels.push_back(fmt::format("{}", d));
        stage.show("sure", bars);
    }

    stage.show("hidden", hidden_units(taught.reader));

    stage.say("What ran while it learnt, and how often:");
    std::size_t yours = 0, all = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const std::uint64_t calls = after[i].calls - before[i].calls;
        if (calls == 0) continue;
        ++all, yours += !after[i].lesson.empty();
        line(stage, after[i].name, calls, after[i].lesson);
    }
    stage.print("");
    stage.say(fmt::format(
        "Yours: {} of these {}. The others are built in: no lesson has them, or yours has "
        "not passed, there or in this lesson.",
        yours, all));
    const std::string ten = is_own("10-modules") ? "10" : "";
    line(stage, "Linear", layers, ten);
    line(stage, "Net", 1, ten);
    stage.print("");
    stage.say(
        fmt::format("The Net of lesson 10, with the weights of this reader, reads {:.1f} % "
                    "right, too.",
                    100 * read_by_net(taught.reader, test)));
});

const WorkedNumbers numbers([] {
    const double h0 = std::tanh(2.0), h1 = std::tanh(-0.5);
    fmt::print("hidden: tanh(2) = {:.4f}, tanh(-0.5) = {:.4f}\n", h0, h1);
    fmt::print("scores: {:.4f} {:.4f} {:.4f}\n", h0, h1, -2 * h0 + 3 * h1 + 0.1);
    fmt::print("weights {:.1f} {:.1f}, accuracy 3 of 4 = {:.2f}\n", 0.5, 0.1, 3 / 4.0);
    fmt::print("ln 10 = {:.2f}\n", std::log(10.0));
});

}  // namespace
}  // namespace gradus::lesson_12

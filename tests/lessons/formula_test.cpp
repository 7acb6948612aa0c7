// SPDX-License-Identifier: MIT
#ifdef GRADUS_DOUBLE  // the course is built on the library in double
#include "lessons/runner/formula.h"

#include <doctest/doctest.h>

#include "tests/text.h"

using namespace gradus;
using namespace gradus::lessons;

namespace {

std::string unicode(const char* tex) {
    return one_line(read_formula(tex), Letters::unicode);
}
std::string ascii(const char* tex) {
    return one_line(read_formula(tex), Letters::ascii);
}
// Without the outer element.
std::string math(const char* tex) {
    const std::string all = mathml(read_formula(tex), Place::text);
    const std::size_t begin = all.find("\">") + 2;
    return all.substr(begin, all.rfind("</math>") - begin);
}

}  // namespace

TEST_CASE("formula: one line of Unicode and of ASCII, as a person would type it") {
    const struct {
        const char *tex, *unicode, *ascii;
    } known[] = {
        {"x W + b", "x W + b", "x W + b"},
        {"2x", "2x", "2x"},
        {"1 - 0.9^2", "1 - 0.9²", "1 - 0.9^2"},
        {"c_{ij} = \\sum_{k=0}^{K-1} a_{ik}\\, b_{kj}", "cᵢⱼ = Σ[k=0..K-1] aᵢₖ bₖⱼ",
         "c_ij = sum[k=0..K-1] a_ik b_kj"},
        {"\\frac{\\partial L}{\\partial x}", "∂L/∂x", "dL/dx"},
        {"y_j = \\frac{e^{x_j - m}}{\\sum_k e^{x_k - m}}", "yⱼ = e^(xⱼ - m)/(Σₖ e^(xₖ - m))",
         "y_j = e^(x_j - m)/(sum[k] e^(x_k - m))"},
        // A fraction before a factor needs its brackets: x/2 (1 + t) could be read either way.
        {"\\frac{x}{2}\\,(1 + t)", "(x/2) (1 + t)", "(x/2) (1 + t)"},
        {"\\frac{x}{2} + t", "x/2 + t", "x/2 + t"},
        {"-\\frac{1}{n + 1} \\sum_i \\ln p_i", "-(1/(n + 1)) Σᵢ ln pᵢ",
         "-(1/(n + 1)) sum[i] ln p_i"},
        {"\\sqrt{2/\\pi}\\,(x + 1)", "√(2/π) (x + 1)", "sqrt(2/pi) (x + 1)"},
        {"\\frac{\\hat m_t}{\\sqrt{\\hat v_t} + \\varepsilon}", "m\u0302ₜ/(√v\u0302ₜ + ε)",
         "m_hat_t/(sqrt(v_hat_t) + eps)"},
        {"\\beta_1^t", "β₁ᵗ", "beta_1^t"},
        // No small b: then none of the formula's subscripts is small.
        {"p_{ab} = c_{ak}", "p_ab = c_ak", "p_ab = c_ak"},
        {"dx_i \\mathrel{+}= dy_i\\,(1 - y_i^2)", "dxᵢ += dyᵢ (1 - yᵢ²)",
         "dx_i += dy_i (1 - y_i^2)"},
        {"|\\,h\\,(dx \\cdot v)\\,|", "|h (dx · v)|", "|h (dx * v)|"},
        {"\\lfloor \\text{at} / \\text{size} \\rfloor", "⌊at/size⌋", "floor(at/size)"},
        {"w \\leftarrow -2\\,\\mathrm{lr}\\, w, \\qquad k \\ne j", "w ← -2 lr w,   k ≠ j",
         "w <- -2 lr w,   k != j"},
        {"y = \\max(x, 0)", "y = max(x, 0)", "y = max(x, 0)"},
        {"s = \\begin{cases} 0 & \\text{if so} \\\\ u' & \\text{else} \\end{cases}",
         "s = { 0: if so\n    { u': else", "s = { 0: if so\n    { u': else"},
    };
    for (const auto& one : known) {
        CAPTURE(one.tex);
        CHECK(unicode(one.tex) == one.unicode);
        CHECK(ascii(one.tex) == one.ascii);
    }
}

TEST_CASE("formula: MathML, with the line as its alternative text") {
    CHECK(mathml(read_formula("x^2"), Place::text) ==
          "<math alttext=\"x²\"><msup><mi>x</mi><mn>2</mn></msup></math>");
    CHECK(
        contains(mathml(read_formula("x < y"), Place::display),
                 "<math displaystyle=\"true\" alttext=\"x &lt; y\"><mrow><mi>x</mi><mo>&lt;</mo>"));
    CHECK(math("\\frac{a}{b c}") == "<mfrac><mi>a</mi><mrow><mi>b</mi><mi>c</mi></mrow></mfrac>");
    CHECK(math("a_{ik}") == "<msub><mi>a</mi><mrow><mi>i</mi><mi>k</mi></mrow></msub>");
    CHECK(contains(math("\\sum_k^n x"), "<munderover><mo>∑</mo><mi>k</mi><mi>n</mi></munderover>"));
    CHECK(contains(math("\\mathrm{lr} \\cdot g"), "<mi>lr</mi><mo>·</mo><mi>g</mi>"));
    CHECK(contains(math("\\text{for each } i"), "<mtext>for\u00a0each\u00a0</mtext><mi>i</mi>"));
    CHECK(contains(math("y = -x - 1"), "<mo>=</mo><mo form=\"prefix\">−</mo><mi>x</mi><mo>−</mo>"));
    CHECK(contains(math("\\left( a \\right)"),
                   "<mo stretchy=\"true\" style=\"font-size:1.6em\">(</mo>"));
    CHECK(contains(math("(a)"), "<mo stretchy=\"false\">(</mo>"));
    CHECK(contains(math("\\begin{cases} 0 & a \\\\ 1 & b \\end{cases}"),
                   "<mtr><mtd><mn>1</mn></mtd><mtd><mi>b</mi></mtd></mtr></mtable>"));
}

TEST_CASE("formula: divided at wide gaps only") {
    const auto parts = pieces(read_formula("y = a\\, b, \\qquad x = 1 \\quad (k)"));
    REQUIRE(parts.size() == 3);
    CHECK(one_line(parts[0], Letters::ascii) == "y = a b,");
    CHECK(one_line(parts[1], Letters::ascii) == "x = 1");
    CHECK(one_line(parts[2], Letters::ascii) == "(k)");
}

TEST_CASE("formula: what the lessons do not use is refused") {
    const auto refused = [](const char* tex, const char* what) {
        CAPTURE(tex);
        CHECK_THROWS_WITH(read_formula(tex), doctest::Contains(what));
    };
    refused("x \\foo y", "formula: cannot read \\foo in: x \\foo y");
    refused("\\frac{1}{2", "a formula without its }");
    refused("x}", "cannot read what begins } in: x}");
    refused("a_i_j", "two _ of one symbol");
    refused("x & y", "what begins &");
    refused("x > y", "cannot read \">\"");
    refused("\\text{a $b$}", "mark-up inside \\text");
    refused("\\left x", "\\left before no bracket");
    refused("\\begin{matrix} a \\end{matrix}", "without its {cases}");
    refused("x^", "cannot read");
}
#endif

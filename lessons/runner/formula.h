// SPDX-License-Identifier: MIT
// Formulas: reads the part of TeX that the lessons use, and writes it as MathML for a page, and as a
// line of Unicode or ASCII for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus::lessons {

enum class Part {
    row,       // parts, one after the other
    name,      // a variable: one italic letter
    word,      // upright: tanh, max, lr, and the words of \text
    number,    // 0.8
    sign,      // an operator or relation, with space around it: = + \cdot
    mark,      // without space around it: ( ) | / and a sign in front of a number
    gap,       // \, \quad \qquad: `text` is its width in ems
    fraction,  // parts: numerator, denominator
    root,      // one part
    hat,       // one part
    scripts,   // parts: base, subscript, superscript; one of the two may be an empty row
    cases      // parts: value, condition, value, condition ...
};

struct Formula {
    Part kind = Part::row;
    std::string text = {};  // in Unicode
    std::vector<Formula> parts = {};
    bool spaced = false;  // a blank stands before it in the source
    bool large = false;   // of a mark: grows with what it encloses
};

// Throws std::invalid_argument: "formula: unknown \foo in: x \foo y".
Formula read_formula(std::string_view tex);

// The formula divided at its wide gaps (\quad and \qquad): what may stand on several lines.
std::vector<Formula> pieces(const Formula& formula);

enum class Place { text, display };  // in a line, or on lines of its own
// <math>, with the Unicode form as its alttext.
std::string mathml(const Formula& formula, Place place);

enum class Letters { unicode, ascii };
// "yᵢ = eˣ/(1 + eˣ)", "y_i = e^x/(1 + e^x)". Cases take a line each.
std::string one_line(const Formula& formula, Letters letters);

}  // namespace gradus::lessons

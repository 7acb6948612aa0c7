// SPDX-License-Identifier: MIT
// The random walk over the graph of idioms, its exact probabilities, and the game's referee.
#include "nn/data/idioms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

namespace {

constexpr std::string_view kComma = "，";
constexpr std::size_t kCharacter = 3;  // bytes in UTF-8, also for the comma
constexpr std::size_t kIdiom = 4 * kCharacter;
constexpr std::size_t kStride = kIdiom + kCharacter;  // from one idiom of a document to the next

std::string_view first(std::string_view idiom) {
    return idiom.substr(0, kCharacter);
}
std::string_view last(std::string_view idiom) {
    return idiom.substr(idiom.size() - kCharacter);
}

// Nodes reachable from `start`, including itself, along edges[node].
std::vector<bool> reachable(const std::vector<std::vector<int>>& edges, int start) {
    std::vector<bool> seen(edges.size());
    std::vector<int> waiting = {start};
    seen[start] = true;
    while (!waiting.empty()) {
        const int node = waiting.back();
        waiting.pop_back();
        for (int to : edges[node])
            if (!seen[to]) {
                seen[to] = true;
                waiting.push_back(to);
            }
    }
    return seen;
}

// The entries of a list that belong to its largest strongly connected component, the one with the
// most entries. A node's component consists of the nodes that it can reach and that can reach
// it; trying each node in turn is slower than Tarjan's algorithm (1972), but simpler.
std::vector<std::string> largest_cycle(const std::vector<std::string>& list) {
    std::unordered_map<std::string_view, int> number;
    for (const std::string& idiom : list)
        for (std::string_view c : {first(idiom), last(idiom)})
            number.try_emplace(c, static_cast<int>(number.size()));
    std::vector<std::vector<int>> forward(number.size()), backward(number.size());
    for (const std::string& idiom : list) {
        forward[number[first(idiom)]].push_back(number[last(idiom)]);
        backward[number[last(idiom)]].push_back(number[first(idiom)]);
    }

    std::vector<bool> done(number.size());
    std::vector<std::string> best;
    for (int node = 0; node < static_cast<int>(number.size()); ++node) {
        if (done[node]) continue;
        const std::vector<bool> after = reachable(forward, node),
                                before = reachable(backward, node);
        std::vector<std::string> part;
        for (const std::string& idiom : list) {
            const int a = number[first(idiom)], b = number[last(idiom)];
            if (after[a] && before[a] && after[b] && before[b]) part.push_back(idiom);
        }
        for (std::size_t i = 0; i < done.size(); ++i)
            if (after[i] && before[i]) done[i] = true;
        if (part.size() > best.size()) best = std::move(part);
    }
    return best;
}

std::vector<std::string> words(std::string_view list) {
    constexpr std::string_view kSpace = " \n\t\r";
    std::vector<std::string> result;
    for (std::size_t at; (at = list.find_first_not_of(kSpace)) != list.npos;) {
        list.remove_prefix(at);
        result.emplace_back(list.substr(0, list.find_first_of(kSpace)));
        list.remove_prefix(result.back().size());
    }
    return result;
}

}  // namespace

Idioms::Idioms(std::string_view list, int length) : length_(length) {
    require(length >= 1, "idioms: a chain has at least one idiom, not {}", length);
    const std::vector<std::string> entries = words(list);
    std::set<std::string_view> seen;
    for (const std::string& entry : entries) {
        const auto all = utf8_characters(entry);
        const bool chinese =
            all.size() == 4 && std::all_of(all.begin(), all.end(), [](std::string_view c) {
                return c.size() == kCharacter && c != kComma;
            });
        require(chinese, "idioms: {} does not have four Chinese characters", in_quotes(entry));
        require(seen.insert(entry).second, "idioms: {} is in the list twice", in_quotes(entry));
    }
    idioms_ = largest_cycle(entries);
    require(!idioms_.empty(), "idioms: no chain of this list can go round ({} entries)",
            entries.size());

    std::unordered_map<std::string_view, int> number;
    for (const std::string& idiom : idioms_)
        for (std::string_view c : {first(idiom), last(idiom)})
            number.try_emplace(c, static_cast<int>(number.size()));
    from_.resize(number.size());
    for (int i = 0; i < static_cast<int>(idioms_.size()); ++i) {
        index_[idioms_[i]] = i;
        begin_.push_back(number[first(idioms_[i])]);
        end_.push_back(number[last(idioms_[i])]);
        from_[begin_[i]].push_back(i);
        all_.push_back(i);
    }
}

int Idioms::index(std::string_view idiom) const {
    const auto found = index_.find(std::string(idiom));
    return found == index_.end() ? -1 : found->second;
}

std::string Idioms::sample(Random& random) const {
    const std::vector<int>* choices = &all_;
    std::string document;
    for (int i = 0; i < length_; ++i) {
        const int idiom = (*choices)[random.below(choices->size())];
        document += idioms_[idiom];
        document += i + 1 < length_ ? kComma : "\n";
        choices = &from_[end_[idiom]];
    }
    return document;
}

double Idioms::logprob(std::string_view document) const {
    constexpr double kImpossible = -std::numeric_limits<double>::infinity();
    if (document.size() != kStride * static_cast<std::size_t>(length_) - kCharacter + 1)
        return kImpossible;
    double nats = std::log(static_cast<double>(idioms_.size()));
    for (int i = 0, before = -1; i < length_; ++i) {
        const std::size_t at = kStride * static_cast<std::size_t>(i);
        const int idiom = index(document.substr(at, kIdiom));
        if (idiom < 0 || (before >= 0 && begin_[idiom] != end_[before])) return kImpossible;
        if (document.substr(at + kIdiom, kCharacter) != (i + 1 < length_ ? kComma : "\n"))
            return kImpossible;
        if (before >= 0) nats += std::log(followers(before));
        before = idiom;
    }
    return -nats;
}

std::vector<NextCharacter> Idioms::next(std::string_view prefix) const {
    const auto impossible = [&] {
        require(false, "idioms: no chain begins with {}", in_quotes(prefix));
    };
    // Whole idioms, then the characters of the unfinished one.
    const std::vector<int>* choices = &all_;
    const std::size_t whole = prefix.size() / kStride;
    require(whole < static_cast<std::size_t>(length_),
            "idioms: nothing follows a chain of {} idioms", length_);
    for (std::size_t i = 0; i < whole; ++i) {
        const int idiom = index(prefix.substr(i * kStride, kIdiom));
        const bool follows = idiom >= 0 && (i == 0 || std::find(choices->begin(), choices->end(),
                                                                idiom) != choices->end());
        if (!follows || prefix.substr(i * kStride + kIdiom, kCharacter) != kComma) impossible();
        choices = &from_[end_[idiom]];
    }
    const std::string_view begun = prefix.substr(whole * kStride);
    const std::size_t part = std::min(begun.size(), kIdiom);
    std::vector<NextCharacter> result;
    int count = 0;
    for (int idiom : *choices)
        if (begun.substr(0, part) == std::string_view(idioms_[idiom]).substr(0, part)) {
            ++count;
            if (part < kIdiom && part % kCharacter == 0)
                detail::add_next(result, std::string_view(idioms_[idiom]).substr(part), 1);
        }
    if (begun.size() == kIdiom && count > 0)
        result = {{whole + 1 < static_cast<std::size_t>(length_) ? std::string(kComma) : "\n", 1}};
    if (result.empty()) impossible();
    if (begun.size() < kIdiom)
        for (NextCharacter& n : result) n.probability /= count;
    return result;
}

std::vector<std::string> Idioms::violations(std::string_view document) const {
    std::vector<std::string> faults;
    const std::size_t line = std::min(document.find('\n'), document.size());
    if (line + 1 < document.size())
        faults.push_back("text goes on after the end: " + in_quotes(document.substr(line + 1)));
    std::string_view rest = document.substr(0, line), before;
    int count = 0;
    for (bool more = true; more; ++count) {
        const std::size_t comma = rest.find(kComma);
        more = comma != rest.npos;
        const std::string_view idiom = rest.substr(0, comma);
        rest.remove_prefix(more ? comma + kComma.size() : rest.size());
        if (count > length_) continue;  // still counted, but not checked
        if (index(idiom) < 0) faults.push_back(in_quotes(idiom) + " is not an idiom of the list");
        const auto now = utf8_characters(idiom), then = utf8_characters(before);
        if (count > 0 && !now.empty() && !then.empty() && now.front() != then.back())
            faults.push_back(fmt::format("broken link: {} ends in {}, but {} begins with {}",
                                         in_quotes(before), in_quotes(then.back()),
                                         in_quotes(idiom), in_quotes(now.front())));
        before = idiom;
    }
    if (line == document.size())
        faults.push_back("chain unfinished: the end of the line is missing");
    if (count != length_)
        faults.push_back(fmt::format("a chain has {} idioms, this one has {}", length_, count));
    return faults;
}

// One step of the walk: from the distribution of one idiom to that of the next.
std::vector<double> Idioms::step(const std::vector<double>& p) const {
    std::vector<double> ends(from_.size()), result(p.size());
    for (std::size_t i = 0; i < p.size(); ++i) ends[end_[i]] += p[i];
    for (std::size_t i = 0; i < p.size(); ++i)
        result[i] = ends[begin_[i]] / static_cast<double>(from_[begin_[i]].size());
    return result;
}

// The mean over idioms of log(number of idioms that can follow), in nats.
double Idioms::branching(const std::vector<double>& p) const {
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i)
        sum += p[i] * std::log(followers(static_cast<int>(i)));
    return sum;
}

// The chain rule: the entropy of the first idiom plus that of each later choice, averaged over the
// idioms at which the walk can be by then.
double Idioms::entropy() const {
    std::vector<double> p(idioms_.size(), 1.0 / static_cast<double>(idioms_.size()));
    double sum = std::log(static_cast<double>(idioms_.size()));
    for (int i = 1; i < length_; ++i) {
        sum += branching(p);
        p = step(p);
    }
    return sum;
}

double Idioms::entropy_rate() const {
    // Power iteration. Staying put half of the time does not change the stationary distribution,
    // and makes the iteration converge even if the walk is periodic.
    std::vector<double> p(idioms_.size(), 1.0 / static_cast<double>(idioms_.size()));
    for (int i = 0; i < 10000; ++i) {
        const std::vector<double> moved = step(p);
        double change = 0;
        for (std::size_t j = 0; j < p.size(); ++j) {
            change += std::abs(moved[j] - p[j]);
            p[j] = (p[j] + moved[j]) / 2;
        }
        if (change < 1e-14) break;
    }
    return branching(p);
}

std::vector<std::string> Idioms::alphabet() const {
    std::set<std::string> seen = {"\n"};
    if (length_ > 1) seen.insert(std::string(kComma));
    for (const std::string& idiom : idioms_)
        for (std::string_view c : utf8_characters(idiom)) seen.emplace(c);
    return {seen.begin(), seen.end()};
}

}  // namespace gradus

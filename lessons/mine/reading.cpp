// SPDX-License-Identifier: MIT
#include "lessons/mine/reading.h"

#include <algorithm>

#include "lessons/23-sampling/yours.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

bool continues(const std::vector<int>& old, const std::vector<int>& row) {
    return old.size() < row.size() && std::equal(old.begin(), old.end(), row.begin());
}

}  // namespace

Variable Reading::operator()(const Tokens& ids) {
    const NoGrad guard;
    const Index B = ids.shape[0], T = ids.shape[1];
    Tensor scores({B, 1, V_});
    std::vector<Row> now;
    std::size_t next = 0;  // of the rows before
    for (Index b = 0; b < B; ++b) {
        const std::vector<int> row(ids.id.begin() + b * T, ids.id.begin() + (b + 1) * T);
        std::size_t at = next;
        while (at < before_.size() && !continues(before_[at].ids, row)) ++at;
        const bool goes_on = at < before_.size();
        now.push_back(goes_on ? std::move(before_[at])
                              : Row{{}, std::vector<Cache>(gpt_.blocks.size())});
        if (goes_on) next = at + 1;
        Row& mine = now.back();
        const std::vector<int> rest(row.begin() + std::ssize(mine.ids), row.end());
        const Tensor last = your_reading(gpt_, mine.caches, rest);
        require(last.count() == V_, "24_cache.h: your read gives {} scores, and should give {}",
                last.count(), V_);
        std::copy_n(last.data(), V_, scores.data() + b * V_);
        mine.ids = row;
    }
    before_ = std::move(now);
    return Variable(scores);
}

std::vector<int> write_as_learner(const LanguageModel& model, const std::vector<int>& prompt,
                                  const GenerateOptions& o, Random& random,
                                  const std::function<bool(int token)>& on_token) {
    std::size_t begin = 0, told = prompt.size();
    const auto tell = [&](const std::vector<int>& ids) {
        for (; on_token && told < ids.size(); ++told) on_token(ids[told]);
    };
    const Next next = [&](const std::vector<int>& ids) {
        tell(ids);
        const auto context = static_cast<std::size_t>(o.context);
        if (ids.size() - begin > context)
            begin = ids.size() - std::max<std::size_t>(1, context / 2);
        const std::vector<int> read(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.end());
        const NoGrad guard;
        const Tensor scores = model(Tokens({1, std::ssize(read)}, read)).value();
        const Index V = scores.size(-1);
        return scores.reshape({scores.count() / V, V})
            .slice(scores.count() / V - 1, scores.count() / V)
            .to_vector();
    };
    const std::vector<int> fresh =
        your_writing(next, prompt, o.tokens, o.stop.empty() ? -1 : o.stop[0],
                     {o.sampler.temperature, o.sampler.top_k, o.sampler.top_p},
                     [&] { return static_cast<Real>(random.uniform()); });
    std::vector<int> all = prompt;
    all.insert(all.end(), fresh.begin(), fresh.end());
    tell(all);
    return fresh;
}

}  // namespace gradus::lessons

// SPDX-License-Identifier: MIT
#include "nn/generate/kv_cache.h"

#include <algorithm>

namespace gradus {

Variable CachedGpt::operator()(const Tokens& ids) {
    const NoGrad guard;
    require(ids.shape.rank() == 2, "cached gpt: token ids must be (B, T), got {}", ids.shape);
    const Index B = ids.shape[0], T = ids.shape[1], C = model_.config.width;
    const Index past = goes_on(ids) ? read_.shape[1] : 0;
    if (past == 0 && (caches_.empty() || caches_[0].keys.size(0) != B)) {
        const Index heads = model_.config.heads;
        caches_.clear();
        while (caches_.size() < model_.blocks.size())
            caches_.emplace_back(B, heads, model_.config.context, C / heads);
    }
    Tokens fresh({B, T - past}, std::vector<int>(static_cast<std::size_t>(B * (T - past))));
    for (Index b = 0; b < B; ++b)
        std::copy_n(ids.id.begin() + b * T + past, T - past, fresh.id.begin() + b * (T - past));

    read_ = {};  // if anything below throws, nothing counts as read
    Variable x = model_.embed(fresh, past);
    for (std::size_t i = 0; i < caches_.size(); ++i) {
        caches_[i].lengths.assign(static_cast<std::size_t>(B), past);
        x = model_.blocks[i](x, caches_[i]);
    }
    read_ = ids;
    computed_ += fresh.count();
    Tensor last = Tensor::empty({B, 1, C});
    for (Index b = 0; b < B; ++b)
        std::copy_n(x.value().data() + ((b + 1) * (T - past) - 1) * C, C, last.data() + b * C);
    return model_.token.logits(model_.norm(last));
}

// True if every row of ids continues a cached row; cached rows that are not continued have ended,
// and are then dropped.
bool CachedGpt::goes_on(const Tokens& ids) {
    if (read_.shape.rank() != 2 || read_.shape[1] >= ids.shape[1]) return false;
    const Index T = ids.shape[1], past = read_.shape[1];
    std::vector<Index> kept;
    Index row = 0;
    for (Index b = 0; b < ids.shape[0]; ++b, ++row) {
        const auto begin = ids.id.begin() + b * T;
        while (row < read_.shape[0] &&
               !std::equal(begin, begin + past, read_.id.begin() + row * past))
            ++row;
        if (row == read_.shape[0]) return false;
        kept.push_back(row);
    }
    if (static_cast<Index>(kept.size()) < read_.shape[0]) drop_rows(kept);
    return true;
}

// Moves the kept rows, listed in ascending order, to the front of every cache.
void CachedGpt::drop_rows(const std::vector<Index>& kept) {
    for (auto& cache : caches_) {
        for (Tensor* kind : {&cache.keys, &cache.values}) {
            for (std::size_t to = 0; to < kept.size(); ++to) {
                const auto row = static_cast<Index>(to);
                if (kept[to] != row)
                    kind->slice(row, row + 1).copy_from(kind->slice(kept[to], kept[to] + 1));
            }
            *kind = kind->slice(0, static_cast<Index>(kept.size()));
        }
    }
}

}  // namespace gradus

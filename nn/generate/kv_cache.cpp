// SPDX-License-Identifier: MIT
#include "nn/generate/kv_cache.h"

#include <algorithm>

namespace gradus {
namespace {

// One layer's cache of B sequences: (B, kv_heads, capacity, HS).
Shape cache_shape(const GptConfig& c, Index B, Index capacity) {
    return {B, c.heads, capacity, c.width / c.heads};
}
Shape cache_shape(const LlamaConfig& c, Index B, Index capacity) {
    return {B, c.kv_heads, capacity, c.size_of_head()};
}

KvCache empty_cache(const Shape& s, CacheFormat format) {
    return {s[0], s[1], s[2], s[3], s[3], format};
}

}  // namespace

template <class Model>
Variable Cached<Model>::operator()(const Tokens& ids) {
    const NoGrad guard;
    require(ids.shape.rank() == 2, "cached model: token ids must be (B, T), got {}", ids.shape);
    const Index B = ids.shape[0], T = ids.shape[1], C = model_.config.width;
    const Index past = goes_on(ids) ? read_.shape[1] : 0;
    if (past == 0 && !caches_.empty() && static_cast<Index>(caches_[0].lengths.size()) != B)
        caches_.clear();
    Tokens fresh({B, T - past}, std::vector<int>(static_cast<std::size_t>(B * (T - past))));
    for (Index b = 0; b < B; ++b)
        std::copy_n(ids.id.begin() + b * T + past, T - past, fresh.id.begin() + b * (T - past));

    read_ = {};  // if anything below throws, nothing counts as read
    Variable x = model_.embed(fresh, past);
    reserve(B, T);
    for (std::size_t i = 0; i < caches_.size(); ++i) {
        caches_[i].lengths.assign(static_cast<std::size_t>(B), past);
        x = model_.blocks[i](x, caches_[i]);
    }
    read_ = ids;
    computed_ += fresh.count();
    Tensor last = Tensor::empty({B, 1, C});
    for (Index b = 0; b < B; ++b)
        std::copy_n(x.value().data() + ((b + 1) * (T - past) - 1) * C, C, last.data() + b * C);
    return model_.logits(last);
}

// Makes room for T positions. A model may be able to read far more than anybody will write: a cache
// for all 131,072 positions of Llama 3.2 1B would take 8.6 GB. So it starts at kPositions and doubles.
template <class Model>
void Cached<Model>::reserve(Index B, Index T) {
    constexpr Index kPositions = 1024;
    const Index now = caches_.empty() ? 0 : caches_[0].capacity();
    if (T <= now) return;
    Index capacity = std::max(now, kPositions);
    while (capacity < T) capacity *= 2;
    capacity = std::min(capacity, model_.config.context);
    for (auto& cache : caches_) cache.reserve(capacity);
    while (caches_.size() < model_.blocks.size())
        caches_.push_back(empty_cache(cache_shape(model_.config, B, capacity), format_));
}

// True if every row of ids continues a cached row; cached rows that are not continued have ended,
// and are then dropped.
template <class Model>
bool Cached<Model>::goes_on(const Tokens& ids) {
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
    if (static_cast<Index>(kept.size()) < read_.shape[0])
        for (auto& cache : caches_) cache.keep(kept);
    return true;
}

template class Cached<Gpt>;
template class Cached<Llama>;

LanguageModel with_kv_cache(const TextModel& model, CacheFormat format) {
    return std::visit([&](const auto& m) { return LanguageModel(Cached(m, format)); }, model.any);
}

LanguageModel through_kv_cache(const TextModel& model, CacheFormat format) {
    return std::visit(
        [&](const auto& m) {
            return LanguageModel([&m, format](const Tokens& ids) {
                const NoGrad guard;
                Variable x = m.embed(ids, 0);
                for (const auto& block : m.blocks) {
                    KvCache cache =
                        empty_cache(cache_shape(m.config, ids.shape[0], ids.shape[1]), format);
                    x = block(x, cache);
                }
                return m.logits(x);
            });
        },
        model.any);
}

Index kv_cache_bytes(const TextModel& model, Index T, CacheFormat format) {
    return std::visit(
        [&](const auto& m) {
            return 2 * static_cast<Index>(m.blocks.size()) *
                   kept_bytes(cache_shape(m.config, 1, T), format);
        },
        model.any);
}

}  // namespace gradus

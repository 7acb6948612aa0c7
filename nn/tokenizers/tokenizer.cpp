// SPDX-License-Identifier: MIT
#include "nn/tokenizers/tokenizer.h"

#include "nn/text/utf8.h"
#include "nn/tokenizers/characters.h"
#include "nn/tokenizers/longest_match.h"
#include "tensor/error.h"

namespace gradus {

Tokenizer::Tokenizer(Kind kind, std::shared_ptr<const TokenModel> model, std::string name)
    : kind_(kind), model_(std::move(model)), name_(std::move(name)) {}

Tokenizer::Tokenizer(std::shared_ptr<const TokenModel> model, std::string kind_name)
    : Tokenizer(Kind::other, std::move(model), std::move(kind_name)) {
    require(model_ != nullptr, "tokenizer: there is no model");
}

Tokenizer Tokenizer::characters(std::string_view text) {
    require(!text.empty(), "tokenizer: the text is empty, so it has no characters to learn");
    const std::size_t bad = utf8_valid_prefix(text);
    if (bad < text.size())
        require(false, "tokenizer: text is {} (convert it, or use the byte tokenizer)",
                utf8_complaint(text, bad));
    CodePointSet distinct;
    distinct.add(text);
    return {Kind::characters, std::make_shared<CharacterTokens>(distinct.list()), "characters"};
}

Tokenizer Tokenizer::bytes() {
    static const auto model = std::make_shared<const ByteTokens>();
    return {Kind::bytes, model, "bytes"};
}

Tokenizer Tokenizer::bpe(Bpe bpe) {
    return {Kind::bpe, std::make_shared<Bpe>(std::move(bpe)), "bpe"};
}

std::string Tokenizer::unit() const {
    return kind_ == Kind::characters ? "character" : kind_ == Kind::bytes ? "byte" : "token";
}

const Bpe* Tokenizer::bpe() const {
    return kind_ == Kind::bpe ? static_cast<const Bpe*>(model_.get()) : nullptr;
}

std::vector<int> Tokenizer::encode(std::string_view text) const {
    std::vector<int> ids;
    model_->encode(text, ids);
    return ids;
}

std::vector<int> Tokenizer::encode_known(std::string_view text, Index& skipped) const {
    skipped = 0;
    if (kind_ != Kind::characters) return encode(text);
    std::vector<int> ids;
    skipped = static_cast<const CharacterTokens&>(*model_).encode_known(text, ids);
    return ids;
}

std::vector<int> Tokenizer::encode_with_specials(std::string_view text) const {
    std::vector<std::pair<std::string, int>> names;
    for (int id = 0; id < size(); ++id)
        if (model_->is_special(id)) names.emplace_back(token(id), id);
    std::vector<int> ids;
    LongestMatch(std::move(names))
        .cut(
            text, [&](std::string_view stretch) { model_->encode(stretch, ids); },
            [&](int id) { ids.push_back(id); });
    return ids;
}

void Tokenizer::set_bos_eos(std::optional<int> bos, std::optional<int> eos) {
    for (const auto& id : {bos, eos})
        if (id) token(*id);  // there must be one
    bos_ = bos, eos_ = eos;
}

bool operator==(const Tokenizer& a, const Tokenizer& b) {
    if (a.kind_ != b.kind_ || a.name_ != b.name_ || a.size() != b.size()) return false;
    if (a.model_ == b.model_) return true;
    if (a.bpe()) return *a.bpe() == *b.bpe();
    for (int id = 0; id < a.size(); ++id)
        if (a.token(id) != b.token(id) || a.model_->is_special(id) != b.model_->is_special(id))
            return false;
    return true;
}

}  // namespace gradus

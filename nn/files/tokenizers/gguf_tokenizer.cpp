// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/gguf_tokenizer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "nn/files/tokenizers/byte_names.h"
#include "nn/text/utf8.h"
#include "nn/tokenizers/sentencepiece.h"
#include "tensor/error.h"

namespace gradus {
namespace {

const std::string kPrefix = "tokenizer.ggml.";

// What llama.cpp calls the rules for splitting text. The first name of each is the one we write.
struct SplitName {
    const char* name;
    Split split;
    bool whole_words, begins_with_bos;
};
constexpr std::array kSplits = {
    SplitName{"gpt-2", Split::gpt2, false, false},
    SplitName{"qwen2", Split::qwen2, false, false},
    SplitName{"llama-bpe", Split::cl100k, true, true},
    SplitName{"llama3", Split::cl100k, true, true},
    SplitName{"llama-v3", Split::cl100k, true, true},
    SplitName{"smollm", Split::digits, false, false},
    SplitName{"starcoder", Split::digits, false, false},
};

class Entries {
 public:
    Entries(const GgufMetadata& metadata, const std::string& path)
        : metadata_(metadata), path_(path) {}

    bool has(const char* name) const { return metadata_.contains(kPrefix + name); }
    std::string text_or(const char* name, const char* standard) const {
        return has(name) ? metadata_.text(kPrefix + name) : standard;
    }
    bool flag_or(const char* name, bool standard) const {
        return has(name) ? metadata_.boolean(kPrefix + name) : standard;
    }
    const std::vector<std::string>& texts(const char* name) const {
        return metadata_.texts(kPrefix + name);
    }
    // One number per token, or none at all.
    std::vector<double> numbers(const char* name, std::size_t tokens) const {
        if (!has(name)) return {};
        std::vector<double> list = metadata_.numbers(kPrefix + name);
        if (list.size() != tokens)
            refuse(fmt::format("{}{} has {} numbers, but there are {} tokens", kPrefix, name,
                               list.size(), tokens));
        return list;
    }
    std::optional<int> token(const char* name, std::size_t tokens) const {
        if (!has(name)) return {};
        const std::int64_t id = metadata_.integer(kPrefix + name);
        if (id < 0 || id >= static_cast<std::int64_t>(tokens))
            refuse(fmt::format("{}{} is {}, must be a token, 0 to {}", kPrefix, name, id,
                               static_cast<std::int64_t>(tokens) - 1));
        return static_cast<int>(id);
    }
    // 1 to 6; all 1 if there is no such list.
    std::vector<PieceType> types(std::size_t tokens) const {
        std::vector<PieceType> list(tokens, PieceType::normal);
        const std::vector<double> numbers_there = numbers("token_type", tokens);
        for (std::size_t i = 0; i < numbers_there.size(); ++i) {
            const double type = numbers_there[i];
            if (!(type >= 1 && type <= 6))
                refuse(fmt::format("{}token_type of token {} is {}, must be 1 to 6", kPrefix, i,
                                   type));
            list[i] = static_cast<PieceType>(static_cast<int>(type));
        }
        return list;
    }
    [[noreturn]] void refuse(const std::string& what) const { throw FileError(path_, what); }

 private:
    const GgufMetadata& metadata_;
    const std::string& path_;
};

const SplitName& split_named(const Entries& entries) {
    const std::string name = entries.text_or("pre", "gpt-2");
    std::string known;
    for (const SplitName& split : kSplits) {
        if (name == split.name) return split;
        known += (known.empty() ? "" : ", ") + std::string(split.name);
    }
    entries.refuse(fmt::format("{}pre is {} (known: {})", kPrefix, in_quotes(name), known));
}

// "left right" -> the ids of both.
std::vector<Bpe::Pair> merges_in(const Entries& entries,
                                 const std::unordered_map<std::string, int>& ids) {
    std::vector<Bpe::Pair> merges;
    if (!entries.has("merges")) return merges;
    for (const std::string& merge : entries.texts("merges")) {
        const std::size_t space = merge.find(' ', 1);
        const auto left = ids.find(merge.substr(0, space));
        const auto right = space == merge.npos ? ids.end() : ids.find(merge.substr(space + 1));
        if (left == ids.end() || right == ids.end())
            entries.refuse(fmt::format("{}merges: {} is not two tokens with a space between them",
                                       kPrefix, in_quotes(merge)));
        merges.emplace_back(left->second, right->second);
    }
    return merges;
}

Tokenizer read_bpe(const Entries& entries) {
    const std::vector<std::string>& written = entries.texts("tokens");
    const std::vector<PieceType> types = entries.types(written.size());
    const SplitName& split = split_named(entries);
    BpeTable table;
    table.split = split.split, table.whole_words = split.whole_words;
    std::unordered_map<std::string, int> ids;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const int id = static_cast<int>(i);
        if (types[i] == PieceType::control || types[i] == PieceType::unused ||
            types[i] == PieceType::unknown) {
            table.specials.push_back(id);
            table.tokens.push_back(written[i]);
            continue;
        }
        // What users have added is written as it is.
        std::optional<std::string> bytes = written[i];
        if (types[i] == PieceType::user_defined)
            table.added.push_back(id);
        else
            bytes = read_written_bytes(written[i]);
        if (!bytes)
            entries.refuse(
                fmt::format("{}tokens: token {}, {}, has a character that stands for no "
                            "byte",
                            kPrefix, id, in_quotes(written[i])));
        table.tokens.push_back(*bytes);
        ids.emplace(written[i], id);
    }
    table.merges = merges_in(entries, ids);
    Tokenizer tokenizer = Tokenizer::bpe(Bpe(std::move(table)));
    const bool begins = entries.flag_or("add_bos_token", split.begins_with_bos);
    tokenizer.set_bos_eos(begins ? entries.token("bos_token_id", written.size()) : std::nullopt,
                          entries.token("eos_token_id", written.size()));
    return tokenizer;
}

Tokenizer read_sentencepiece(const Entries& entries) {
    const std::vector<std::string>& texts = entries.texts("tokens");
    const std::vector<PieceType> types = entries.types(texts.size());
    const std::vector<double> scores = entries.numbers("scores", texts.size());
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < texts.size(); ++i)
        pieces.push_back({texts[i], scores.empty() ? 0.0 : scores[i], types[i]});
    const bool prefix = entries.flag_or("add_space_prefix", true);
    Tokenizer tokenizer(
        std::make_shared<SentencePiece>(
            std::move(pieces),
            PieceText{.prefix = prefix ? PieceText::Prefix::always : PieceText::Prefix::none}),
        "sentencepiece");
    const std::optional<int> bos = entries.token("bos_token_id", texts.size());
    tokenizer.set_bos_eos(
        entries.flag_or("add_bos_token", true) ? bos.value_or(1) : std::optional<int>(),
        entries.token("eos_token_id", texts.size()).value_or(2));
    return tokenizer;
}

void add_types(GgufMetadata& metadata, const std::vector<PieceType>& types) {
    std::vector<std::int32_t> numbers;
    for (const PieceType type : types) numbers.push_back(static_cast<std::int32_t>(type));
    metadata.add(kPrefix + "token_type", GgufArray(numbers));
}

// A model may have more rows than there are tokens; llama.cpp wants a name for each.
void pad(std::vector<std::string>& tokens, std::vector<PieceType>& types, int rows) {
    for (int id = static_cast<int>(tokens.size()); id < rows; ++id) {
        tokens.push_back(fmt::format("[PAD{}]", id));
        types.push_back(PieceType::unused);
    }
}

void add_bpe(GgufMetadata& metadata, const Bpe& bpe, int rows) {
    const auto split = std::find_if(kSplits.begin(), kSplits.end(), [&](const SplitName& s) {
        return s.split == bpe.split() && s.whole_words == bpe.whole_words();
    });
    require(split != kSplits.end() && !bpe.merges_lowest_id(),
            "gguf: llama.cpp has no tokenizer that splits text and merges tokens as this one does");
    std::vector<std::string> tokens, merges;
    std::vector<PieceType> types;
    std::vector<bool> is_added(static_cast<std::size_t>(bpe.size()));
    for (const int id : bpe.added()) is_added[static_cast<std::size_t>(id)] = true;
    for (int id = 0; id < bpe.size(); ++id) {
        const bool added = is_added[static_cast<std::size_t>(id)];
        const bool as_it_is = bpe.is_special(id) || added;
        // A gap between the ids needs a name of its own.
        const std::string& token = bpe.token(id);
        tokens.push_back(token.empty() ? fmt::format("<|unused {}|>", id)
                         : as_it_is    ? token
                                       : written_bytes(token));
        types.push_back(token.empty()        ? PieceType::unused
                        : bpe.is_special(id) ? PieceType::control
                        : added              ? PieceType::user_defined
                                             : PieceType::normal);
    }
    pad(tokens, types, rows);
    for (const auto& [left, right] : bpe.merges())
        merges.push_back(written_bytes(bpe.token(left)) + " " + written_bytes(bpe.token(right)));
    metadata.add(kPrefix + "model", std::string("gpt2"));
    metadata.add(kPrefix + "pre", std::string(split->name));
    metadata.add(kPrefix + "tokens", GgufArray(tokens));
    add_types(metadata, types);
    metadata.add(kPrefix + "merges", GgufArray(merges));
}

// What ends a text where nothing does. llama.cpp stops at token 11 of a "gpt2" whose file names no EOS,
// which in GPT-2's own order of bytes is ",", and it takes no id outside the vocabulary for "none". The
// byte 0xFF is in no UTF-8 text.
int byte_ff(const Bpe& bpe) {
    std::vector<int> ids;
    bpe.encode_word("\xFF", ids);
    return ids.at(0);
}

// llama.cpp merges by score. Where a tokenizer.json has an order of merges instead, a piece's score is
// minus the place of the first merge that makes it.
std::vector<float> scores_of(const SentencePiece& model) {
    std::vector<float> scores;
    std::unordered_map<std::string, std::size_t> ids;
    for (int id = 0; id < model.size(); ++id) {
        ids.emplace(model.piece(id).text, scores.size());
        scores.push_back(static_cast<float>(model.piece(id).score));
    }
    if (!model.merges_by_pairs()) return scores;
    const std::vector<SentencePiece::Pair> merges = model.merges();
    std::vector<bool> made(scores.size());
    for (std::size_t i = merges.size(); i-- > 0;) {
        const std::string whole =
            model.piece(merges[i].first).text + model.piece(merges[i].second).text;
        scores[ids.at(whole)] = -static_cast<float>(i);
        made[ids.at(whole)] = true;
    }
    for (int id = 0; id < model.size(); ++id) {
        const Piece& piece = model.piece(id);
        require(piece.type != PieceType::normal || made[static_cast<std::size_t>(id)] ||
                    utf8_first(piece.text).size() == piece.text.size(),
                "gguf: no merge makes piece {}, {}, and llama.cpp would make it (export to hf)", id,
                in_quotes(piece.text));
    }
    return scores;
}

void add_sentencepiece(GgufMetadata& metadata, const SentencePiece& model, int rows) {
    const PieceText& text = model.text_rules();
    require(
        !text.normalise && !text.collapse_spaces && text.prefix != PieceText::Prefix::unless_there,
        "gguf: this SentencePiece model prepares a text in ways that llama.cpp does not (export "
        "to hf, and keep the file that it came from)");
    std::vector<std::string> tokens;
    std::vector<float> scores = scores_of(model);
    std::vector<PieceType> types;
    for (int id = 0; id < model.size(); ++id) {
        tokens.push_back(model.piece(id).text);
        types.push_back(model.piece(id).type);
    }
    pad(tokens, types, rows);
    scores.resize(tokens.size());
    metadata.add(kPrefix + "model", std::string("llama"));
    metadata.add(kPrefix + "pre", std::string("default"));
    metadata.add(kPrefix + "tokens", GgufArray(tokens));
    metadata.add(kPrefix + "scores", GgufArray(scores));
    metadata.add(kPrefix + "add_space_prefix", text.prefix == PieceText::Prefix::always);
    add_types(metadata, types);
}

}  // namespace

std::optional<Tokenizer> read_gguf_tokenizer(const GgufMetadata& metadata,
                                             const std::string& path) {
    const Entries entries(metadata, path);
    const std::string model = entries.text_or("model", "none");
    if (model == "none" || model == "no_vocab") return {};
    try {
        if (model == "gpt2") return read_bpe(entries);
        if (model == "llama") return read_sentencepiece(entries);
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
    throw FileError(path,
                    fmt::format("{}model is {} (known: gpt2, llama)", kPrefix, in_quotes(model)));
}

void add_gguf_tokenizer(GgufMetadata& metadata, const Tokenizer& tokenizer, int rows) {
    const auto* pieces = dynamic_cast<const SentencePiece*>(&tokenizer.model());
    require(
        tokenizer.kind() != Tokenizer::Kind::characters,
        "gguf: llama.cpp has no tokenizer whose tokens are the characters of a text; train with "
        "--tokenizer bytes or --tokenizer bpe:2000, or export to hf");
    require(tokenizer.bpe() || tokenizer.kind() == Tokenizer::Kind::bytes || pieces,
            "gguf: llama.cpp has no tokenizer of the kind {}", tokenizer.kind_name());
    std::optional<int> eos = tokenizer.eos();
    if (pieces) {
        add_sentencepiece(metadata, *pieces, rows);
    } else {
        const Bpe bpe = tokenizer.bpe() ? *tokenizer.bpe() : Bpe();
        add_bpe(metadata, bpe, rows);
        if (!eos) eos = byte_ff(bpe);
    }
    const auto token = [&](const char* name, std::optional<int> id) {
        if (id) metadata.add(kPrefix + name, static_cast<std::uint32_t>(*id));
    };
    token("bos_token_id", tokenizer.bos() ? tokenizer.bos() : tokenizer.eos());
    token("eos_token_id", eos);
    metadata.add(kPrefix + "add_bos_token", tokenizer.bos().has_value());
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
#include "nn/files/weights/llama2c_header.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "tensor/error.h"

namespace gradus {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the numbers of a checkpoint are copied as they are: little-endian");

constexpr std::uint32_t kMagic = 0x616b3432;  // "ak42", least significant byte first
constexpr std::uint64_t kLegacyHeader = 7 * 4, kHeader = 256;  // bytes

// Tensors of one kind: one of them, or one per layer.
struct Kind {
    const char* name;  // between "layers.N." and ".weight"; null for numbers that are passed over
    std::vector<Index> shape;
    enum { single, per_layer } number;
    enum { floats, quantised } format;

    Index count() const {
        Index product = 1;
        for (const Index size : shape) product *= size;
        return product;
    }
};

// In the order of export.py.
std::vector<Kind> kinds_of(const Llama2cConfig& c) {
    const Index head = c.width / c.heads, keys = head * c.kv_heads;
    const auto format = c.version == 2 ? Kind::quantised : Kind::floats;
    const Kind embeddings{"tok_embeddings", {c.vocabulary, c.width}, Kind::single, format},
        attention_norm{"attention_norm", {c.width}, Kind::per_layer, Kind::floats},
        wq{"attention.wq", {c.width, c.width}, Kind::per_layer, format},
        wk{"attention.wk", {keys, c.width}, Kind::per_layer, format},
        wv{"attention.wv", {keys, c.width}, Kind::per_layer, format},
        wo{"attention.wo", {c.width, c.width}, Kind::per_layer, format},
        ffn_norm{"ffn_norm", {c.width}, Kind::per_layer, Kind::floats},
        w1{"feed_forward.w1", {c.hidden, c.width}, Kind::per_layer, format},
        w2{"feed_forward.w2", {c.width, c.hidden}, Kind::per_layer, format},
        w3{"feed_forward.w3", {c.hidden, c.width}, Kind::per_layer, format},
        norm{"norm", {c.width}, Kind::single, Kind::floats},
        // Cosines and sines of the positions, half a head each: readers compute them.
        rotary{nullptr, {c.context, head}, Kind::single, Kind::floats},
        output{"output", {c.vocabulary, c.width}, Kind::single, format};
    std::vector<Kind> kinds;
    if (c.version == 0)
        kinds = {embeddings, attention_norm, wq, wk, wv, wo, ffn_norm, w1, w2, w3, norm, rotary};
    else
        kinds = {attention_norm, ffn_norm, norm, embeddings, wq, wk, wv, wo, w1, w2, w3};
    if (!c.shared_output) kinds.push_back(output);
    return kinds;
}

// In version 2 the int8 values of a tensor, then its scales, as runq.c reads them.
std::uint64_t bytes_of(const Kind& kind, const Llama2cConfig& c) {
    const auto count = static_cast<std::uint64_t>(kind.count());
    if (kind.format == Kind::floats) return 4 * count;
    return count + 4 * (count / static_cast<std::uint64_t>(c.group));
}

void check_sizes(const Llama2cConfig& c, const std::string& path) {
    const auto refuse = [&](const std::string& rule) {
        throw FileError(path, fmt::format("{}; is this a checkpoint of llama2.c?", rule));
    };
    const auto check = [&](const char* name, Index size, Index most) {
        if (size < 1 || size > most)
            refuse(fmt::format("{} is {}, must be from 1 to {}", name, size, most));
    };
    check("dim", c.width, kMaxLlama2cWidth);
    check("hidden_dim", c.hidden, kMaxLlama2cWidth);
    check("n_layers", c.layers, kMaxLlama2cLayers);
    check("n_heads", c.heads, c.width);
    check("n_kv_heads", c.kv_heads, c.heads);
    check("vocab_size", c.vocabulary, kMaxLlama2cTokens);
    check("seq_len", c.context, kMaxLlama2cTokens);
    if (c.width % (2 * c.heads) != 0)
        refuse(fmt::format("dim {} does not make {} heads of an even size", c.width, c.heads));
    if (c.heads % c.kv_heads != 0)
        refuse(fmt::format("n_heads {} is not a multiple of n_kv_heads {}", c.heads, c.kv_heads));
    if (c.version != 2) return;
    check("group_size", c.group, c.width);
    for (const Kind& kind : kinds_of(c))
        if (kind.format == Kind::quantised && kind.count() % c.group != 0)
            refuse(fmt::format("the {} values of {} are not whole groups of {}", kind.count(),
                               kind.name, c.group));
}

Llama2cConfig read_config(const MappedFile& file) {
    const std::string& path = file.path();
    const auto number = [&](std::uint64_t offset) {
        std::int32_t value;
        std::memcpy(&value, file.bytes(offset, sizeof value).data(), sizeof value);
        return value;
    };
    const auto need = [&](std::uint64_t bytes) {
        if (file.size() < bytes)
            throw FileError(path, fmt::format("{} bytes, but the header of a llama2.c checkpoint "
                                              "takes {}",
                                              file.size(), bytes));
    };
    need(kLegacyHeader);
    if (file.bytes(0, 4) == "GGUF")
        throw FileError(path, "begins with the word GGUF: rename it to end in .gguf");
    Llama2cConfig c;
    std::uint64_t at = 0;
    if (static_cast<std::uint32_t>(number(0)) == kMagic) {
        need(kHeader);
        c.version = number(4);
        if (c.version != 1 && c.version != 2)
            throw FileError(path, fmt::format("offset 4: version {}; 1, 2 and the legacy version "
                                              "without a number can be read",
                                              c.version));
        at = 8;
    }
    for (Index* size :
         {&c.width, &c.hidden, &c.layers, &c.heads, &c.kv_heads, &c.vocabulary, &c.context}) {
        *size = number(at);
        at += 4;
    }
    if (c.version == 0) {
        // A negative vocabulary says that the output layer has a table of its own.
        c.shared_output = c.vocabulary > 0;
        if (!c.shared_output) c.vocabulary = -c.vocabulary;
    } else {
        const char shared = file.bytes(at, 1)[0];
        if (shared != 0 && shared != 1)
            throw FileError(path, fmt::format("offset {}: shared_classifier is {}, must be 0 or 1",
                                              at, static_cast<unsigned char>(shared)));
        c.shared_output = shared == 1;
    }
    if (c.version == 2) c.group = number(at + 1);
    check_sizes(c, path);
    return c;
}

}  // namespace

Llama2cHeader read_llama2c_header(const MappedFile& file) {
    Llama2cHeader header{read_config(file), {}};
    const Llama2cConfig& c = header.config;
    const std::vector<Kind> kinds = kinds_of(c);
    const auto layers = static_cast<std::uint64_t>(c.layers);
    std::uint64_t at = c.version == 0 ? kLegacyHeader : kHeader, size = at;
    for (const Kind& kind : kinds)
        size += bytes_of(kind, c) * (kind.number == Kind::per_layer ? layers : 1);
    if (size != file.size())
        throw FileError(
            file.path(),
            fmt::format("the sizes in the header need {} bytes, but the file has {}: it "
                        "{}, or is not a checkpoint of llama2.c",
                        size, file.size(), size > file.size() ? "is cut short" : "has extra data"));
    for (const Kind& kind : kinds) {
        const bool each = kind.number == Kind::per_layer;
        for (Index layer = 0; layer < (each ? c.layers : 1); ++layer, at += bytes_of(kind, c)) {
            if (!kind.name) continue;
            const std::string prefix = each ? fmt::format("layers.{}.", layer) : "";
            const bool quantised = kind.format == Kind::quantised;
            header.tensors.push_back(
                {prefix + kind.name + ".weight", kind.shape, at,
                 quantised ? at + static_cast<std::uint64_t>(kind.count()) : 0});
        }
    }
    return header;
}

}  // namespace gradus

// SPDX-License-Identifier: MIT
// Training a language model on text: the settings and result of a run, its folder, and its task for fit().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nn/data/text_data.h"
#include "nn/models/text_model.h"
#include "nn/run/fit.h"
#include "nn/run/text_parts.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

inline constexpr Index kCheckedDocuments = 200;  // that are read by the checker at the end

struct TextRun {
    TextConfig model;
    Tokenizer tokenizer;
    std::string data = "tales";  // the name of a text source, or the path to a file
    std::string data_crc64;      // the checksum of that file; empty: not a file, or not known
    std::string preset = "quick";
    std::string init;         // the trained model that it began with; empty: from random weights
    std::string tokens_from;  // where the tokenizer came from; empty: from the data, or from `init`
    std::string name;         // of the model, for the chat; may be empty
    std::string prompt;       // a good opening for samples
    std::string stop;         // EOS: the character that ends a document; empty for running text
    Index batch = 16;         // windows or documents per micro-batch
    Index window = 0;         // tokens of a window of running text; 0: the model's context
    TrainerOptions training;
    RunOptions run;
    RunResult result;

    void fields(auto&& visit) {  // fields of neither model nor training
        visit("data", data, About{.help = "", .flag = false});
        visit("data_crc64", data_crc64,
              About{.help = "", .resumable = true, .optional = true, .flag = false});
        visit("preset", preset, About{.help = "", .flag = false});
        visit("init", init, About{.help = "", .optional = true, .flag = false});
        visit("tokens_from", tokens_from, About{.help = "", .optional = true, .flag = false});
        visit("name", name, About{.help = "", .resumable = true, .optional = true, .flag = false});
        visit("prompt", prompt, About{.help = "", .flag = false});
        visit("stop", stop, About{.help = "", .flag = false});
    }
    std::vector<Field> batch_fields();
    // Throws std::bad_variant_access if it is another model.
    GptConfig& gpt() { return std::get<GptConfig>(model); }
    const GptConfig& gpt() const { return std::get<GptConfig>(model); }
    // How long the rows of a batch are: windows, or as many tokens as a document may have.
    Index length() const { return window > 0 ? window : context_of(model); }
    // Rows per batch of held-out data: 64; of a large model 4, so that one sees how far it is, and can
    // stop it.
    Index validation_rows() const { return parameter_count(model) < 20'000'000 ? 64 : 4; }
    std::vector<Field> all_fields();  // of training, run and model; can be set by flags
    // Everything that defines the run, as run.json groups it.
    std::vector<ConfigSection> sections();
    TokenizerChoice choice() const;  // that a tokenizer from the data came from
    // The tokens before a fresh text, and those that end one. Of documents, both are the character that
    // ends one; otherwise BOS and EOS of a published tokenizer; of running text there are none.
    std::vector<int> bos() const;
    std::vector<int> eos() const;
    std::vector<int> opening(std::string_view text) const;  // bos(), then the text's tokens
};

// Throws FileError, naming the file and the broken rule, if anything is missing, damaged or
// inconsistent.
TextRun load_text_run(const std::string& folder);
// Also std::invalid_argument if the model takes more memory than there is.
TextModel load_text_model(const std::string& folder, const TextRun& run);

// The checksum of the file that the data was read from; empty unless it is a regular file.
std::string data_crc64(const std::string& name);
// Throws FileError if the run's data is a file whose checksum is known and has changed.
void require_same_file(const TextRun& run);

// The memory, in bytes, that training takes at its peak; three quarters to twice of it (measured in
// tests/nn/run/memory_need_test.cpp).
struct MemoryNeed {
    double parameters;   // weights, gradients, and the optimiser's state
    double activations;  // of a micro-batch, with their gradients
    double evaluation;   // of a batch of held-out data, whose blocks the pool keeps beside those
    double total() const;
};
MemoryNeed memory_need(const TextRun& run, const TextData& data);
// Throws std::invalid_argument if that is more than there is: better to learn that now than from
// the kernel, which would kill the process.
void require_memory(const TextRun& run, const TextData& data);

// The task of a run: next-token loss on batches of the data, held-out loss, samples, attention of
// each head and, for text sources, a count of newly generated documents that keep every rule. `run` and
// `data` must outlive the task, which shares the model's parameters. stop, if given, is asked between the batches of an evaluation
// and between the tokens of samples and documents, which are given up if it returns true.
Task text_task(TextRun& run, const TextModel& model, TextData& data,
               const std::function<bool()>& stop = {}, const TextParts& parts = {});

// The command that reproduces the run, even if its preset changes later.
std::string command_of(TextRun& run);

}  // namespace gradus

# SPDX-License-Identifier: MIT
"""The training step of ./gradus bench in PyTorch, driven line by line.

Reads commands on standard input and answers each with one line on standard output; in between it
sleeps in read(), so that whoever asks has the processor to itself.

    -> ready VERSION                     when PyTorch is there
    build layers=4 heads=4 width=128 context=64 vocabulary=65 bias=0 dropout=0.2 batch=12 \
          length=64 precision=fp32 threads=1
    -> built PARAMETERS
    step N                               N steps: data, forward, backward, clip, AdamW
    -> took SECONDS
    memory                               of the process, at most, since before `build`
    -> memory BYTES
    -> error TEXT                        instead of any answer

The model is GPT-2's (Radford et al. 2019) as nn/models/gpt.h describes it: learned positions, norms before
attention and MLP, GELU in its tanh form, the token embedding used again as the output layer.
"""

import contextlib
import math
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what libraries print is not an answer


def answer(text):
    answers.write(" ".join(str(text).split()) + "\n")


try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except Exception as error:
    answer(f"error no PyTorch: {error}")
    sys.exit(0)


class Norm(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.rate = c.heads, c.dropout
        self.qkv = nn.Linear(c.width, 3 * c.width, bias=c.bias)
        self.projection = nn.Linear(c.width, c.width, bias=c.bias)
        mask = torch.tril(torch.ones(c.context, c.context, dtype=torch.bool))
        self.register_buffer("future", ~mask, persistent=False)

    def forward(self, x):
        B, T, C = x.shape
        size = C // self.heads
        q, k, v = (part.view(B, T, self.heads, size).transpose(1, 2)  # (B, NH, T, HS)
                   for part in self.qkv(x).split(C, dim=2))
        if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2: one fused operation
            y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.rate, is_causal=True)
        else:
            scores = (q @ k.transpose(2, 3)) * (1 / math.sqrt(size))  # (B, NH, T, T)
            scores = scores.masked_fill(self.future[:T, :T], float("-inf"))
            y = F.dropout(F.softmax(scores, dim=-1), self.rate) @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return F.dropout(self.projection(y), self.rate)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.rate = c.dropout
        self.norm1, self.norm2 = Norm(c.width, c.bias), Norm(c.width, c.bias)
        self.attention = Attention(c)
        self.widen = nn.Linear(c.width, 4 * c.width, bias=c.bias)
        self.narrow = nn.Linear(4 * c.width, c.width, bias=c.bias)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        h = F.gelu(self.widen(self.norm2(x)), approximate="tanh")
        return x + F.dropout(self.narrow(h), self.rate)


class Gpt(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.rate = c.dropout
        self.token = nn.Embedding(c.vocabulary, c.width)
        self.position = nn.Embedding(c.context, c.width)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.norm = Norm(c.width, c.bias)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                deviation = 0.02
                if name.endswith(("projection.weight", "narrow.weight")):
                    deviation /= math.sqrt(2 * c.layers)
                nn.init.normal_(p, std=deviation)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, ids, targets):
        T = ids.shape[1]
        x = F.dropout(self.token(ids) + self.position(torch.arange(T)), self.rate)
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.token.weight)  # (B, T, V)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))


def adamw(model, lr=1e-4):
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    try:  # one pass over all parameters, where this version has it for CPUs
        return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.99), fused=True)
    except (RuntimeError, TypeError):
        return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.99))


def peak_bytes():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return 0


class Config:
    def __init__(self, words):
        self.dropout, self.bias, self.precision, self.threads = 0.0, False, "fp32", 1
        for word in words:
            name, value = word.split("=", 1)
            if name == "precision":
                self.precision = value
            elif name == "dropout":
                self.dropout = float(value)
            elif name == "bias":
                self.bias = value == "1"
            else:
                setattr(self, name, int(value))


class Training:
    def __init__(self, config):
        torch.manual_seed(1)
        torch.set_num_threads(config.threads)
        self.before = peak_bytes()
        self.config = config
        self.model = Gpt(config)
        self.optimiser = adamw(self.model)
        self.text = torch.randint(config.vocabulary, (100000,))
        self.loss = 0.0

    def count(self):
        return sum(p.numel() for p in self.model.parameters())

    def step(self):
        c = self.config
        at = torch.randint(len(self.text) - c.length, (c.batch,)).tolist()
        ids = torch.stack([self.text[i:i + c.length] for i in at])
        targets = torch.stack([self.text[i + 1:i + 1 + c.length] for i in at])
        half = torch.autocast("cpu", dtype=torch.bfloat16)
        with half if c.precision == "bf16" else contextlib.nullcontext():
            loss = self.model(ids, targets)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.loss = loss.item()
        if not math.isfinite(self.loss):
            raise ValueError(f"loss is {self.loss}")


def main():
    training = None
    answer(f"ready {torch.__version__}")
    for line in sys.stdin:
        command, *words = line.split() or [""]
        try:
            if command == "build":
                training = Training(Config(words))
                answer(f"built {training.count()}")
            elif command == "step":
                start = time.perf_counter()
                for _ in range(int(words[0])):
                    training.step()
                answer(f"took {time.perf_counter() - start:.9f}")
            elif command == "memory":
                answer(f"memory {peak_bytes() - training.before}")
            else:
                answer(f"error unknown command {command}")
        except Exception as error:  # one line for whatever it is; the next command may work
            answer(f"error {type(error).__name__}: {error}")


main()

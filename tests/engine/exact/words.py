"""Real words with their real frequency: those of the movies' titles. A world takes some of them, queries take its."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import miroir

_WORD = re.compile(r"[^\W\d_]{2,}")


@lru_cache(maxsize=1)
def counted() -> tuple[tuple[str, int], ...]:
    """Every word of the titles and directors with its number, the most frequent first."""
    path = Path(miroir.__file__).parent / "data" / "movies.ndjson.gz"
    with gzip.open(path, "rt") as source:
        movies = [json.loads(line) for line in source]
    texts = (str(movie.get(name) or "") for movie in movies for name in ("title", "director"))
    counts = Counter(word for text in texts for word in _WORD.findall(text))
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class Vocabulary:
    """Some words, drawn as often as they occur in the titles, so that few are common and most are rare."""

    def __init__(self, chance: random.Random, size: int) -> None:
        chosen = counted() if size >= len(counted()) else chance.sample(counted(), size)
        self.words = [word for word, _ in chosen]
        self._sums: list[int] = []
        total = 0
        for _, count in chosen:
            total += count
            self._sums.append(total)

    def __len__(self) -> int:
        return len(self.words)

    def some(self, chance: random.Random, least: int, most: int) -> list[str]:
        """Between `least` and `most` words."""
        return chance.choices(self.words, cum_weights=self._sums, k=chance.randint(least, most))

"""The curl lines repeat the searches that were shown."""

from __future__ import annotations

import json
import shlex

from miroir.cli.dev.movies import COUNT, batches, lines
from miroir.cli.dev.searches import SEARCHES


def test_a_curl_line_sends_the_body_that_was_searched() -> None:
    for search in SEARCHES:
        words = shlex.split(search.curl("http://127.0.0.1:7700", "it's a key"))
        assert json.loads(words[words.index("--data") + 1]) == search.body
        assert "Authorization: Bearer it's a key" in words
        assert "http://127.0.0.1:7700/indexes/movies/search" in words


def test_one_curl_line_speaks_http2() -> None:
    spoken = ["--http2-prior-knowledge" in search.curl("http://x", "k") for search in SEARCHES]
    assert sum(spoken) == 1


def test_the_batches_hold_every_movie_once_and_in_order() -> None:
    held = list(batches())
    assert b"".join(body for _, body in held) == b"".join(lines())
    assert sum(number for number, _ in held) == len(lines()) == COUNT

"""curl over HTTP/1.1 and over HTTP/2 without TLS gets the same answers as from one node."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import httpx
import pytest

from tests.engine.compare import difference
from tests.engine.judge import Judge
from tests.harness.client import Answer

QUERIES: dict[str, dict[str, Any]] = {
    "q": {"q": "star wars"},
    "typo": {"q": "terminater"},
    "filter": {"filter": "major_genre = Drama AND year > 2000", "q": "love"},
    "sort": {"sort": ["year:desc", "title:asc"], "limit": 30},
    "facets": {"q": "love", "facets": ["major_genre", "year"]},
    "paging": {"q": "man", "page": 2, "hitsPerPage": 10},
}


def curl(judge: Judge, query: dict[str, Any], *flags: str) -> tuple[str, Answer]:
    """The HTTP version and the answer that curl got."""
    program = shutil.which("curl")
    assert program, "curl is needed: apt-get install curl"
    line = [program, "-sS", "--max-time", "20", *flags, "-X", "POST", f"{judge.many.url}/indexes/movies/search"]
    line += ["-H", f"Authorization: Bearer {judge.many.key}", "-H", "Content-Type: application/json"]
    line += ["--data-binary", json.dumps(query), "-w", "\n%{http_version} %{http_code}"]
    done = subprocess.run(line, capture_output=True, check=True, timeout=30)
    raw, _, told = done.stdout.rpartition(b"\n")
    version, status = told.decode().split()
    return version, Answer(int(status), httpx.Headers(), raw)


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize(("flag", "version"), [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2")])
def test_curl_gets_what_one_node_answers(readable: Judge, name: str, flag: str, version: str) -> None:
    spoken, answer = curl(readable, QUERIES[name], flag)
    assert spoken == version
    one = readable.one.ask("POST", "/indexes/movies/search", QUERIES[name])
    assert difference(one, answer) is None
    assert answer.body["hits"]


@pytest.mark.parametrize("flag", ["--http1.1", "--http2-prior-knowledge"])
def test_curl_gets_the_same_errors(readable: Judge, flag: str) -> None:
    query = {"filter": "nothing = 1"}
    _, answer = curl(readable, query, flag)
    assert difference(readable.one.ask("POST", "/indexes/movies/search", query), answer) is None

"""A remote embedder on this machine: it makes the same vector of the same text, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIMENSIONS = 4
FAILS = "unembeddable"
"""A text with this word has no vector."""


def vector_of(text: str) -> list[float]:
    """Numbers from -1 to 1, short enough to be the same in single precision everywhere."""
    digest = hashlib.sha256(text.encode()).digest()
    return [(byte - 128) / 128 for byte in digest[:DIMENSIONS]]


class Embedder:
    """Its address, and the texts that each path was asked for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.asked: dict[str, list[str]] = {}

    def settings(self, who: str) -> dict[str, Any]:
        """The settings of an embedder that asks here under a name of its own."""
        return {
            "source": "rest",
            "url": f"http://127.0.0.1:{self._port}/{who}",
            "dimensions": DIMENSIONS,
            "documentTemplate": "{{doc.title}}",
            "request": {"input": ["{{text}}", "{{..}}"]},
            "response": {"vectors": ["{{embedding}}", "{{..}}"]},
        }

    def calls(self, who: str, text: str) -> int:
        """How often this text was to be embedded."""
        return self.asked.get(who, []).count(text)


@contextmanager
def embedder() -> Iterator[Embedder]:
    """The embedder, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            texts = json.loads(self.rfile.read(int(self.headers["content-length"])))["input"]
            made.asked.setdefault(self.path[1:], []).extend(texts)
            failed = any(FAILS in text for text in texts)
            answer = json.dumps({} if failed else {"vectors": [vector_of(text) for text in texts]}).encode()
            self.send_response(400 if failed else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Embedder(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

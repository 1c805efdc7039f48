"""Secrets in embedders, hidden as Meilisearch hides them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def redact(text: str) -> str:
    """A secret with at most its first characters left."""
    if len(text) < 10:
        return "XXX..."
    if len(text) < 20:
        return f"{text[:2]}XXXX..."
    if len(text) < 30:
        return f"{text[:3]}XXXXX..."
    return f"{text[:5]}XXXXXX..."


def details_of(patch: Mapping[str, Any]) -> dict[str, Any]:
    """A settings patch as a task may show it: as the client sent it, with the embedders' secrets hidden."""
    embedders = patch.get("embedders")
    if not isinstance(embedders, dict):
        return dict(patch)
    return {**patch, "embedders": {name: _embedder(value) for name, value in embedders.items()}}


def _embedder(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    shown = {key: _embedder(inner) if key.endswith("Embedder") else inner for key, inner in value.items()}
    if isinstance(shown.get("apiKey"), str):
        shown["apiKey"] = redact(shown["apiKey"])
    if isinstance(shown.get("headers"), dict):
        headers = shown["headers"].items()
        shown["headers"] = {name: redact(text) if isinstance(text, str) else text for name, text in headers}
    return shown

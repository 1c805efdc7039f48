"""The same documents and settings into one engine, or into two side by side."""

from __future__ import annotations

from tests.harness.client import NDJSON_TYPE, Answer, Engine, Json, ndjson

CHUNK = 1500


def enqueue(engine: Engine, index: str, documents: list[Json], settings: Json, key: str = "id") -> list[Answer]:
    """Create, set, fill: accepted, not yet done. The documents keep their order, in the same pieces everywhere."""
    answers = [engine.ask("POST", "/indexes", {"uid": index, "primaryKey": key})]
    answers.append(engine.ask("PATCH", f"/indexes/{index}/settings", settings))
    for start in range(0, len(documents), CHUNK):
        content = ndjson(documents[start : start + CHUNK])
        path = f"/indexes/{index}/documents"
        answers.append(engine.ask("POST", path, content=content, content_type=NDJSON_TYPE))
    return answers


def load(engine: Engine, index: str, documents: list[Json], settings: Json, key: str = "id") -> None:
    """Create, set, fill, and wait until all is done."""
    for answer in enqueue(engine, index, documents, settings, key):
        task = engine.finished(answer)
        assert task["status"] == "succeeded", task


def load_both(engines: tuple[Engine, Engine], index: str, documents: list[Json], settings: Json) -> None:
    """The same into two engines, which work side by side."""
    accepted = [(engine, enqueue(engine, index, documents, settings)) for engine in engines]
    for engine, answers in accepted:
        for answer in answers:
            task = engine.finished(answer)
            assert task["status"] == "succeeded", (engine, task)

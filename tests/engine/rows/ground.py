"""What a row stands on: one node and a Miroir, and the tables that a row asks for, loaded when the first row does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.engine.compare import difference
from tests.engine.excuses import excuse
from tests.engine.loading import enqueue
from tests.engine.rows.tables import TABLES
from tests.harness.client import Answer, Engine, Json

ESTIMATED = "3B: counts"


@dataclass(slots=True)
class Ground:
    """One node against Miroir. `there` are the tables that each of them has."""

    one: Engine
    many: Engine
    there: dict[str, set[str]] = field(default_factory=dict)

    def ready(self, name: str) -> None:
        """The table is in both engines; a name that is no table is left alone."""
        wanting = [each for each in (self.one, self.many) if name not in self.there.setdefault(each.url, set())]
        if name not in TABLES or not wanting:
            return
        table = TABLES[name]
        sent = [(each, answer) for each in wanting for answer in enqueue(each, name, table.documents, table.settings)]
        _succeeded(sent)
        for method, path, body in table.changes:
            _succeeded([(each, each.ask(method, f"/indexes/{name}{path}", body)) for each in wanting])
        for each in wanting:
            self.there[each.url].add(name)

    def ask(self, method: str, path: str, body: Json = None) -> tuple[Answer, Answer]:
        """Both answers; Miroir's is complete."""
        if path.startswith("/indexes/"):
            self.ready(path.split("/")[2])
        one, many = self.one.ask(method, path, body), self.many.ask(method, path, body)
        return one, many

    def equal(self, method: str, path: str, body: Json = None, *, but: tuple[str, ...] = ()) -> Answer:
        """Both answers must be the same, save effects whose names begin as `but` says; Miroir's.

        Where a distinct attribute is set, counts are estimates on one node too, and have bounds.
        """
        answers = self.ask(method, path, body)
        assert "x-miroir-degraded" not in answers[1].headers, answers[1].headers
        if found := difference(*answers):
            search = method == "POST" and path.endswith("/search")
            reason = excuse((self.one, self.many), path, body, answers) if search else None
            if reason is None or not reason.startswith((ESTIMATED, *but)):
                pytest.fail(f"{method} {path} {body!r}: {found} ({reason})", pytrace=False)
        return answers[1]


def _succeeded(sent: list[tuple[Engine, Answer]]) -> None:
    for engine, answer in sent:
        task: Any = engine.finished(answer, seconds=180)
        assert task["status"] == "succeeded", (engine, task)

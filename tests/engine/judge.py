"""Asks both sides the same and judges: equal, explained, or a failure. Keeps count of what was explained."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.engine.compare import difference
from tests.engine.excuses import excuse
from tests.harness.client import Answer, Engine, Json

BOUND = 0.02  # of the searches of one category; a prototype saw 2 of 120 in the worst one
FEW = 2  # so that a small run is not failed by one explained difference
ESTIMATES = "3B: counts"
"""Where one node only estimates, differences are the rule: each is checked, none counts against the bound."""


@dataclass(slots=True)
class Judge:
    """One node against Miroir. `asked` and `explained` count searches by category and reason."""

    one: Engine
    many: Engine
    asked: Counter[str] = field(default_factory=Counter)
    explained: Counter[tuple[str, str]] = field(default_factory=Counter)

    def ask(self, method: str, path: str, body: Json = None) -> tuple[Answer, Answer]:
        """Both answers to one request."""
        return self.one.ask(method, path, body), self.many.ask(method, path, body)

    def equal(self, method: str, path: str, body: Json = None) -> Answer:
        """Both answers must be the same, without excuses; Miroir's."""
        one, many = self.ask(method, path, body)
        if found := difference(one, many):
            pytest.fail(f"{method} {path} {body!r}: {found}", pytrace=False)
        assert "x-miroir-degraded" not in many.headers, many.headers
        return many

    def search(self, index: str, query: Json, category: str = "examples") -> Answer:
        """Both answers to a search must be the same, or differ by an effect that is known and shown to be at work."""
        path = f"/indexes/{index}/search"
        answers = self.ask("POST", path, query)
        self.asked[category] += 1
        assert "x-miroir-degraded" not in answers[1].headers, answers[1].headers
        found = difference(*answers)
        if found is None:
            return answers[1]
        reason = excuse((self.one, self.many), path, query, answers)
        if reason is None:
            pytest.fail(f"{index}: {category}: {query!r}: {found}", pytrace=False)
        self.explained[category, reason] += 1
        return answers[1]

    def assert_bounded(self) -> None:
        """What was explained stayed rare in every category, all reasons together."""
        sums: Counter[str] = Counter()
        for (category, reason), count in self.explained.items():
            if not reason.startswith(ESTIMATES):
                sums[category] += count
        for category, count in sums.items():
            bound = max(FEW, BOUND * self.asked[category])
            assert count <= bound, f"{category}: {count} of {self.asked[category]}: {dict(self.explained)}"

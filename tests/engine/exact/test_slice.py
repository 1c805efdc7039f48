"""A slice of `make exact` in every run of the suite, and the parts of it that judge."""

from __future__ import annotations

import os

import pytest

from tests.engine.exact.asking import Ask
from tests.engine.exact.questions import AWAITED, CATEGORIES
from tests.engine.exact.run import run
from tests.engine.exact.shrink import shrink
from tests.engine.exact.stage import stages
from tests.engine.exact.tally import Finding, Tally, summary, table
from tests.engine.exact.worlds import make

SLICE = int(os.environ.get("MIROIR_EXACT", "240"))


def test_a_slice_of_all_categories_is_exact(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    findings: list[Finding] = []
    with stages(tmp_path_factory.mktemp("exact")) as formed:
        among = [category for category in CATEGORIES if category not in AWAITED]
        tally = run(formed, "slice", SLICE, told=findings.append, among=among)
    with capsys.disabled():
        print(f"\nexact: {summary(tally)}")  # noqa: T201 (the numbers are what the run is for)
    assert [(finding.seed, finding.ask, finding.difference) for finding in findings] == []
    assert tally.good, dict(tally.reasons)


def test_every_category_has_at_least_a_hundredth() -> None:
    assert len(set(CATEGORIES)) == len(CATEGORIES) <= 100


def test_a_seed_makes_one_world() -> None:
    assert make("7.1", "x").documents == make("7.1", "x").documents
    assert make("7.1", "x").documents != make("7.2", "x").documents


def test_a_request_shrinks_to_what_shows_the_difference() -> None:
    body = {"q": "sun moon star", "filter": ["a = 1", ["b = 2", "c = 3"]], "limit": 3, "facets": ["x"]}
    small = shrink(Ask("", "POST", "/", body), lambda ask: "moon" in str(ask.body) and "c = 3" in str(ask.body))
    assert small.body == {"q": "moon", "filter": [["c = 3"]]}


def test_a_tally_is_bad_with_one_unexplained_or_with_many_explained() -> None:
    tally = Tally()
    tally.asked["words"] = 2000
    tally.reasons["words", "3A-3: prefix table"] = 4
    tally.reasons["words", "3B: counts"] = 500
    assert tally.good
    tally.reasons["words", "3A-1: typo derivations"] = 1
    assert not tally.good
    tally.reasons.clear()
    tally.findings.append(Finding("1.1", Ask("words", "POST", "/", {}), "status"))
    assert not tally.good
    assert table(tally).row_count == 1

"""Every golden case becomes its plan, word for word. A change of plans is reviewed as a diff of these files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.planning import golden
from tests.core.planning.golden.telling import told

FILES = sorted(golden.HERE.glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_case_becomes_its_plan(file: Path, request: pytest.FixtureRequest) -> None:
    head, cases = golden.read(file.read_text())
    assert cases
    made = [golden.Case(case.title, case.given, told(case)) for case in cases]
    if request.config.getoption("--update-golden"):
        file.write_text("\n".join([head, *(case.written() for case in made)]))
    for case, now in zip(cases, made, strict=True):
        assert now.plan == case.plan or request.config.getoption("--update-golden"), case.title


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_no_two_cases_have_one_title(file: Path) -> None:
    titles = [case.title for case in golden.read(file.read_text())[1]]
    assert len(titles) == len(set(titles))


def test_what_is_refused_is_in_the_file_of_refusals_and_nothing_else_is() -> None:
    for file in FILES:
        for case in golden.read(file.read_text())[1]:
            assert case.plan[0].startswith("left to a node") == (file.stem == "refusals")

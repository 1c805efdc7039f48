"""The tables of mutants are up to date, so that `make mutants` tries what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, StaleMutantError
from tests.mutants.tables import MUTANTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_finds_its_text_once_and_its_tests(mutant: Mutant) -> None:
    original = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert mutant.of(original) != original
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutant.tests)


def test_names_tell_mutants_apart() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names)


def test_a_text_that_is_gone_or_there_twice_is_an_error() -> None:
    mutant = Mutant("m", "f", "a", "b", ())
    for original in ("", "aa"):
        with pytest.raises(StaleMutantError, match="not exactly once"):
            mutant.of(original)

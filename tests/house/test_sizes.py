"""Files and functions stay small."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.house.sources import name, python_files, python_functions, rust_files, rust_functions

FILE_LINES = 400
FUNCTION_LINES = 60


def too_long(file: Path, functions: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{name(file)}: {function} has {lines}" for function, lines in functions if lines > FUNCTION_LINES]


def test_files_are_short() -> None:
    lengths = {name(file): len(file.read_text("utf-8").splitlines()) for file in [*python_files(), *rust_files()]}
    assert {file: lines for file, lines in lengths.items() if lines > FILE_LINES} == {}


def test_python_functions_are_short() -> None:
    assert [line for file in python_files() for line in too_long(file, python_functions(file))] == []


def test_rust_functions_are_short() -> None:
    assert [line for file in rust_files() for line in too_long(file, rust_functions(file.read_text("utf-8")))] == []


def test_rust_functions_are_measured_by_their_braces() -> None:
    text = 'fn one() {\n  let a = "}";\n  // }\n}\nimpl A {\n'
    text += "  pub async fn two(&self)\n  where X: Y {\n    f('{');\n  }\n}\n"
    assert list(rust_functions(text)) == [("one", 4), ("two", 4)]


def test_rust_functions_without_a_body_have_no_length() -> None:
    assert list(rust_functions("trait T {\n  fn a(&self);\n  fn b() {}\n}\n")) == [("b", 1)]

"""Which files the house tests look at, and where functions begin and end in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_RUST_FUNCTION = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|async|unsafe|default)\s+)*fn\s+(\w+)")
_RUST_TEXT = re.compile(r"""r(#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'|//[^\n]*|/\*.*?\*/""", re.DOTALL)


def python_files() -> list[Path]:
    return sorted(
        file
        for top in ("miroir", "tests", "fuzz")
        for file in (ROOT / top).rglob("*.py*")
        if file.suffix in {".py", ".pyi"}
    )


def rust_files() -> list[Path]:
    found = (file for top in ("rust", "fuzz") for file in (ROOT / top).rglob("*.rs"))
    return sorted(file for file in found if "target" not in file.relative_to(ROOT).parts)


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def python_functions(file: Path) -> Iterator[tuple[str, int]]:
    """(name, lines), decorators not counted."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def rust_functions(text: str) -> Iterator[tuple[str, int]]:
    """(name, lines) of each function with a body, by counting braces outside of texts and comments."""
    lines = _RUST_TEXT.sub(_blank, text).split("\n")
    for start, line in enumerate(lines):
        if found := _RUST_FUNCTION.match(line):
            length = _body_length(lines[start:])
            if length:
                yield found[1], length


def _body_length(lines: list[str]) -> int:
    """Lines up to the brace that closes the first one opened; 0 when a semicolon comes first."""
    depth = 0
    for number, line in enumerate(lines, 1):
        for character in line:
            if character == ";" and depth == 0 and "[" not in line:
                return 0
            depth += {"{": 1, "}": -1}.get(character, 0)
            if character == "}" and depth == 0:
                return number
    return 0


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")

"""How a refused configuration is told to the operator: one sentence that begins with the path of the key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

_SENTENCES = {
    "missing": "is required",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must be 1 to 128 letters, digits or any of _ . : -",
    "tuple_type": "must be a list",
    "model_type": "must be a block of keys",
    "model_attributes_type": "must be a block of keys",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
}


class ConfigError(Exception):
    """The configuration is refused. `str()` is one sentence that names the path of the key, and never a secret."""


def refused(path: str, why: str) -> ConfigError:
    return ConfigError(f"{path}: {why}.")


def unknown(path: str, name: str, known: Iterable[str], written: Callable[[str], str] = str) -> ConfigError:
    """The refusal of a key that does not exist; it names the nearest one that does, `written` its way, or all."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {written(near[0])}?" if near else f"known keys here are {', '.join(names)}."
    return ConfigError(f"{path}: there is no such key; {hint}")


def from_pydantic(error: ValidationError) -> ConfigError:
    """The first thing pydantic found, as our sentence."""
    first = error.errors(include_url=False, include_input=False)[0]
    return refused(dotted(first["loc"]), _reason(first["type"], first["msg"], first.get("ctx", {})))


def dotted(location: Iterable[int | str]) -> str:
    """`("nodes", 0, "id")` as `nodes[0].id`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "configuration"


def _reason(kind: str, message: str, context: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    template = _SENTENCES.get(kind)
    return template.format(**context) if template else message[:1].lower() + message[1:]

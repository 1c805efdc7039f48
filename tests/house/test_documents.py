"""What an operator meets is documented: every error of Miroir's own, every configuration key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from miroir.config.models import Config
from miroir.core.wire.errors import CODES
from tests.house.sources import ROOT

OWN_CODES = sorted(code for code in CODES if code.startswith("miroir_"))


def document(file: str) -> str:
    return (ROOT / "docs" / file).read_text(encoding="utf-8")


def keys(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key by its dotted path, and its default; a list of models is written `nodes[].id`."""
    for name, field in model.model_fields.items():
        inner, many = models_in(field.annotation)
        here = f"{path}{name}"
        if inner:
            yield from keys(inner, f"{here}[]." if many else f"{here}.")
        else:
            yield here, field.get_default(call_default_factory=True) if not field.is_required() else None


def models_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model that an annotation holds, if any, and whether it holds many."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    many = get_origin(annotation) in {list, tuple}
    inside = get_args(annotation) if many or get_origin(annotation) in {Union, UnionType} else ()
    found = [model for argument in inside if (model := models_in(argument)[0])]
    return (found[0], many) if found else (None, False)


@pytest.mark.parametrize("code", OWN_CODES)
def test_an_error_is_documented_with_its_status_cause_and_remedy(code: str) -> None:
    section = re.search(rf"^## {code}\n(.*?)(?=^## |\Z)", document("errors.md"), re.MULTILINE | re.DOTALL)
    assert section, f"docs/errors.md has no section {code}"
    assert f"HTTP {CODES[code][0]}" in section[1]
    assert "**Cause.**" in section[1]
    assert "**Remedy.**" in section[1]


def test_no_error_is_documented_that_does_not_exist() -> None:
    assert re.findall(r"^## (\w+)$", document("errors.md"), re.MULTILINE) == OWN_CODES


def documented_keys() -> dict[str, str]:
    """Key -> the default as written in the table."""
    return dict(re.findall(r"^\| `([\w.\[\]]+)` \| (.*?) \|", document("configuration.md"), re.MULTILINE))


@pytest.mark.parametrize(("key", "default"), list(keys(Config)), ids=[key for key, _ in keys(Config)])
def test_a_configuration_key_is_documented_with_its_default(key: str, default: Any) -> None:
    assert key in documented_keys()
    written = documented_keys()[key].strip("`")
    plain = str(getattr(default, "value", default))
    assert default is None or written == {"True": "true", "False": "false"}.get(plain, plain) or not plain


def test_no_configuration_key_is_documented_that_does_not_exist() -> None:
    assert set(documented_keys()) == {key for key, _ in keys(Config)}

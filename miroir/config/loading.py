"""From a file and the environment to a checked `Config`: defaults < file < environment < command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from miroir.config.environment import overlay
from miroir.config.errors import ConfigError, from_pydantic, refused, unknown
from miroir.config.models import Config
from miroir.config.rules import check

__all__ = ["Config", "ConfigError", "from_mapping", "load"]

_ROOT = "miroir"


def load(path: str | Path, environ: Mapping[str, str], *, workers: int | None = None, keys: bool = True) -> Config:
    """The configuration of `path` under `environ`; `workers` is the command line's. Raises `ConfigError`.

    `keys` False is for looking at it: the master keys need not be set.
    """
    tree = _unwrapped(_read(Path(path)))
    _refuse_unknown(tree, Config, "")
    overlay(tree, environ)
    if workers is not None:
        server = tree.setdefault("server", {})
        tree["server"] = {**server, "workers": workers} if isinstance(server, dict) else server
    return from_mapping(tree, keys=keys)


def from_mapping(tree: Mapping[str, Any], *, keys: bool = True) -> Config:
    """A checked configuration from plain values, as they stand in a file; `keys` as in `load`. Raises `ConfigError`."""
    _refuse_unknown(tree, Config, "")
    try:
        config = Config.model_validate(dict(tree))
    except ValidationError as error:
        raise from_pydantic(error) from None
    check(config, keys=keys)
    return config


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"Cannot read {path}: it is not UTF-8.") from None
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {_place(error)}.") from None


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key given twice: the later one would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise refused(key, f"is given twice, again at line {key_node.start_mark.line + 1}")
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep)


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be parsed"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem


def _unwrapped(tree: Any) -> dict[str, Any]:
    """The keys themselves, whether they stand at top level or under one root key."""
    if tree is None:
        return {}
    if isinstance(tree, dict) and set(tree) == {_ROOT}:
        tree = tree[_ROOT] or {}
    if not isinstance(tree, dict):
        raise ConfigError("The configuration must be a block of keys.")
    if _ROOT in tree:
        raise refused(_ROOT, "must be the only key at top level, or not be there")
    return _without_nulls(tree)


def _without_nulls(tree: Mapping[Any, Any]) -> dict[Any, Any]:
    """A block whose keys are all commented out reads as null: it says nothing, as does any other null."""
    given = ((key, value) for key, value in tree.items() if value is not None)
    return {key: _without_nulls(value) if isinstance(value, dict) else value for key, value in given}


def _refuse_unknown(tree: Mapping[Any, Any], model: type[BaseModel], path: str) -> None:
    for key, value in tree.items():
        name = f"{path}.{key}" if path else str(key)
        if key not in model.model_fields:
            raise unknown(name, str(key), model.model_fields)
        for place, block, inner in _blocks(model.model_fields[key].annotation, value, name):
            _refuse_unknown(inner, block, place)


def _blocks(annotation: Any, value: Any, path: str) -> list[tuple[str, type[BaseModel], Mapping[Any, Any]]]:
    """The blocks below a key: its own, or those of its list. Values of another shape are left to the models."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(path, annotation, value)] if isinstance(value, Mapping) else []
    items = get_args(annotation)
    if not items or not isinstance(value, list):
        return []
    return [part for place, item in enumerate(value) for part in _blocks(items[0], item, f"{path}[{place}]")]

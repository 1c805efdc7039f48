"""Keys from environment variables: secrets by their own names, the rest as `MIROIR_` and the path, `__` between levels.

A name without `__` that is no key is not ours to judge: Kubernetes sets such variables for a service called miroir.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_origin

import yaml
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from miroir.config.errors import ConfigError, refused, unknown
from miroir.config.models import Config

_PREFIX = "MIROIR_"


def overlay(tree: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Put what `environ` says over `tree`, in place. Raises `ConfigError`, which names the variable."""
    for name in sorted(environ):
        if not name.startswith(_PREFIX):
            continue
        path = name[len(_PREFIX) :].lower().split("__")
        if len(path) == 1 and path[0] not in Config.model_fields:
            continue
        _assign(tree, path, name, environ[name])
    for key, field in Config.model_fields.items():
        if field.annotation is SecretStr:
            _secret(tree, key, environ)


def _assign(tree: dict[str, Any], path: list[str], name: str, text: str) -> None:
    model: type[BaseModel] = Config
    for place, part in enumerate(path[:-1]):
        field = _field(model, path, place, name)
        if not _is_block(field):
            raise refused(name, f"{part} has no keys of its own")
        model = field.annotation  # type: ignore[assignment]  # a block is a model
        tree = _inner(tree, part)
    field = _field(model, path, len(path) - 1, name)
    if _is_block(field):
        raise refused(name, f"is a block; set one of its keys, such as {name}__{next(iter(_names(field))).upper()}")
    tree[path[-1]] = _parsed(field, name, text)


def _inner(tree: dict[str, Any], part: str) -> dict[str, Any]:
    inner = tree.get(part)
    tree[part] = dict(inner) if isinstance(inner, dict) else {}
    return cast("dict[str, Any]", tree[part])


def _field(model: type[BaseModel], path: list[str], place: int, name: str) -> FieldInfo:
    try:
        return model.model_fields[path[place]]
    except KeyError:

        def variable(key: str) -> str:
            return _PREFIX + "__".join([*path[:place], key, *path[place + 1 :]]).upper()

        raise unknown(name, path[place], model.model_fields, variable) from None


def _is_block(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _names(field: FieldInfo) -> Mapping[str, FieldInfo]:
    return cast("type[BaseModel]", field.annotation).model_fields


def _parsed(field: FieldInfo, name: str, text: str) -> Any:
    """Texts and choices are taken as they are; numbers, booleans and lists are read as YAML, hence also as JSON."""
    if field.annotation in (str, SecretStr) or str(get_origin(field.annotation)) == "typing.Literal":
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise refused(name, "cannot be read as YAML") from None


def _secret(tree: dict[str, Any], key: str, environ: Mapping[str, str]) -> None:
    plain, file = _PREFIX + key.upper(), _PREFIX + key.upper() + "_FILE"
    if plain in environ and file in environ:
        raise refused(plain, f"is set beside {file}; set one of them")
    if plain in environ and not environ[plain]:
        raise refused(plain, "is set, but empty")
    if file in environ:
        tree[key] = _from_file(file, environ[file])


def _from_file(name: str, path: str) -> str:
    try:
        text = Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(name, path, error) from None
    if not text:
        raise refused(name, f"the file {path} is empty")
    return text


def _unreadable(name: str, path: str, error: OSError | UnicodeDecodeError) -> ConfigError:
    why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return refused(name, f"cannot read {path}: {why}")

"""A checked configuration on its way from the supervisor to a worker: one line, secrets included. Never to a file."""

from __future__ import annotations

import json

from pydantic import SecretStr

from miroir.config.loading import from_mapping
from miroir.config.models import Config


def to_line(config: Config) -> bytes:
    """The configuration as one line of JSON, with its newline."""
    tree = config.model_dump(mode="json")
    for key in Config.model_fields:
        value = getattr(config, key)
        if isinstance(value, SecretStr):
            tree[key] = value.get_secret_value()
    return json.dumps(tree).encode() + b"\n"


def from_line(line: bytes) -> Config:
    """What `to_line` wrote."""
    return from_mapping(json.loads(line))

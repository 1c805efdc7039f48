"""Rules between keys. A refusal names both keys. Ranges of single keys are in `models`."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable

from miroir.config.errors import refused
from miroir.config.models import Config


def check(config: Config, *, keys: bool = True) -> None:
    """Raise `ConfigError` for the first rule that does not hold. `keys` False: the master keys need not be set."""
    _nodes_are_unique(config)
    _groups_are_complete(config)
    _times_fit(config)
    _tls_is_whole(config)
    _store_can_be_shared(config)
    if keys:
        _keys_are_set(config)


def warnings(config: Config) -> list[str]:
    """What is allowed, and unwise: sentences for the log."""
    return [*_open_to_this_machine(config), *_few_shards(config)]


def _open_to_this_machine(config: Config) -> list[str]:
    if config.master_key.get_secret_value():
        return []
    return [f"master_key is not set: every program of this machine may do everything on {config.server.bind}."]


def _few_shards(config: Config) -> list[str]:
    largest = max(Counter(node.replica_group for node in config.nodes).values(), default=0)
    if config.shards >= 8 * largest:
        return []
    return [
        f"shards is {config.shards}, fewer than 8 for each of the {largest} nodes of a group: data may lie unevenly."
    ]


def is_loopback(bind: str) -> bool:
    """Whether only this machine reaches a listener on `bind`."""
    if bind == "localhost":
        return True
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return False


def _nodes_are_unique(config: Config) -> None:
    for key in ("id", "address"):
        twice = _first_repeated(getattr(node, key) for node in config.nodes)
        if twice is not None:
            first, second = twice
            raise refused(f"nodes[{second}].{key}", f"is the same as nodes[{first}].{key}")


def _first_repeated(values: Iterable[str]) -> tuple[int, int] | None:
    seen: dict[str, int] = {}
    for place, value in enumerate(values):
        if value in seen:
            return seen[value], place
        seen[value] = place
    return None


def _groups_are_complete(config: Config) -> None:
    if not config.nodes:
        raise refused("nodes", "is required")
    for place, node in enumerate(config.nodes):
        if node.replica_group >= config.replica_groups:
            last = config.replica_groups - 1
            raise refused(f"nodes[{place}].replica_group", f"must be 0 to {last}, because replica_groups is {last + 1}")
    sizes = Counter(node.replica_group for node in config.nodes)
    for group in range(config.replica_groups):
        if sizes[group] < config.replication_factor:
            need = f"replication_factor is {config.replication_factor}"
            raise refused("nodes", f"group {group} has {sizes[group]} nodes, too few, because {need}")


def _times_fit(config: Config) -> None:
    times = {
        "scatter.node_timeout_ms": config.scatter.node_timeout_ms,
        "multi_search.total_timeout_ms": config.multi_search.total_timeout_ms,
        "multi_search.per_query_timeout_ms": config.multi_search.per_query_timeout_ms,
    }
    for key, milliseconds in times.items():
        if milliseconds > config.server.request_timeout_ms:
            raise refused(key, "must not be longer than server.request_timeout_ms")


def _tls_is_whole(config: Config) -> None:
    tls = config.server.tls
    if bool(tls.cert_file) != bool(tls.key_file):
        given, lacking = ("cert_file", "key_file") if tls.cert_file else ("key_file", "cert_file")
        raise refused(f"server.tls.{lacking}", f"is required, because server.tls.{given} is set")


def _store_can_be_shared(config: Config) -> None:
    if config.task_store.backend == "memory" and config.server.workers != 1:
        raise refused("task_store.backend", "memory cannot be shared by several workers; set server.workers to 1")


def _keys_are_set(config: Config) -> None:
    if not config.node_master_key.get_secret_value():
        raise refused("node_master_key", "is not set; set MIROIR_NODE_MASTER_KEY to the master key of the nodes")
    if not config.master_key.get_secret_value() and not is_loopback(config.server.bind):
        open_to = f"server.bind {config.server.bind} would be open to everyone"
        raise refused("master_key", f"is not set, and {open_to}; set MIROIR_MASTER_KEY, or bind to 127.0.0.1")

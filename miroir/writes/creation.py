"""A new index: its physical name, its shard map, and what each node gets before anything else (design W2)."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

import orjson

from miroir.cluster.node_keys import NodeKeys
from miroir.core.generations import Generation
from miroir.core.indexes import IndexView
from miroir.core.placement.shard_map import shard_map
from miroir.core.settings import base_settings
from miroir.core.settings.virtual import Dialect
from miroir.core.tasks.effects import Effect, create, settings
from miroir.core.topology import Topology
from miroir.core.uids import birth_uid, physical_uid
from miroir.edge.store import Store
from miroir.edge.store.tables import incarnations_of
from miroir.writes.asking import Question
from miroir.writes.operation import Bytes, NodeRequest

FIRST_EPOCH = 1
NONCE_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Birth:
    """A new index as the standing view will have it, the requests that come first on every node, and the effects."""

    view: IndexView
    names: tuple[str, str]
    requests: tuple[NodeRequest, ...]
    effects: tuple[Effect, ...]


class Births:
    """`shards` and `ties` are for new indexes; what an index was born with is a fact of the catalog."""

    def __init__(self, store: Store, topology: Topology, keys: NodeKeys, *, shards: int, ties: str = "arrival") -> None:
        self._store = store
        self._topology = topology
        self._ties = ties
        self._generation: Generation | None = None
        self.shards = shards
        self.question = Question(keys, topology)

    async def birth(self, uid: str, primary_key: str | None) -> Birth:
        """A new incarnation of an index. Nothing is sent; what was reserved for it is never used again."""
        dialect = await self.dialect(self._ties)
        incarnation = await self._store.reserve(incarnations_of(uid), 1) + 1
        nonce = "".join(secrets.choice(NONCE_ALPHABET) for _ in range(4))
        born, physical = birth_uid(uid, incarnation), physical_uid(uid, incarnation, FIRST_EPOCH, nonce)
        view = IndexView(
            uid=uid,
            physical=physical,
            incarnation=incarnation,
            primary_key=primary_key,
            shards=self.shards,
            shard_map=shard_map(self._topology, self.shards, born),
            created_at="",
            updated_at="",
            ties=self._ties,
        )
        effects = tuple(effect | {"anyway": True} for effect in (create(view), settings(uid, {})))
        return Birth(view, (born, physical), _requests(born, physical, primary_key, dialect), effects)

    async def dialect(self, ties: str) -> Dialect:
        """What the nodes' version and the index's ties mean for its settings. Raises MiroirError when none answers."""
        if self._generation is None:
            self._generation = await self.question.generation()
        return Dialect(self._generation, stamped_ties=ties != "node")


def _requests(born: str, physical: str, primary_key: str | None, dialect: Dialect) -> tuple[NodeRequest, ...]:
    creation = orjson.dumps({"uid": born, "primaryKey": primary_key})
    return (
        NodeRequest("POST", "/indexes", "indexCreation", Bytes(creation), creates=True),
        NodeRequest("PATCH", f"/indexes/{born}", "indexUpdate", Bytes(orjson.dumps({"uid": physical}))),
        NodeRequest(
            "PATCH", f"/indexes/{physical}/settings", "settingsUpdate", Bytes(orjson.dumps(base_settings(dialect)))
        ),
    )

"""The keys of the configuration with their types, ranges and defaults: each key is declared here and nowhere else.

Rules between keys live in `rules`, files and the environment in `loading`. Only keys that do something are listed.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

Count = Annotated[int, Field(ge=1)]
Milliseconds = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
NodeId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]


_VISIBLE = re.compile(r"[!-~]*")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def _base_url(value: str) -> str:
    if not _VISIBLE.fullmatch(value):
        raise ValueError("must be of visible ASCII characters, without spaces")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL such as http://host:7700")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain base URL: no user, password, query or fragment")
    if not _is_host(parts.hostname):
        raise ValueError("must name a host by an IP address or by a name such as node-0.nodes")
    if parts.port == 0:  # asking raises for a port that is no number
        raise ValueError("must have a port from 1 to 65535, or none")
    return value.rstrip("/")


def _is_host(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        labels = name.removesuffix(".").split(".")
        return len(name) <= 253 and not labels[-1].isdigit() and all(map(_LABEL.fullmatch, labels))
    return True


def _sendable(value: SecretStr) -> SecretStr:
    """A key goes into a header as it is."""
    if not _VISIBLE.fullmatch(value.get_secret_value()):
        raise ValueError("must be of visible ASCII characters, without spaces")
    return value


Key = Annotated[SecretStr, AfterValidator(_sendable)]


class Block(BaseModel):
    """Values are checked as written (no "5" for 5), unknown keys are refused, and a loaded block never changes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class NodeConfig(Block):
    """One Meilisearch node. `weight` is its share of the shards of its group."""

    id: NodeId
    address: Annotated[str, AfterValidator(_base_url)]
    replica_group: int = Field(default=0, ge=0)
    weight: float = Field(default=1.0, gt=0, le=1000, allow_inf_nan=False)


class TaskStoreConfig(Block):
    """Where the workers share their state. `memory` is for one worker, and loses everything with it."""

    backend: Literal["sqlite", "memory"] = "sqlite"
    path: str = Field(default="/data/miroir-tasks.db", min_length=1)


class TaskRegistryConfig(Block):
    """How long finished tasks are kept, and how many; what is beyond goes in batches, the oldest first."""

    ttl_seconds: int = Field(default=604_800, ge=1, le=3_153_600_000)
    prune_interval_s: Seconds = 300
    prune_batch_size: Count = 10_000
    max_tasks: Count = 1_000_000


class HealthConfig(Block):
    """How nodes are probed: out after `unhealthy_threshold` failures, back after `recovery_threshold` answers."""

    interval_ms: Milliseconds = 5000
    timeout_ms: Milliseconds = 2000
    unhealthy_threshold: Count = 3
    recovery_threshold: Count = 2


class ScatterConfig(Block):
    """How searches deal with nodes that do not answer."""

    node_timeout_ms: Milliseconds = 5000
    retry_on_timeout: bool = True
    unavailable_shard_policy: Literal["partial", "error"] = "partial"
    cross_group_fallback: bool = True


class MultiSearchConfig(Block):
    """How many queries one multi-search may hold, and how long it may take: in all, and each of its queries."""

    enabled: bool = True
    max_queries_per_batch: Count = 100
    total_timeout_ms: Milliseconds = 30_000
    per_query_timeout_ms: Milliseconds = 30_000


class QueryPlannerConfig(Block):
    """Searches whose filter names documents by primary key ask only the shards of these."""

    enabled: bool = True
    max_pk_literals_narrowable: int = Field(default=128, ge=1, le=10_000)

    @property
    def most_literals(self) -> int:
        """How many literals may narrow a search; 0 when none may."""
        return self.max_pk_literals_narrowable if self.enabled else 0


class HedgingConfig(Block):
    """When a read asks other replicas for what a slow node was asked for, and how often that may be."""

    enabled: bool = True
    p95_trigger_multiplier: float = Field(default=1.2, ge=1, le=1000, allow_inf_nan=False)
    min_trigger_ms: Milliseconds = 15
    max_hedges_per_query: int = Field(default=2, ge=0, le=100)
    cross_group_fallback: bool = True
    budget_ratio: float = Field(default=0.05, ge=0, le=1, allow_inf_nan=False)


class QueryCoalescingConfig(Block):
    """Equal searches at the same time share what the nodes answer to the first."""

    enabled: bool = True
    window_ms: Milliseconds = 50
    max_subscribers: Count = 1000
    max_pending_queries: Count = 10_000


class ExplainConfig(Block):
    """The route that tells how a search would be carried out, and what it may do beside that."""

    enabled: bool = True
    max_warnings: int = Field(default=20, ge=0, le=1000)
    allow_execute_parameter: bool = True


class ReplicaSelectionConfig(Block):
    """Which replica a read prefers: the one with the lowest score, but for a share of reads that look at others."""

    enabled: bool = True
    strategy: Literal["adaptive", "round_robin", "random"] = "adaptive"
    ewma_half_life_ms: Milliseconds = 5000
    exploration_epsilon: float = Field(default=0.05, ge=0, le=1, allow_inf_nan=False)
    latency_weight: Weight = 1.0
    inflight_weight: Weight = 2.0
    error_weight: Weight = 10.0
    exclude_factor: float = Field(default=5.0, ge=1, allow_inf_nan=False)


class WritesConfig(Block):
    """How payloads reach the nodes: the largest request to a node, and where payloads wait while they are checked."""

    node_payload_bytes: int = Field(default=90_000_000, ge=65536)
    spool_dir: str = Field(default="/tmp/miroir", min_length=1)  # noqa: S108 - made 0700 by its user, and documented
    spool_bytes: int = Field(default=4_294_967_296, ge=1_048_576)


class TlsConfig(Block):
    """Both files turn TLS on; HTTP/2 is then offered by ALPN."""

    cert_file: str = ""
    key_file: str = ""

    @property
    def enabled(self) -> bool:
        return bool(self.cert_file)


class ServerConfig(Block):
    """The listener, its limits and its worker processes. `workers` 0 means one per core."""

    port: Port = 7700
    bind: str = Field(default="0.0.0.0", min_length=1)  # noqa: S104 - the documented default of a service
    max_body_bytes: int = Field(default=104_857_600, ge=1024)
    request_timeout_ms: Milliseconds = 30_000
    max_concurrent_requests: Count = 500
    drain_timeout_s: Seconds = 30
    workers: int = Field(default=0, ge=0, le=512)
    h2c: bool = True
    tls: TlsConfig = TlsConfig()


class PoolConfig(Block):
    """Connections to one node, per pod: split over its workers."""

    max_idle: Count = 32
    max_total: Count = 128
    idle_timeout_s: Seconds = 60


class VectorSearchConfig(Block):
    """Searches by vectors of one bit a dimension: how many candidates are taken from each node, to be ranked anew."""

    enabled: bool = True
    over_fetch_factor: int = Field(default=3, ge=1, le=20)

    @property
    def usual_over_fetch(self) -> int:
        """The factor where a client names none."""
        return self.over_fetch_factor if self.enabled else 1


class LoggingConfig(Block):
    level: Literal["debug", "info", "warn", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Config(Block):
    """Everything an operator can set. Secrets show as stars; read them with `get_secret_value()`, "" when not set."""

    master_key: Key = SecretStr("")
    node_master_key: Key = SecretStr("")
    shards: int = Field(default=64, ge=1, le=4096)
    replication_factor: Count = 1
    replica_groups: Count = 1
    ties: Literal["arrival", "node"] = "arrival"
    nodes: Annotated[tuple[NodeConfig, ...], Field(strict=False)] = ()
    task_store: TaskStoreConfig = TaskStoreConfig()
    task_registry: TaskRegistryConfig = TaskRegistryConfig()
    health: HealthConfig = HealthConfig()
    scatter: ScatterConfig = ScatterConfig()
    hedging: HedgingConfig = HedgingConfig()
    query_coalescing: QueryCoalescingConfig = QueryCoalescingConfig()
    explain: ExplainConfig = ExplainConfig()
    replica_selection: ReplicaSelectionConfig = ReplicaSelectionConfig()
    multi_search: MultiSearchConfig = MultiSearchConfig()
    query_planner: QueryPlannerConfig = QueryPlannerConfig()
    writes: WritesConfig = WritesConfig()
    server: ServerConfig = ServerConfig()
    connection_pool_per_node: PoolConfig = PoolConfig()
    vector_search: VectorSearchConfig = VectorSearchConfig()
    logging: LoggingConfig = LoggingConfig()

"""How a search would be carried out: the plan and the choice of nodes, told instead of run, or beside the answer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
import trio

from miroir.config.models import ExplainConfig
from miroir.core.indexes import IndexView
from miroir.core.planning.cautions import Caution, cautions
from miroir.core.planning.covering import Covering
from miroir.core.planning.explaining import Plan, Prospects, explained, legs_of
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import PassThrough, SearchPlan
from miroir.core.planning.understanding import NotUnderstood, understand
from miroir.core.topology import Topology
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import JSON, Reply
from miroir.edge.request_uid import new_request_uid
from miroir.reads.line import CatalogSource, Line
from miroir.reads.scatter import Part
from miroir.reads.search import Searcher


@dataclass(frozen=True, slots=True)
class _Run:
    """A search that was carried out."""

    reply: Reply
    parts: tuple[Part, ...]
    seconds: float


class Explainer:
    """Explains searches. One per worker."""

    def __init__(
        self, catalog: CatalogSource, topology: Topology, line: Line, searcher: Searcher, config: ExplainConfig
    ) -> None:
        self._catalog = catalog
        self._topology = topology
        self._line = line
        self._searcher = searcher
        self._config = config

    def __repr__(self) -> str:
        return f"<Explainer enabled={self._config.enabled}>"

    async def explain(self, request: SearchRequest, *, execute: bool, operator: bool) -> Reply:
        """`{resolved_uid, plan, warnings}`, and with `execute` also `result` and `execution`. Else no node is asked.

        `operator`: whether the caller may know of nodes. Raises MiroirError: miroir_feature_disabled, index_not_found,
        invalid_index_uid, and with `execute` what a search raises.
        """
        self._check_allowed(execute=execute)
        view = self._catalog.current.indexes.get(check_uid(request.index))
        if view is None:
            raise MiroirError("index_not_found", f"Index `{request.index}` not found.")
        plan = await self._searcher.planned(request, view)
        told: dict[str, Any] = {"resolved_uid": view.uid, "plan": None, "warnings": []}
        covering = None
        if isinstance(plan, PassThrough):
            told["warnings"] = _listed([_not_ours(plan)], self._config.max_warnings)
        else:
            covering = self._line.choose(next(iter(legs_of(plan).values())))
            told["plan"] = explained(plan, covering, self._topology, self._prospects(covering), operator=operator)
            told["warnings"] = _listed(_warned(request, view, plan), self._config.max_warnings)
        if execute:
            told |= _executed(await self._run(request, plan, covering), operator=operator)
        return Reply(200, orjson.dumps(told), (JSON,))

    def _check_allowed(self, *, execute: bool) -> None:
        if not self._config.enabled:
            raise MiroirError("miroir_feature_disabled", "Explaining searches is turned off by `explain.enabled`.")
        if execute and not self._config.allow_execute_parameter:
            raise MiroirError(
                "miroir_feature_disabled", "The parameter `execute` is turned off by `explain.allow_execute_parameter`."
            )

    def _prospects(self, covering: Covering) -> Prospects:
        now, line = trio.current_time(), self._line
        p95 = {node: line.chooser.stats.of(node, now).p95 for node in covering.assigned}
        late = [when for node in covering.assigned if (when := line.hedging.late_at(node, now)) is not None]
        return Prospects(
            p95_ms={node: None if seconds is None else round(seconds * 1000, 1) for node, seconds in p95.items()},
            hedge_after_ms=round((min(late) - now) * 1000, 1) if late and line.hedging.possible else None,
            scores={node: round(score, 1) for node, score in line.chooser.scores().items()},
            group_reason=line.chooser.group_reason,
            shares=line.coalescer is not None,
        )

    async def _run(self, request: SearchRequest, plan: Plan | PassThrough, covering: Covering | None) -> _Run:
        """By the very plan and nodes that are told; what takes several steps is run as any search."""
        start = trio.current_time()
        if isinstance(plan, SearchPlan):
            done = await self._searcher.carry_out(request, plan, start, new_request_uid(), covering)
            if done is not None:
                return _Run(*done, trio.current_time() - start)
        reply = await self._searcher.search(request)
        return _Run(reply, (), trio.current_time() - start)


def _executed(run: _Run, *, operator: bool) -> dict[str, Any]:
    marks = {name.decode(): value.decode() for name, value in run.reply.headers if name == b"x-miroir-degraded"}
    execution: dict[str, Any] = {"status": run.reply.status, "took_ms": round(run.seconds * 1000, 1), **marks}
    if operator:
        execution["nodes"] = [
            {"id": part.node, "shards": list(part.shards), "took_ms": round(part.took * 1000, 1)} for part in run.parts
        ]
    return {"result": orjson.Fragment(run.reply.body), "execution": execution}


def _warned(request: SearchRequest, view: IndexView, plan: Plan) -> list[Caution]:
    fields = understand(request.body)
    if isinstance(fields, NotUnderstood):
        return []
    narrowed = next(iter(legs_of(plan).values())).shards is not None
    return list(cautions(fields, view, plan.recipe, narrowed=narrowed))


def _not_ours(plan: PassThrough) -> Caution:
    if plan.unsupported is not None:
        return Caution("would_fail", f"Miroir does not support the parameter `{plan.unsupported}`.")
    return Caution("would_fail", "The request is none that Miroir understands: a node is asked for its error.")


def _listed(warnings: list[Caution], most: int) -> list[dict[str, str]]:
    return [caution.as_dict() for caution in islice(warnings, most)]

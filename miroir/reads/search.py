"""A search from request to reply: plan, ask, ask again elsewhere, merge. What is decided is decided in `core`."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
import trio

from miroir._merge_core import MergeError, merge
from miroir.cluster.health import Health
from miroir.config.models import ScatterConfig
from miroir.core.indexes import Catalog, IndexView
from miroir.core.outcome import Outcome, TimedOut, Unreachable
from miroir.core.planning.display import displayed_of
from miroir.core.planning.narrowing import narrow
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import PassThrough, SearchPlan, plan_search
from miroir.core.planning.verdict import Failed, Good, Refused, Verdict, degraded_header, judge
from miroir.core.topology import Topology
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import JSON, Reply
from miroir.core.wire.rewriting import error_reply
from miroir.edge.nodes.fanout import gather
from miroir.edge.nodes.pool import NodePool
from miroir.edge.request_uid import new_request_uid
from miroir.reads.scatter import Scatter

_log = structlog.get_logger(__name__)
_INLINE_BYTES = 256 * 1024
_INLINE_PLAN_BYTES = 64 * 1024
_CACHED_PLANS = 512
_CACHED_BODY = 4096
_NAMES_TRIED = 3
_LAST_RESORT_S = 0.5
"""How long a node that is believed to be away may take: a search must not wait for one that swallows packets."""
_NOWHERE = IndexView("", "miroir-none", 0, None, 0, (), "", "")


class CatalogSource(Protocol):
    """Whatever holds the current snapshot of the catalog."""

    @property
    def current(self) -> Catalog: ...


class Searcher:
    """Answers searches. One per worker; `search` may run any number of times at once."""

    def __init__(
        self,
        catalog: CatalogSource,
        topology: Topology,
        health: Health,
        pool: NodePool,
        config: ScatterConfig,
        *,
        key: str,
    ) -> None:
        self._catalog = catalog
        self._topology = topology
        self._health = health
        self._pool = pool
        self._config = config
        self._key = key
        self._rotation = itertools.cycle(range(max(1, topology.copies)))
        self._plans: OrderedDict[tuple[bytes, str, frozenset[str], int], SearchPlan] = OrderedDict()
        self._threads = trio.CapacityLimiter(4)
        self._complaints: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Searcher nodes={len(self._topology.nodes)} plans={len(self._plans)}>"

    async def search(self, request: SearchRequest) -> Reply:
        """Answer one search; a refusal of the nodes is a reply too.

        Raises MiroirError: index_not_found, invalid_index_uid, bad_request, miroir_not_supported,
        miroir_shard_unavailable, miroir_timeout. Cancelled, it closes the sockets of its node calls.
        """
        start = trio.current_time()
        for _ in range(_NAMES_TRIED):
            view = self._catalog.current.indexes.get(check_uid(request.index))
            plan = await self._planned(request, view)
            if isinstance(plan, PassThrough):
                return await self._pass_through(request, view, plan)
            if view is None:
                raise _no_index(request.index)
            scatter = Scatter(plan, self._topology, self._health.living, cross_group=self._config.cross_group_fallback)
            reply = await self._answer(request, plan, scatter, start)
            if reply is not None:
                return reply
        raise MiroirError(
            "miroir_shard_unavailable", f"Index `{request.index}` is being moved on its nodes. Try again."
        )

    async def _planned(self, request: SearchRequest, view: IndexView | None) -> SearchPlan | PassThrough:
        """Large bodies are taken apart in a thread, so that they hold up nobody else."""
        if len(request.body) <= _INLINE_PLAN_BYTES:
            return self._plan(request, view)
        return await trio.to_thread.run_sync(self._plan, request, view, limiter=self._threads, abandon_on_cancel=True)

    def _plan(self, request: SearchRequest, view: IndexView | None) -> SearchPlan | PassThrough:
        """The plan, from the small cache if the same was asked of the same snapshot of the index before."""
        rotation, living = next(self._rotation), self._health.living
        key = (request.body, request.index, living, rotation)
        known = self._plans.get(key)
        if known is not None and known.view is view and request.raw_query is None:
            self._plans.move_to_end(key)
            return known
        plan = plan_search(
            request, view or _NOWHERE, self._topology, living, rotation, cross_group=self._config.cross_group_fallback
        )
        if isinstance(plan, SearchPlan) and view is not None and len(request.body) <= _CACHED_BODY:
            self._plans[key] = plan
            if len(self._plans) > _CACHED_PLANS:
                self._plans.popitem(last=False)
        return plan

    async def _answer(self, request: SearchRequest, plan: SearchPlan, scatter: Scatter, start: float) -> Reply | None:
        """Ask and merge; None when the index has meanwhile got another name on the nodes.

        A body that turns out to be no search answer is a failure of its node: its shards are asked of others.
        """
        uid = new_request_uid()
        while True:
            await self._ask(request, plan, scatter)
            if scatter.unknown_name and self._catalog.current.indexes.get(request.index) is not plan.view:
                return None
            if scatter.refused is not None:
                return _refusal(scatter.refused, plan.view, request)
            self._check_complete(request, scatter)
            millis = int((trio.current_time() - start) * 1000)
            try:
                body, cut_off = await self._merge(scatter.bodies, plan, millis, uid)
            except MergeError as error:
                position, what = error.args
                self._note(Unreachable(scatter.reject(position), f"not a search answer: {what}", sent=True))
                continue
            if plan.recipe.narrowing is not None:
                body = narrow(body, plan.recipe.narrowing)
            for node in scatter.nodes:
                self._praise(node)
            incomplete = scatter.missing | (scatter.cut_off() if cut_off else set())
            return Reply(200, body, (JSON, degraded_header(incomplete)) if incomplete else (JSON,))

    async def _ask(self, request: SearchRequest, plan: SearchPlan, scatter: Scatter) -> None:
        """Fan out, and again for the shards that failed, until all is in, refused, or nobody is left to ask."""
        while scatter.to_ask and scatter.refused is None:
            if trio.current_time() >= request.deadline:
                scatter.give_up()
                return
            calls = {node: self._call(node, plan, shards) for node, shards in scatter.to_ask.items()}
            outcomes = await gather(calls, deadline=self._deadline(request))
            scatter.settle({node: self._note(outcome) for node, outcome in outcomes.items()})

    def _call(self, node: str, plan: SearchPlan, shards: tuple[int, ...]) -> Callable[[], Awaitable[Outcome]]:
        target = self._topology.by_id[node]

        def ask() -> Awaitable[Outcome]:
            return self._pool.call(target, "POST", plan.target, plan.template.for_shards(shards), key=self._key)

        return ask if self._health.alive(node) else lambda: _briefly(node, ask)

    def _deadline(self, request: SearchRequest) -> float:
        return min(request.deadline, trio.current_time() + self._config.node_timeout_ms / 1000)

    def _note(self, outcome: Outcome) -> Verdict:
        """Judge an outcome, tell health, and tell the operator once for each new complaint about a node.

        An answer is good only once it has been merged: until then health hears nothing of it.
        """
        verdict = judge(outcome, retry_on_timeout=self._config.retry_on_timeout)
        if not isinstance(verdict, Good):
            self._health.record(outcome)
        if isinstance(verdict, Failed) and self._complaints.get(outcome.node) != verdict.why:
            self._complaints[outcome.node] = verdict.why
            _log.warning("a node failed a search", node=outcome.node, why=verdict.why)
        return verdict

    def _praise(self, node: str) -> None:
        self._health.record_good(node)
        if self._complaints:
            self._complaints.pop(node, None)

    def _check_complete(self, request: SearchRequest, scatter: Scatter) -> None:
        """Raise unless there is something to merge, and all of it where that was asked for."""
        policy = request.unavailable or self._config.unavailable_shard_policy
        if not scatter.missing or (scatter.bodies and policy == "partial"):
            return
        if not scatter.bodies and trio.current_time() >= request.deadline:
            raise MiroirError("miroir_timeout", "The request took longer than it may, and was given up.")
        shards = ", ".join(str(shard) for shard in sorted(scatter.missing))
        hint = " The nodes refuse Miroir's key: check `node_master_key`." if scatter.key_refused else ""
        message = f"No node answers for these shards of index `{request.index}`: {shards}.{hint}"
        raise MiroirError("miroir_shard_unavailable", message)

    async def _merge(self, bodies: list[bytes], plan: SearchPlan, millis: int, uid: str) -> tuple[bytes, bool]:
        """Small answers are merged at once, large ones in a thread, so that they hold up nobody else."""
        if sum(map(len, bodies)) <= _INLINE_BYTES:
            return merge(bodies, plan.merge, millis, uid)
        return await trio.to_thread.run_sync(
            merge, bodies, plan.merge, millis, uid, limiter=self._threads, abandon_on_cancel=True
        )

    async def _pass_through(self, request: SearchRequest, view: IndexView | None, plan: PassThrough) -> Reply:
        """Let one living node judge a request that we do not understand; its error is the reply."""
        for node in self._health.in_order:
            with trio.CancelScope(deadline=self._deadline(request)):
                outcome = await self._pool.call(
                    self._topology.by_id[node], plan.method, plan.target, plan.body, key=self._key
                )
                match self._note(outcome) if view is not None else judge(outcome, retry_on_timeout=True):
                    case Refused() as refused:
                        return _refusal(refused, view or _NOWHERE, request)
                    case Good():
                        raise _not_for_us(plan)
                    case Failed(unknown_name=True) if view is None:
                        raise _no_index(request.index)
        raise MiroirError("miroir_shard_unavailable", "No node answers.")


def _refusal(refused: Refused, view: IndexView, request: SearchRequest) -> Reply:
    return error_reply(refused.status, refused.body, (view.physical,), request.index, displayed_of(view.settings))


async def _briefly(node: str, ask: Callable[[], Awaitable[Outcome]]) -> Outcome:
    with trio.move_on_after(_LAST_RESORT_S):
        return await ask()
    return TimedOut(node, _LAST_RESORT_S)


def _no_index(uid: str) -> MiroirError:
    return MiroirError("index_not_found", f"Index `{uid}` not found.")


def _not_for_us(plan: PassThrough) -> MiroirError:
    if plan.unsupported is not None:
        return MiroirError("miroir_not_supported", f"The parameter `{plan.unsupported}` is not supported by Miroir.")
    return MiroirError("bad_request", "Miroir does not understand a parameter of this search, though its nodes do.")

"""A search from request to reply: plan, ask, merge. What is decided is decided in `core`, asking is the line's."""

from __future__ import annotations

from collections import OrderedDict

import trio

from miroir._merge_core import merge
from miroir.core.indexes import IndexView
from miroir.core.planning.covering import Covering
from miroir.core.planning.hybrid import HybridPlan, plan_hybrid
from miroir.core.planning.pinning import MOST_LITERALS
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.reranking import DEFAULT
from miroir.core.planning.search import ByVectors, PassThrough, SearchPlan, plan_search
from miroir.core.planning.verdict import Failed, Good, Refused
from miroir.core.uids import check_uid
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.edge.request_uid import new_request_uid
from miroir.reads.deep import answer_deep
from miroir.reads.hybrid import HybridSearcher
from miroir.reads.line import Answered, CatalogSource, Line, Moved
from miroir.reads.replies import Merged, answer_reply, refusal_reply
from miroir.reads.scatter import Part

_INLINE_PLAN_BYTES = 64 * 1024
_CACHED_PLANS = 512
_CACHED_BODY = 4096
_NAMES_TRIED = 3
_NOWHERE = IndexView("", "miroir-none", 0, None, 0, (), "", "")
_THREADS = 2

AnyPlan = SearchPlan | HybridPlan | PassThrough


class Searcher:
    """Answers searches. One per worker; `search` may run any number of times at once.

    `most_literals`: how many literals of the primary key may narrow a search to their shards. `over_fetch`: the usual
    factor of searches by vectors of one bit a dimension.
    """

    def __init__(
        self,
        catalog: CatalogSource,
        line: Line,
        *,
        most_literals: int = MOST_LITERALS,
        over_fetch: int = DEFAULT,
    ) -> None:
        self._most_literals = most_literals
        self._over_fetch = over_fetch
        self._catalog = catalog
        self._line = line
        self._hybrid = HybridSearcher(line)
        self._plans: OrderedDict[tuple[bytes, str, int | None, tuple[str, ...] | None], SearchPlan | HybridPlan] = (
            OrderedDict()
        )
        self._threads = trio.CapacityLimiter(_THREADS)

    def __repr__(self) -> str:
        return f"<Searcher plans={len(self._plans)}>"

    async def search(self, request: SearchRequest) -> Reply:
        """Answer one search; a refusal of the nodes is a reply too.

        Raises MiroirError: index_not_found, invalid_index_uid, bad_request, miroir_not_supported,
        miroir_shard_unavailable, miroir_timeout. Cancelled, it closes the sockets of its node calls.
        """
        start = trio.current_time()
        for _ in range(_NAMES_TRIED):
            view = self._catalog.current.indexes.get(check_uid(request.index))
            plan = await self.planned(request, view)
            if isinstance(plan, PassThrough):
                return await self._pass_through(request, view, plan)
            if view is None:
                raise _no_index(request.index)
            uid = request.uid or new_request_uid()
            if isinstance(plan, HybridPlan):
                reply = await self._hybrid.answer(request, plan, start, uid)
            else:
                reply = await self._answer(request, plan, start, uid)
            if reply is not None:
                return reply
        raise MiroirError(
            "miroir_shard_unavailable", f"Index `{request.index}` is being moved on its nodes. Try again."
        )

    async def planned(self, request: SearchRequest, view: IndexView | None) -> AnyPlan:
        """Large bodies are taken apart in a thread, so that they hold up nobody else."""
        if len(request.body) <= _INLINE_PLAN_BYTES:
            return self._plan(request, view)
        return await trio.to_thread.run_sync(self._plan, request, view, limiter=self._threads, abandon_on_cancel=True)

    def _plan(self, request: SearchRequest, view: IndexView | None) -> AnyPlan:
        """The plan, from the small cache if the same was asked of the same snapshot of the index before."""
        key = (request.body, request.index, request.over_fetch, request.kept)
        known = self._plans.get(key)
        if known is not None and known.view is view and request.raw_query is None:
            self._plans.move_to_end(key)
            return known
        plan: AnyPlan | ByVectors = plan_search(request, view or _NOWHERE, most_literals=self._most_literals)
        if isinstance(plan, ByVectors):
            plan = plan_hybrid(plan, view or _NOWHERE, over_fetch=request.over_fetch, usual_over_fetch=self._over_fetch)
        if not isinstance(plan, PassThrough) and view is not None and len(request.body) <= _CACHED_BODY:
            self._plans[key] = plan
            if len(self._plans) > _CACHED_PLANS:
                self._plans.popitem(last=False)
        return plan

    async def _answer(self, request: SearchRequest, plan: SearchPlan, start: float, uid: str) -> Reply | None:
        """Ask and merge; None when the index has meanwhile got another name on the nodes."""
        if plan.deep is not None:
            told = await answer_deep(self._line, plan.deep, plan.merge, start, uid, request)
            if told is not None:
                return answer_reply(told.value, plan.recipe, told.parts, told.missing)
        done = await self.carry_out(request, plan, start, uid)
        return None if done is None else done[0]

    async def carry_out(
        self, request: SearchRequest, plan: SearchPlan, start: float, uid: str, covering: Covering | None = None
    ) -> tuple[Reply, tuple[Part, ...]] | None:
        """The reply and what it is made of, by these nodes if given; None when the index is no longer what it was."""

        def merged(bodies: list[bytes], now: float) -> Merged:
            return merge(bodies, plan.merge, int((now - start) * 1000), uid)

        told = await self._line.answer(
            plan.leg,
            merged,
            deadline=request.deadline,
            policy=request.unavailable,
            covering=covering,
            share=covering is None,
        )
        match told:
            case Moved():
                return None
            case Refused() as refused:
                return refusal_reply(refused, plan.view, request.index), ()
            case Answered(value=answer, parts=parts, missing=missing):
                return answer_reply(answer, plan.recipe, parts, missing), parts

    async def _pass_through(self, request: SearchRequest, view: IndexView | None, plan: PassThrough) -> Reply:
        """Let one living node judge a request that we do not understand; its error is the reply."""
        match await self._line.one(plan.target, plan.body, deadline=request.deadline, method=plan.method):
            case Refused() as refused:
                return refusal_reply(refused, view or _NOWHERE, request.index)
            case Good():
                raise _not_for_us(plan)
            case Failed(unknown_name=True) if view is None:
                raise _no_index(request.index)
        raise MiroirError("miroir_shard_unavailable", "No node answers.")


def _no_index(uid: str) -> MiroirError:
    return MiroirError("index_not_found", f"Index `{uid}` not found.")


def _not_for_us(plan: PassThrough) -> MiroirError:
    if plan.unsupported is not None:
        return MiroirError("miroir_not_supported", f"The parameter `{plan.unsupported}` is not supported by Miroir.")
    return MiroirError("bad_request", "Miroir does not understand a parameter of this search, though its nodes do.")

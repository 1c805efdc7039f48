"""A deep page in two phases: who is on it, then what is in these documents. What is asked is planned in `core`."""

from __future__ import annotations

from collections.abc import Sequence

from miroir._merge_core import MergeError, MergePlan, merge_page, page_stamps
from miroir.core.planning.covering import Covering
from miroir.core.planning.deep import Deep, Stamps
from miroir.core.planning.leg import Leg
from miroir.core.planning.request import SearchRequest
from miroir.core.wire.errors import MiroirError
from miroir.reads.line import Answered, Line
from miroir.reads.replies import Merged
from miroir.reads.scatter import Part


async def answer_deep(
    line: Line, deep: Deep, plan: MergePlan, start: float, uid: str, request: SearchRequest
) -> Answered[Merged] | None:
    """The merged answer as one phase would give it; None when it has to: the nodes refuse, a document has changed or a
    node gone in between. Raises MiroirError as `Line.answer` does for the first phase."""

    def ranked(bodies: list[bytes], _now: float) -> tuple[list[bytes], Stamps]:
        return bodies, page_stamps(bodies, plan)

    first = await line.answer(deep.leg, ranked, deadline=request.deadline, policy=request.unavailable, share=True)
    if not isinstance(first, Answered):
        return None
    bodies, stamps = first.value

    def whole(contents: list[bytes], now: float) -> Merged | None:
        try:
            return merge_page(bodies, contents, plan, int((now - start) * 1000), uid)
        except MergeError:
            return None

    leg = deep.contents(stamps)
    if not leg.shards:
        return None
    try:
        second = await line.answer(
            leg, whole, deadline=request.deadline, policy="error", covering=_same(first.parts, leg)
        )
    except MiroirError:
        return None
    if not isinstance(second, Answered) or second.value is None:
        return None
    return Answered(second.value, first.parts, first.missing)


def _same(parts: Sequence[Part], leg: Leg) -> Covering:
    """The nodes that ranked the hits, for their shards of the page."""
    wanted = set(leg.shards or ())
    assigned = {part.node: tuple(shard for shard in part.shards if shard in wanted) for part in parts}
    return Covering({node: assigned[node] for node in sorted(assigned) if assigned[node]}, ())

"""A search with vectors from plan to reply: words first where they may do, one embedding, then vectors everywhere."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import orjson

from miroir._merge_core import MergeError, good_enough, merge, merge_legs
from miroir.core.planning.hybrid import HybridPlan
from miroir.core.planning.leg import Leg
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.verdict import Good, Refused
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.reads.line import Answered, Line, Moved
from miroir.reads.replies import Merged, answer_reply, refusal_reply

_NO_EMBEDDING = "vector_embedding_error"


@dataclass(frozen=True, slots=True)
class _Words:
    """What words alone found: the answer, the bodies it is made of, and whether it is good enough."""

    merged: Merged
    bodies: list[bytes]
    enough: bool


@dataclass(frozen=True, slots=True)
class _Call:
    """One search under way; `start` is on Trio's clock."""

    request: SearchRequest
    plan: HybridPlan
    start: float
    uid: str

    def millis(self, now: float) -> int:
        return int((now - self.start) * 1000)


class HybridSearcher:
    """Answers searches in which vectors take part. One per worker."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._turns = itertools.count()

    async def answer(self, request: SearchRequest, plan: HybridPlan, start: float, uid: str) -> Reply | None:
        """Ask and merge; None when the index has meanwhile got another name on the nodes.

        As one node does: the query is embedded once, and only if words alone are not good enough; if that fails, words
        alone are the answer where they take part. Raises MiroirError as `Searcher.search`. Cancelled, it closes the
        sockets of its node calls.
        """
        call = _Call(request, plan, start, uid)
        words: Answered[_Words] | None = None
        if plan.words_first and plan.words is not None:
            told = await self._by_words(call, plan.words)
            match told:
                case Moved():
                    return None
                case Refused():
                    return refusal_reply(told, plan.view, request.index)
                case Answered(value=_Words(enough=True)):
                    return await self._checked(call, told)
            words = told
        return await self._with_vector(call, words)

    async def _by_words(self, call: _Call, leg: Leg) -> Answered[_Words] | Refused | Moved:
        def merged(bodies: list[bytes], now: float) -> _Words:
            answer = merge(bodies, call.plan.merge, call.millis(now), call.uid)
            return _Words(answer, bodies, good_enough(bodies, call.plan.merge))

        request = call.request
        return await self._line.answer(leg, merged, deadline=request.deadline, policy=request.unavailable, share=True)

    async def _checked(self, call: _Call, words: Answered[_Words]) -> Reply | None:
        """Words are good enough; but an embedder that is not there, or not for such a vector, is an error even so."""
        if call.plan.known and call.plan.query.vector is None:
            return _words_reply(call, words)
        match await self._embedded(call):
            case Moved():
                return None
            case Refused() as refused if refused.code != _NO_EMBEDDING:
                return refusal_reply(refused, call.plan.view, call.request.index)
        return _words_reply(call, words)

    async def _with_vector(self, call: _Call, words: Answered[_Words] | None) -> Reply | None:
        vector = call.plan.query.vector
        if vector is not None:
            return await self._by_vectors(call, words, orjson.dumps(vector))
        match await self._embedded(call):
            case Moved():
                return None
            case Refused(code=code) if call.plan.words is not None and code == _NO_EMBEDDING:
                return await self._words_alone(call, call.plan.words, words)
            case Refused() as refused:
                return refusal_reply(refused, call.plan.view, call.request.index)
            case bytes() as made:
                return await self._by_vectors(call, words, made)

    async def _embedded(self, call: _Call) -> bytes | Refused | Moved:
        """The query's vector as JSON, made by one node; the nodes take turns, for it may be much work."""
        plan, deadline = call.plan, call.request.deadline
        leg = Leg((plan.view,), plan.target, lambda _: plan.question)
        shards = sorted(shard for own in self._line.choose(leg).assigned.values() for shard in own)
        if shards:
            asked = Leg(leg.views, leg.target, leg.body, (shards[next(self._turns) % len(shards)],))
            try:
                told = await self._line.answer(asked, lambda bodies, _: _vector_of(bodies[0]), deadline=deadline)
            except MiroirError as error:
                if error.code != "miroir_shard_unavailable":
                    raise
            else:
                return told.value if isinstance(told, Answered) else told
        return await self._embedded_anywhere(call)

    async def _embedded_anywhere(self, call: _Call) -> bytes | Refused:
        """The same where nobody answers who holds that shard."""
        match await self._line.one(call.plan.target, call.plan.question, deadline=call.request.deadline):
            case Refused() as refused:
                return refused
            case Good(body=body):
                return _vector_of(body)
        raise MiroirError("miroir_shard_unavailable", "No node answers.")

    async def _words_alone(self, call: _Call, leg: Leg, words: Answered[_Words] | None) -> Reply | None:
        """The answer where no vector can be had."""
        told = words or await self._by_words(call, leg)
        match told:
            case Moved():
                return None
            case Refused():
                return refusal_reply(told, call.plan.view, call.request.index)
            case Answered():
                return _words_reply(call, told)

    async def _by_vectors(self, call: _Call, words: Answered[_Words] | None, vector: bytes) -> Reply | None:
        plan, request = call.plan, call.request
        of_words = [] if words is None else words.value.bodies
        merging = plan.merging(vector)

        def merged(bodies: list[bytes], now: float) -> Merged:
            try:
                return merge_legs(of_words, bodies, merging, call.millis(now), call.uid)
            except MergeError as error:
                position, what = error.args
                if position < len(of_words):
                    raise MiroirError("miroir_shard_unavailable", "An answer by words cannot be read again.") from None
                raise MergeError(position - len(of_words), what) from None

        match await self._line.answer(
            plan.vectors(vector), merged, deadline=request.deadline, policy=request.unavailable, share=True
        ):
            case Moved():
                return None
            case Refused() as refused:
                return refusal_reply(refused, plan.view, request.index)
            case Answered(value=merged_answer, parts=parts, missing=missing):
                if words is not None:
                    parts, missing = (*words.parts, *parts), words.missing | missing
                return answer_reply(merged_answer, plan.recipe, parts, missing)


def _words_reply(call: _Call, words: Answered[_Words]) -> Reply:
    return answer_reply(words.value.merged, call.plan.recipe, words.parts, words.missing)


def _vector_of(body: bytes) -> bytes:
    """The vector that a node searched for. Raises MergeError for a body without one."""
    try:
        return orjson.dumps(orjson.loads(body)["queryVector"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise MergeError(0, "it tells no vector of the query") from None

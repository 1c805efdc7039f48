"""What a node's answer to a search means, and what remains to be asked: pure functions of requests and results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from miroir.core.outcome import Answered, Outcome, TimedOut, Unreachable

DEGRADED = b"x-miroir-degraded"
_NO_DOCUMENT = "document_not_found"
_SKIPPED_ELSEWHERE = "invalid_search_attributes_to_search_on"


@dataclass(frozen=True, slots=True)
class Good:
    """An answer to merge."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The node judged the request: its error is the client's. `code` is Meilisearch's."""

    status: int
    body: bytes
    code: str

    @property
    def only_unknown_here(self) -> bool:
        """An attribute that no document here has: no hits from this node, if others know it (exact-merge 3B-25)."""
        return self.code == _SKIPPED_ELSEWHERE


@dataclass(frozen=True, slots=True)
class Failed:
    """The node could not be made to answer; `why` is for the operator. `again`: whether to ask another replica.

    `unknown_name`: the node knows no index of that name, as after a rename. `key_refused`: it does not take our key.
    """

    why: str
    again: bool = True
    unknown_name: bool = False
    key_refused: bool = False


Verdict = Good | Refused | Failed


def judge(outcome: Outcome, *, retry_on_timeout: bool) -> Verdict:
    """Sort an outcome into answers, refusals and failures. A 4xx that is no error of Meilisearch is a failure.

    So is a 404 that speaks of the index; one that speaks of a document is an owner's word.
    """
    match outcome:
        case Answered(status=200, body=body):
            return Good(body)
        case Answered(status=401 | 403):
            return Failed("the node refuses Miroir's key", key_refused=True)
        case Answered(status=404, body=body) if _code(body) != _NO_DOCUMENT:
            return Failed("the node does not have the index", unknown_name=True)
        case Answered(status=status, body=body) if 400 <= status < 500 and (code := _code(body)):
            return Refused(status, body, code)
        case Answered(status=status):
            return Failed(f"the node answered with status {status}")
        case TimedOut(after=after):
            return Failed(f"no answer within {after:.3f} s", again=retry_on_timeout)
        case Unreachable(why=why):
            return Failed(why)


def _code(body: bytes) -> str:
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else ""


def says_cut_off(body: bytes) -> bool:
    """Whether a search answer says, in the ranking details of a hit, that its node ran out of time."""
    if b'"skipped"' not in body:
        return False
    return any("skipped" in hit.get("_rankingScoreDetails", ()) for hit in orjson.loads(body)["hits"])


def degraded_header(shards: Iterable[int], queries: Iterable[int] = ()) -> tuple[bytes, bytes]:
    """The mark of an incomplete answer; of a multi-search also the places of its queries that lack something."""
    lacking = {"shards": sorted(shards), "queries": sorted(queries)}
    marks = (f"{what}={','.join(map(str, places))}" for what, places in lacking.items() if places)
    return DEGRADED, "; ".join(marks).encode()


def missing_shards(headers: Iterable[tuple[bytes, bytes]]) -> set[int]:
    """The shards that the mark of an answer names; none where it has no mark."""
    marks = [value.decode() for name, value in headers if name == DEGRADED]
    listed = [part.removeprefix("shards=") for mark in marks for part in mark.split("; ") if part.startswith("shards=")]
    return {int(shard) for shards in listed for shard in shards.split(",")}

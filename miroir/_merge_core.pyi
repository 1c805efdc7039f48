"""The Rust heart of Miroir: placement, splitting a payload, merging node answers. Pure functions over bytes.

Every function releases the GIL while it works on more than a few kilobytes. None does I/O or keeps state between
calls, save `Splitter`, whose state is the payload it is reading.
"""

from collections.abc import Mapping, Sequence
from typing import Self, final

__all__ = [
    "FederatedPlan",
    "MergeError",
    "MergePlan",
    "Piece",
    "SplitError",
    "Splitter",
    "canonical_id",
    "encode_sequence",
    "encode_shard",
    "good_enough",
    "merge",
    "merge_federated",
    "merge_legs",
    "merge_page",
    "normalize_facet",
    "page_stamps",
    "rendezvous",
    "shard_of",
    "stamp",
]

def canonical_id(value: bytes) -> str | None:
    """The text form in which Meilisearch keeps a document id, given as JSON; None when it is no valid id.

    An integer becomes its decimal text; a string must be 1 to 511 bytes of `[A-Za-z0-9_-]`.
    """

def shard_of(document_id: str, shards: int) -> int:
    """The shard of a document: xxh64 of its case-folded canonical id, modulo `shards` (1..4096, else ValueError).

    Pinned for ever by fixtures. Only ASCII letters are folded: canonical ids hold no others.
    """

def rendezvous(nodes: Sequence[tuple[str, float]], shard: int, salt: str, copies: int) -> list[str]:
    """The `copies` nodes, best first, for one shard among `(id, weight)` pairs of one group.

    Weighted rendezvous by the logarithmic method: score = -weight / ln(u), u in (0, 1) from xxh64(id, shard, salt).
    ValueError for a weight that is not more than 0.
    """

def encode_shard(shard: int) -> str:
    """A shard number (0..4095) as four separator characters, which no search finds (exact-merge 4.3)."""

def encode_sequence(sequence: int) -> str:
    """A sequence number (0..2**48-1) as sixteen separator characters in the order of the numbers."""

class SplitError(Exception):
    """A payload that cannot be split. `args` is (code, message, position).

    Codes: malformed_payload, missing_document_id, invalid_document_id, index_primary_key_no_candidate_found,
    index_primary_key_multiple_candidates_found, miroir_reserved_field. The message is Meilisearch's; the position is
    that of the document in the payload, from 0.
    """

@final
class Piece:
    """Documents of one shard as NDJSON, each closed by `_miroir_shard` and a `_miroir_seq`.

    The sequence counts from the payload's first document (0); `stamp` turns it into that of the index.
    """

    shard: int
    data: bytes
    ends: bytes
    """Offsets after each document's newline, as little-endian u32."""

@final
class Splitter:
    """Reads one payload in chunks of any size and hands out the documents by shard.

    Values pass through byte for byte. Nothing is handed out for a document before it was checked: JSON syntax (also
    UTF-8, pairs of surrogates, the range of numbers, 127 levels), an object, its id, no field that begins with
    `_miroir_`. Memory is bounded by the largest document plus
    what one `feed` was given.

    As on a node, the syntax of the whole payload comes first: a document whose id is wrong is reported by `finish`,
    when no syntax error was found behind it; nothing is handed out any more until then. A reserved field is reported
    at once. After an error every call raises it again. Two fields that hold the id are invalid_document_id, also
    when they have one name.
    """

    def __new__(cls, *, ndjson: bool, shards: int, primary_key: str | None = None) -> Self: ...
    def feed(self, chunk: bytes) -> list[Piece]:
        """Take the next bytes; return what became complete, in order within each shard. Raises SplitError."""
    def finish(self) -> list[Piece]:
        """The payload is over; there is nothing left to hand out. Raises SplitError: malformed_payload when it ends
        inside a document or an array, else what was found wrong with an id."""
    @property
    def documents(self) -> int:
        """How many documents were handed out so far."""
    @property
    def seen(self) -> int:
        """How many complete documents there were so far, with those not handed out because of a bad id."""
    @property
    def primary_key(self) -> str | None:
        """As given, or inferred from the first document as Meilisearch does; None before that."""

def stamp(data: bytes, ends: bytes, base: int) -> bytes:
    """A copy of a piece's data with `base` added to each document's sequence.

    ValueError when `ends` do not belong to `data`, OverflowError when a sequence would reach 2**48.
    """

def normalize_facet(text: str) -> str:
    """A text as the engine compares values of facets and sorts: trimmed, decomposed (NFKD), in lower case, cut."""

@final
class MergePlan:
    """How to make one answer of several: everything that does not depend on the answers. Built once per search.

    offset, limit        the client's window, by hits; in page mode `(page-1)*hitsPerPage, hitsPerPage`
    page                 `(page, hitsPerPage)` to answer in page mode, else None
    max_total_hits       the index's pagination.maxTotalHits: no hit beyond it is ever answered
    show_score, show_details   what the client asked to see; nodes always send both
    strip                dotted attributes that were injected for the merge, removed from hits and `_formatted`
    strip_formatted      what to remove from `_formatted` instead, where that differs; None: as `strip`
    displayed            the only attributes that `_matchesPosition` may name; None: all
    strip_facets         facets that were injected to count distinct values, removed from the answer
    distinct             attribute whose values may occur only once in the answer, or None
    facet_limit          the client's maxValuesPerFacet
    facet_order          attribute or "*" -> "alpha" | "count"
    hidden_rules         names of `field:asc` / `field:desc` entries that the client may not see in the details
    semantic_ratio       the weight of vectors (more than 0), where they take part in the search; else None
    primary_key          dotted path of the document's id, by which a hit of both legs is known as one; None: no legs
    show_query_vector    whether the client asked for vectors, and so sees the one that was searched for
    rerank               `(embedder, query vector, (mean, sigma) of its similarities or None)`: hits of a search by
                         vectors alone are ranked anew by those that they bring along in `_vectors`, of which signs
                         count; similarities and scores shown are then the new ones. Not where distances sort too

    Fields that begin with `_miroir_` are always removed, at every place of the answer.
    """

    def __new__(
        cls,
        *,
        offset: int,
        limit: int,
        page: tuple[int, int] | None = None,
        max_total_hits: int = 1000,
        show_score: bool = False,
        show_details: bool = False,
        strip: Sequence[str] = ...,
        strip_formatted: Sequence[str] | None = None,
        strip_facets: Sequence[str] = ...,
        displayed: Sequence[str] | None = None,
        distinct: str | None = None,
        facet_limit: int = 100,
        facet_order: Mapping[str, str] = ...,
        hidden_rules: Sequence[str] = ...,
        semantic_ratio: float | None = None,
        primary_key: str | None = None,
        show_query_vector: bool = False,
        rerank: tuple[str, Sequence[float], tuple[float, float] | None] | None = None,
    ) -> Self: ...

class MergeError(Exception):
    """A body that is no search answer. `args` is (position in `bodies`, what is wrong)."""

def merge(bodies: Sequence[bytes], plan: MergePlan, processing_time_ms: int, request_uid: str) -> tuple[bytes, bool]:
    """One search answer out of the raw answers of disjoint sets of shards, as one node with all of them would give it.

    Returns the body and whether a node was cut off (`skipped` in the details of a hit). k-way by the lexicographic key
    of `_rankingScoreDetails` (exact-merge 2.1): hits are spliced as bytes and only those of the page are copied.
    Facets are summed, ordered and truncated (6.1), stats and totals combined. Raises MergeError; ValueError when there
    are no bodies. Of hits only what the merge needs is read: their order is the nodes', their bytes are copied.
    """

def merge_legs(
    words: Sequence[bytes], vectors: Sequence[bytes], plan: MergePlan, processing_time_ms: int, request_uid: str
) -> tuple[bytes, bool]:
    """One answer out of both legs of a hybrid search (exact-merge 5.4), else as `merge`.

    Hits by words are those of `words`, hits by vectors those of `vectors`, which also tell totals and facets. The two
    lists are merged as one node merges its own (5.2, step 5). Positions in a MergeError count `words` first.
    """

def good_enough(bodies: Sequence[bytes], plan: MergePlan) -> bool:
    """Whether the answers by words of a hybrid search are good enough to search no further (exact-merge 5.2, step 2).

    Raises MergeError. True for a plan without `semantic_ratio`.
    """

def page_stamps(bodies: Sequence[bytes], plan: MergePlan) -> list[tuple[str, str]]:
    """The `_miroir_shard` and `_miroir_seq` of each hit of the page, in order; hits hold them. Raises MergeError."""

def merge_page(
    bodies: Sequence[bytes], contents: Sequence[bytes], plan: MergePlan, processing_time_ms: int, request_uid: str
) -> tuple[bytes, bool] | None:
    """As `merge`, but `bodies` only rank the hits; answers to a second question hold their `contents`, each with its
    `_miroir_seq`. None when a hit of the page has no contents. Raises MergeError; positions count contents behind
    bodies."""

@final
class FederatedPlan:
    """How to make one answer of those to several queries. Built once per request.

    queries              for each: which of the indexes it asks, its weight, and the plan by which its hits are shown
    indexes              in the order of their uids, for each: the client's uid; the dotted path of the documents' ids,
                         where several queries may find one document, else None; how many hits it may give; which
                         answer tells its total and facets; whether the client wants facets of it
    offset, limit        the client's window, by hits; in page mode `(page-1)*hitsPerPage, hitsPerPage`
    page                 `(page, hitsPerPage)` to answer in page mode, else None
    distinct             attribute whose values may occur only once among the hits of all queries, or None
    merge_facets         sum the facets of all indexes, and cut them to `facet_limit` values; else answer them by index
    show_semantic, show_vectors    whether the answer has `semanticHitCount`, `queryVectors`
    """

    def __new__(
        cls,
        *,
        queries: Sequence[tuple[int, float, MergePlan]],
        indexes: Sequence[tuple[str, str | None, int, int, bool]],
        offset: int,
        limit: int,
        page: tuple[int, int] | None = None,
        distinct: str | None = None,
        merge_facets: bool = False,
        facet_limit: int | None = None,
        show_semantic: bool = False,
        show_vectors: bool = False,
    ) -> Self: ...

def merge_federated(bodies: Sequence[bytes], plan: FederatedPlan, processing_time_ms: int, request_uid: str) -> bytes:
    """One federated answer out of merged answers: first one to each query, in order, then those that only count.

    The hits of a query need `_rankingScore` and `_rankingScoreDetails` with all values, and stay in their order.
    Lists are merged by weighted scores (exact-merge 2.9), those of one index first, then by the position of the query.
    Raises MergeError (position in `bodies`, what is wrong); ValueError when there are fewer bodies than the plan needs.
    """

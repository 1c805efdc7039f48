"""`POST /multi-search`: many searches in one request, each with its own plan, all under one deadline.

Where the queries make one list of hits, `federated` carries them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import orjson
import trio

from miroir.config.models import MultiSearchConfig
from miroir.core.planning.batch import Batch, Query, understand_batch
from miroir.core.planning.federation import Federation, understand_federation
from miroir.core.planning.request import BatchRequest, SearchRequest
from miroir.core.planning.understanding import NotUnderstood, understand
from miroir.core.planning.verdict import degraded_header, missing_shards
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import JSON, Reply
from miroir.edge.request_uid import new_request_uid
from miroir.reads.federated import Federator
from miroir.reads.judged import error_of_one_node, judged
from miroir.reads.line import CatalogSource, Line
from miroir.reads.together import AT_ONCE, Searching, error_inside, together


class MultiSearcher:
    """Answers multi-searches. One per worker; `search` may run any number of times at once."""

    def __init__(self, catalog: CatalogSource, line: Line, searcher: Searching, config: MultiSearchConfig) -> None:
        self._catalog = catalog
        self._line = line
        self._searcher = searcher
        self._config = config
        self._federator = Federator(catalog, line, searcher, config)

    def __repr__(self) -> str:
        return f"<MultiSearcher enabled={self._config.enabled}>"

    async def search(self, request: BatchRequest) -> Reply:
        """Answer one multi-search; a refusal of a node is a reply too.

        Raises MiroirError: miroir_feature_disabled, miroir_limit_exceeded, invalid_index_uid, bad_request,
        miroir_not_supported, miroir_shard_unavailable. Cancelled, it cancels all of its searches.
        """
        self._check_enabled()
        request = self._within_total(request)
        batch = understand_batch(request.body)
        if isinstance(batch, NotUnderstood):
            return await self._of_one_node(request)
        self._check_size(batch)
        if batch.federation is not None:
            return await self._federated(batch, request)
        if any(batch.options) or any(isinstance(understand(query.body), NotUnderstood) for query in batch.queries):
            refused = await judged(self._line, batch, self._catalog.current, request.deadline)
            if refused is not None:
                return refused
        return await self._each(batch, request)

    def _check_enabled(self) -> None:
        if not self._config.enabled:
            raise MiroirError("miroir_feature_disabled", "Multi-search is turned off by `multi_search.enabled`.")

    def _check_size(self, batch: Batch) -> None:
        most = self._config.max_queries_per_batch
        if len(batch.queries) > most:
            raise MiroirError(
                "miroir_limit_exceeded",
                f"The request has {len(batch.queries)} queries; `multi_search.max_queries_per_batch` allows {most}.",
            )

    def _within_total(self, request: BatchRequest) -> BatchRequest:
        latest = trio.current_time() + self._config.total_timeout_ms / 1000
        return BatchRequest(request.body, min(request.deadline, latest), request.unavailable)

    async def _of_one_node(self, request: BatchRequest) -> Reply:
        refused = await error_of_one_node(self._line, request.body, request.deadline)
        if refused is None:
            raise not_for_us(None)
        return refused

    async def _federated(self, batch: Batch, request: BatchRequest) -> Reply:
        federation = understand_federation(batch)
        if isinstance(federation, Federation):
            return await self._federator.answer(batch, federation, request)
        refused = await judged(self._line, batch, self._catalog.current, request.deadline)
        if refused is None:
            raise not_for_us(federation.unsupported)
        return refused

    async def _each(self, batch: Batch, request: BatchRequest) -> Reply:
        uid = new_request_uid()

        async def ask(query: Query) -> Reply:
            latest = trio.current_time() + self._config.per_query_timeout_ms / 1000
            deadline = min(request.deadline, latest)
            return await self._searcher.search(
                SearchRequest(query.index, query.body, deadline, request.unavailable, uid=uid)
            )

        replies = await together([partial(ask, query) for query in batch.queries], most=AT_ONCE)
        if replies and replies[-1].status >= 400:
            return error_inside(len(replies) - 1, replies[-1])
        return _results(batch, replies)


def not_for_us(unsupported: str | None) -> MiroirError:
    """What a node takes and Miroir does not."""
    if unsupported is not None:
        return MiroirError("miroir_not_supported", f"The parameter `{unsupported}` is not supported by Miroir.")
    return MiroirError("bad_request", "Miroir does not understand this request, though its nodes do.")


def _results(batch: Batch, replies: Sequence[Reply]) -> Reply:
    """The answers are spliced as bytes, each behind the uid of its index."""
    results = (
        b'{"indexUid":' + orjson.dumps(query.index) + b"," + reply.body[1:]
        for query, reply in zip(batch.queries, replies, strict=True)
    )
    body = b'{"results":[' + b",".join(results) + b"]}"
    missing = [missing_shards(reply.headers) for reply in replies]
    lacking = [place for place, shards in enumerate(missing) if shards]
    return Reply(200, body, (JSON, degraded_header(set().union(*missing), lacking)) if lacking else (JSON,))

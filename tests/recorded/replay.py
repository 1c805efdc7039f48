"""One case asked of Miroir, and what differs from what was recorded."""

from __future__ import annotations

import httpx

from tests.engine.compare import difference
from tests.harness.client import Answer
from tests.recorded.tape import Recorded, Request


async def answer_of(client: httpx.AsyncClient, request: Request) -> Answer:
    content = None if request.body is None else request.body.encode()
    headers = {} if content is None else {"content-type": "application/json"}
    reply = await client.request(request.method, request.path, content=content, headers=headers)
    return Answer(reply.status_code, reply.headers, reply.content)


def difference_of(case: Recorded, replied: Answer) -> str | None:
    """The first difference, as a sentence. An answer that is marked as incomplete is one."""
    if "x-miroir-degraded" in replied.headers:
        return f"marked as incomplete: {replied.headers['x-miroir-degraded']}"
    return difference(Answer(case.status, httpx.Headers(case.headers), case.body), replied)

"""Keep-alive connections to every node, bounded. One call is one `Outcome`; nothing is retried once a byte has left.

No timeouts in here: callers put `trio.move_on_at` around a call, and a cancelled call closes its socket.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import trio

from miroir.config.models import Config
from miroir.core.outcome import Answered, Outcome, Unreachable
from miroir.core.topology import Node
from miroir.edge.nodes.address import Address, parse_address, request_head
from miroir.edge.nodes.connection import BadAnswerError, Response, decoded, read_response
from miroir.edge.nodes.wire import Wire, connect
from miroir.edge.workers import share_of

Send = Callable[[Wire], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Per node, for this process: open connections, idle ones kept, and seconds until an idle one is closed."""

    max_total: int = 128
    max_idle: int = 32
    idle_timeout: float = 60.0


@dataclass(slots=True)
class _Idle:
    wire: Wire
    since: float


@dataclass(slots=True)
class _Lane:
    """What the pool holds for one address."""

    slots: trio.Semaphore
    idle: list[_Idle] = field(default_factory=list)


class NodePool:
    """Connections to nodes. Made by `open_pool`; `close` ends every idle one."""

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._lanes: dict[str, _Lane] = {}

    def __repr__(self) -> str:
        idle = {address: len(lane.idle) for address, lane in self._lanes.items()}
        return f"<NodePool idle={idle}>"

    async def call(
        self,
        node: Node,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        key: str,
        content_type: str = "application/json",
    ) -> Outcome:
        """One request, one outcome. `target` is the path with its query; `key` goes out as the bearer.

        Waits, within the caller's scope, for a free connection. Cancelled, it closes its socket; the node may still
        carry the request out. Raises ValueError for a target that is none.
        """
        head = request_head(parse_address(node.address), method, target, key, content_type, len(body))
        return await self._run(node, method, lambda wire: wire.send(head + body))

    async def stream(
        self,
        node: Node,
        method: str,
        target: str,
        chunks: AsyncIterator[bytes],
        length: int,
        *,
        key: str,
        content_type: str,
    ) -> Outcome:
        """As `call`, for a body of `length` bytes that comes in pieces and is never held whole.

        A node that answers before it has read everything is heard: its answer is the outcome.
        """
        head = request_head(parse_address(node.address), method, target, key, content_type, length)

        async def send(wire: Wire) -> None:
            await wire.send(head)
            async for chunk in chunks:
                await wire.send(chunk)

        return await self._run(node, method, send)

    async def exchange(self, node: Node, method: str, head: bytes, body: bytes) -> Response | Unreachable:
        """A request whose head the caller wrote, and the answer as it came: for the httpx face."""

        def send(wire: Wire) -> Awaitable[None]:
            return wire.send(head + body)

        try:
            return await self._exchange(node, method, send)
        except _BrokenCallError as broken:
            return Unreachable(node.id, broken.why, broken.sent)

    async def _run(self, node: Node, method: str, send: Send) -> Outcome:
        start = trio.current_time()
        try:
            response = await self._exchange(node, method, send)
            body = decoded(response)
        except BadAnswerError as error:
            return Unreachable(node.id, str(error), sent=True)
        except _BrokenCallError as broken:
            return Unreachable(node.id, broken.why, broken.sent)
        return Answered(node.id, response.status, body, trio.current_time() - start)

    async def _exchange(self, node: Node, method: str, send: Send) -> Response:
        address = parse_address(node.address)
        lane = self._lane(node.address)
        try:
            lane.slots.acquire_nowait()
        except trio.WouldBlock:
            await lane.slots.acquire()
        try:
            return await self._attempt(lane, address, method, send)
        finally:
            lane.slots.release()

    async def _attempt(self, lane: _Lane, address: Address, method: str, send: Send) -> Response:
        """On an idle connection if there is a live one. If that dies before a byte has left, once more on a new one."""
        idle = self._take_idle(lane)
        if idle is not None:
            try:
                return await self._talk(lane, idle, method, send)
            except _BrokenCallError as broken:
                if broken.sent:
                    raise
        try:
            wire = await connect(address)
        except OSError as error:
            raise _BrokenCallError(_reason("cannot connect", error), sent=False) from error
        return await self._talk(lane, wire, method, send)

    async def _talk(self, lane: _Lane, wire: Wire, method: str, send: Send) -> Response:
        wire.sent = False
        kept = False
        try:
            refused = await _send(wire, send)
            response = await _receive(wire, method, refused)
            kept = response.reusable and refused is None and self._put_idle(lane, wire)
            return response
        finally:
            if not kept:
                wire.close()

    def _lane(self, address: str) -> _Lane:
        lane = self._lanes.get(address)
        if lane is None:
            lane = self._lanes[address] = _Lane(trio.Semaphore(self._limits.max_total))
        return lane

    def _take_idle(self, lane: _Lane) -> Wire | None:
        """The idle connection used last that is young enough and still open; the others met on the way are closed."""
        oldest = trio.current_time() - self._limits.idle_timeout
        while lane.idle:
            idle = lane.idle.pop()
            if idle.since >= oldest and not idle.wire.is_stale():
                return idle.wire
            idle.wire.close()
        return None

    def _put_idle(self, lane: _Lane, wire: Wire) -> bool:
        if len(lane.idle) >= self._limits.max_idle:
            return False
        lane.idle.append(_Idle(wire, trio.current_time()))
        return True

    def close_idle(self, *, older_than: float = 0.0) -> None:
        """Close connections that have been idle for that many seconds."""
        limit = trio.current_time() - older_than
        for lane in self._lanes.values():
            old = [idle for idle in lane.idle if idle.since <= limit]
            lane.idle = [idle for idle in lane.idle if idle.since > limit]
            for idle in old:
                idle.wire.close()

    async def reap(self) -> None:
        """Close what has been idle for too long, for ever."""
        while True:
            await trio.sleep(max(self._limits.idle_timeout / 2, 0.1))
            self.close_idle(older_than=self._limits.idle_timeout)


class _BrokenCallError(Exception):
    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.why = why
        self.sent = sent


def _reason(what: str, error: Exception) -> str:
    return f"{what}: {error.strerror if isinstance(error, OSError) and error.strerror else error}"


async def _send(wire: Wire, send: Send) -> OSError | None:
    """Send the request. An error after its first byte is returned: the node may have said why before it closed."""
    try:
        await send(wire)
    except OSError as error:
        if not wire.sent:
            raise _BrokenCallError(_reason("the connection broke", error), sent=False) from error
        return error
    return None


async def _receive(wire: Wire, method: str, refused: OSError | None) -> Response:
    try:
        return await read_response(wire, method)
    except (BadAnswerError, OSError) as error:
        cause = refused or error
        why = str(cause) if isinstance(cause, BadAnswerError) else _reason("the connection broke", cause)
        raise _BrokenCallError(why, sent=True) from error


def limits_of(config: Config) -> PoolLimits:
    """One worker's part of the limits, which count per pod."""
    pool = config.connection_pool_per_node
    server = config.server
    return PoolLimits(share_of(pool.max_total, server), share_of(pool.max_idle, server), float(pool.idle_timeout_s))


@contextlib.asynccontextmanager
async def open_pool(config: Config) -> AsyncIterator[NodePool]:
    """A pool for as long as the block runs; at its end every idle connection is closed."""
    pool = NodePool(limits_of(config))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(pool.reap)
        try:
            yield pool
        finally:
            nursery.cancel_scope.cancel()
            pool.close_idle()

"""Which nodes one search asks, and each for which shards. Pure: which nodes may be asked, and chance, come in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from miroir.core.indexes import ShardMap

Assignment = dict[str, tuple[int, ...]]


def covering_set(
    shards: ShardMap,
    candidates: Collection[str],
    prefer: int = 0,
    *,
    only: Iterable[int] | None = None,
    group_of: Mapping[str, int] | None = None,
) -> tuple[Assignment, tuple[int, ...]]:
    """Choose one candidate for every shard: `(node id -> its shards, shards that no candidate holds)`.

    One group's nodes are asked as far as they reach, the others only for what is left, so that few nodes are asked.
    `prefer` is any integer: it chooses the group first asked and the replica of each shard, so that counting it up
    from search to search spreads the load. `only` limits the choice to some shards, as when a failed node's shards
    are asked again. Without `group_of` all nodes count as one group.
    """
    wanted = range(len(shards)) if only is None else sorted(set(only))
    turn = _order_of_groups(group_of or {}, candidates, prefer)
    chosen: dict[str, list[int]] = {}
    missing: list[int] = []
    for shard in wanted:
        holders = [node for node in shards[shard] if node in candidates]
        if not holders:
            missing.append(shard)
            continue
        chosen.setdefault(_pick(holders, group_of or {}, turn, prefer), []).append(shard)
    return {node: tuple(numbers) for node, numbers in chosen.items()}, tuple(missing)


def _order_of_groups(group_of: Mapping[str, int], candidates: Collection[str], prefer: int) -> dict[int, int]:
    """Each group's turn: 0 for the one to ask first."""
    groups = sorted({group_of.get(node, 0) for node in candidates})
    return {group: (position - prefer) % len(groups) for position, group in enumerate(groups)}


def _pick(holders: Sequence[str], group_of: Mapping[str, int], turn: Mapping[int, int], prefer: int) -> str:
    """One of a shard's live holders: of the group whose turn comes first, rotated by `prefer`."""
    first = min(turn[group_of.get(node, 0)] for node in holders)
    near = [node for node in holders if turn[group_of.get(node, 0)] == first]
    return near[prefer // max(1, len(turn)) % len(near)]

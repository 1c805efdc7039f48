"""Why two answers to a request differ: an effect that is known and shown to be at work, or None."""

from __future__ import annotations

import json
from collections import Counter

from tests.engine.compare import difference
from tests.engine.exact.asking import Ask, Body
from tests.engine.exact.stage import Stage
from tests.engine.exact.worlds import World
from tests.engine.excuses import excuse, through
from tests.harness.client import Answer

APART = "3B"
"""How the reasons begin for what one node itself only estimates: counted apart, and within their bounds."""


def classify(stage: Stage, worlds: tuple[World, ...], ask: Ask, answers: tuple[Answer, Answer]) -> str | None:
    """The reason of a difference."""
    if ask.body is None:
        return None
    if ask.path.endswith("/documents/fetch"):
        return _listed(worlds[0], answers)
    if ask.path == "/multi-search":
        return _several(stage, worlds, ask.body)
    found = _searched(stage, worlds[0], ask, answers) if "/search" in ask.path else None
    return found or _through(stage, worlds[0], ask.body)


def _searched(stage: Stage, world: World, ask: Ask, answers: tuple[Answer, Answer]) -> str | None:
    if "hybrid" in (ask.body or {}):
        return None
    path = ask.path.partition("?")[0]
    return excuse(stage.engines, path, ask.body, answers, moved=world.moved, nodes=stage.nodes)


def _through(stage: Stage, world: World, body: Body) -> str | None:
    return through(stage.engines, world.uid, body, moved=world.moved, nodes=stage.nodes)


def _several(stage: Stage, worlds: tuple[World, ...], body: Body) -> str | None:
    """Several searches differ where one of them does."""
    by_uid = {world.uid: world for world in worlds}
    for query in body.get("queries", []):
        world = by_uid.get(query.get("indexUid"))
        if world is None:
            continue
        if found := _one_of_several(stage, world, query) or _through(stage, world, query):
            return found
    return None


def _one_of_several(stage: Stage, world: World, query: Body) -> str | None:
    alone = {name: value for name, value in query.items() if name not in ("indexUid", "federationOptions")}
    ask = Ask("", "POST", f"/indexes/{world.uid}/search", alone)
    answers = stage.answers(ask)
    return _searched(stage, world, ask, answers) if difference(*answers) is not None else None


def _listed(world: World, answers: tuple[Answer, Answer]) -> str | None:
    """2.8: lists are in the order of arrival, and a document that is written again arrives anew."""
    if not world.moved or any(answer.status != 200 for answer in answers):
        return None
    bodies = [json.loads(answer.raw) for answer in answers]
    stayed = [[each for each in body.pop("results") if str(each.get("id")) not in world.moved] for body in bodies]
    shared = Counter(_text(each) for each in stayed[0]) & Counter(_text(each) for each in stayed[1])
    orders = [[text for each in side if (text := _text(each)) in shared] for side in stayed]
    same = bodies[0] == bodies[1] and orders[0] == orders[1]
    return "replaced document among ties" if same else None


def _text(document: Body) -> str:
    return json.dumps(document, sort_keys=True)

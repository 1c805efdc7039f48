"""The effects of exact-merge 3A: what a node finds, and how it ranks that, depends on the words of its own documents.

Each function names its effect only when the words of the index show that it was possible, and when what differs is
only what it can change.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from tests.engine import dictionary
from tests.engine.compare import difference
from tests.engine.counting import counted, estimated
from tests.engine.dictionary import Dictionary, Query
from tests.engine.evidence import Case, Evidence, Side
from tests.harness.client import Answer, Engine, Json

TABLED = 4  # bytes of the longest prefix that a node keeps a table for
_PATHS = ("proximity", "exactness", "attribute", "attributeRank", "wordPosition")
_COUNTS = ("estimatedTotalHits", "totalHits", "totalPages", "facetDistribution", "facetStats", "hits")


def vocabulary(case: Case, evidence: Evidence) -> str | None:
    """The effects of 3A, most particular first."""
    if not case.words:
        return None
    return (
        _frequency(case)
        or _scale(case, evidence)
        or _prefix_table(case, evidence)
        or _typo_buckets(case, evidence)
        or _derivations(case, evidence)
        or _split_words(case, evidence)
        or _language(case)
    )


def _words(case: Case) -> tuple[Query, Dictionary]:
    return dictionary.query_of(str(case.query["q"]), case.setting("typo-tolerance")), dictionary.read(*case.place)


def replaced(case: Case, evidence: Evidence) -> str | None:
    """2.8: a document that is written again moves to the end of its ties, where one node keeps its place.

    Position by position the ranking is the same, and only such documents have moved.
    """
    one, many = evidence.one.hits, evidence.many.hits
    if not case.moved or set(one) != set(many) or not _same_around(case) or not _alike(evidence, ()):
        return None
    if [_details(hit, ()) for hit in one.values()] != [_details(hit, ()) for hit in many.values()]:
        return None
    stayed = [[key for key in side if key not in case.moved] for side in (one, many)]
    return "replaced document among ties" if stayed[0] == stayed[1] else None


def _details(hit: Json, free: tuple[str, ...]) -> Json:
    """Ranking details less some rules, and less the scale of `typo`."""
    details = {name: value for name, value in hit["_rankingScoreDetails"].items() if name not in free}
    if isinstance(typo := details.get("typo"), dict):
        details["typo"] = {"order": typo["order"], "typoCount": typo["typoCount"]}
    return details


def _content(hit: Json) -> Json:
    return {name: value for name, value in hit.items() if name not in ("_rankingScore", "_rankingScoreDetails")}


def _alike(evidence: Evidence, free: tuple[str, ...]) -> bool:
    """Whether the hits of both sides are equal, but for scores and the given rules."""
    pairs = [(evidence.one.hits[key], evidence.many.hits[key]) for key in evidence.shared]
    return all(_content(a) == _content(b) and _details(a, free) == _details(b, free) for a, b in pairs)


def _same_around(case: Case) -> bool:
    """Whether all but the hits is equal, totals and facets included, or estimated within bounds."""
    bodies = [{**answer.body, "hits": []} for answer in case.answers]
    one, many = (Answer(200, case.answers[0].headers, json.dumps(body).encode()) for body in bodies)
    return difference(one, many) is None or estimated(replace(case, answers=(one, many))) is not None


def _frequency(case: Case) -> str | None:
    """3A-6: words are dropped by how many documents of the node have them, so nodes may drop others than one does."""
    if case.query.get("matchingStrategy") != "frequency" or not case.nodes:
        return None
    whole = _by_frequency(case, case.engines[0], case.index)
    for node in case.nodes:
        for name in _physical(node, case.index):
            if _by_frequency(case, node, name) != whole:
                return "3A-6: frequency of words"
    return None


def _physical(node: Engine, index: str) -> list[str]:
    listed = node.get("/indexes?limit=1000")["results"]
    return [each["uid"] for each in listed if each["uid"].rpartition("-i")[0] == index]


def _by_frequency(case: Case, engine: Engine, index: str) -> list[tuple[int, str]]:
    """The words of the query with their ranks, those of most documents first; one that nothing has is the first."""
    found = {}
    for word in case.words:
        asked = {"q": f"{word} ", "limit": 0, "distinct": "id"}
        answer = engine.ask("POST", f"/indexes/{index}/search", asked)
        found[word] = answer.body.get("estimatedTotalHits", 0) or 10**9
    return sorted((sum(other > count for other in found.values()), word) for word, count in found.items())


def _scale(case: Case, evidence: Evidence) -> str | None:
    """3A-5a: a concatenation of two words of the query occurs on some shard, so that the scale of `typo` differs.

    One node shows the greatest scale of the shards; only scores may differ, and only where the shards disagree.
    """
    if len(case.words) < 2 or list(evidence.one.hits) != list(evidence.many.hits) or not _same_around(case):
        return None
    if not _alike(evidence, ()) or not _scales_disagree(evidence) or not dictionary.concatenated(*_words(case)):
        return None
    return "3A-5a: scale of typo"


def _scales_disagree(evidence: Evidence) -> bool:
    """Whether two shards have different scales for one number of matched words, the greater one being that of one."""
    scales: dict[Any, set[int]] = {}
    for hit in evidence.many.hits.values():
        scales.setdefault(_matched(hit), set()).add(_most_typos(hit))
    changed = [key for key in evidence.shared if evidence.one.hits[key] != evidence.many.hits[key]]
    for key in changed:
        seen = scales[_matched(evidence.many.hits[key])]
        if len(seen) < 2 or _most_typos(evidence.one.hits[key]) != max(seen):
            return False
    return bool(changed)


def _matched(hit: Json) -> Any:
    return hit["_rankingScoreDetails"].get("words", {}).get("matchingWords")


def _most_typos(hit: Json) -> int:
    return int(hit["_rankingScoreDetails"].get("typo", {}).get("maxTypoCount", 0))


def _prefix_table(case: Case, evidence: Evidence) -> str | None:
    """3A-3: whether a short last word is in the table of prefixes decides how reversed pairs count.

    The hits stay the same; those whose proximity differs may stand elsewhere.
    """
    if len(case.words) < 2 or len(case.words[-1].strip('"').encode()) > TABLED:
        return None
    if not _reordered(case, evidence, ("proximity",), least=0) or not dictionary.tabled(*_words(case)):
        return None
    return "3A-3: prefix table"


def _typo_buckets(case: Case, evidence: Evidence) -> str | None:
    """3A-5b to d: inside a bucket with typos, later rules follow the paths that survived on that node."""
    if len(case.words) < 2:
        return None
    return "3A-5b-d: paths inside a typo bucket" if _reordered(case, evidence, _PATHS, least=1) else None


def _reordered(case: Case, evidence: Evidence, free: tuple[str, ...], *, least: int) -> bool:
    """Whether only hits moved whose `free` rules differ, and which have at least so many typos on one node."""
    if set(evidence.one.hits) != set(evidence.many.hits) or not _same_around(case) or not _alike(evidence, free):
        return False
    one, many = evidence.one.hits, evidence.many.hits
    changed = {key for key in one if _details(one[key], ()) != _details(many[key], ())}
    if not changed or any(evidence.one.typos(key) < least for key in changed):
        return False
    return [key for key in one if key not in changed] == [key for key in many if key not in changed]


def _derivations(case: Case, evidence: Evidence) -> str | None:
    """3A-1: what a word may be a typo of is cut short by the size of the dictionary: the shards find more, never less.

    Everything else is equal: the other hits and their order, and the counts less those of the additional hits.
    """
    one, many = evidence.one, evidence.many
    added = [key for key in many.hits if key not in one.hits]
    if not added or any(many.typos(key) == 0 for key in added) or case.loose():
        return None
    if not _only_tail_lost(one, many) or not _alike(evidence, ()):
        return None
    if [key for key in one.hits if key in many.hits] != [key for key in many.hits if key in one.hits]:
        return None
    if not _counts_grew(case, evidence, added) or not dictionary.capped(*_words(case)):
        return None
    return "3A-1: typo derivations"


def _split_words(case: Case, evidence: Evidence) -> str | None:
    """3A-4: a word is split in the way most documents of the node have it: hits with typos are others."""
    one, many = evidence.one, evidence.many
    if not dictionary.split_twice(*_words(case)):
        return None
    others = [one.typos(key) for key in one.hits if key not in many.hits]
    others += [many.typos(key) for key in many.hits if key not in one.hits]
    if not others or 0 in others or not _alike(evidence, _PATHS):
        return None
    shared = [[key for key in side.hits if side.typos(key) == 0] for side in (one, many)]
    return "3A-4: split words" if shared[0] == shared[1] else None


def _language(case: Case) -> str | None:
    """3A-7: a node without a field that has a language of its own may cut the query into other words."""
    if "locales" in case.query or not case.setting("localized-attributes"):
        return None
    told = [engine.ask("POST", case.path, {**case.query, "locales": ["eng"]}) for engine in case.engines]
    return "3A-7: languages of fields" if difference(*told) is None else None


def _only_tail_lost(one: Side, many: Side) -> bool:
    """Whether one's hits that many has not were pushed out at the end, where the index's limit cuts."""
    lost = [key for key in one.hits if key not in many.hits]
    return not lost or (many.cut and list(one.hits)[-len(lost) :] == lost)


def _counts_grew(case: Case, evidence: Evidence, added: list[str]) -> bool:
    """Whether totals and facets are those of one node and of the added hits together."""
    bodies = [answer.body for answer in case.answers]
    frames = [{name: value for name, value in body.items() if name not in _COUNTS} for body in bodies]
    frames = [{name: value for name, value in frame.items() if name != "processingTimeMs"} for frame in frames]
    for frame in frames:
        frame.pop("requestUid", None)
    if frames[0] != frames[1]:
        return False
    totals = [int(side.body["estimatedTotalHits"]) for side in (evidence.one, evidence.many)]
    if evidence.many.cut:
        return totals[0] < totals[1]
    if totals[1] - totals[0] != len(added):
        return False
    return "facets" not in case.query or _facets_grew(case, bodies, added)


def _facets_grew(case: Case, bodies: list[Json], added: list[str]) -> bool:
    one, many = (body["facetDistribution"] for body in bodies)
    more = counted(case, list(added))["facetDistribution"]
    cap: int = case.setting("faceting")["maxValuesPerFacet"]
    for name in set(one) | set(many) | set(more):
        sums = Counter(one.get(name, {})) + Counter(more.get(name, {}))
        if len(sums) < cap and dict(sums) != many.get(name, {}):
            return False
    return True

"""Which differences are explained, and by what: the effects of exact-merge 3A and 3B that no merge can remove.

Each excuse takes away only what its effect can change, on evidence that it was at work, and demands that the rest is
equal. A difference that no function here explains is a failure; explained ones are counted, and bounded by the suite.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from dataclasses import replace
from typing import Any

from tests.engine.compare import difference
from tests.engine.counting import counted, estimated
from tests.engine.evidence import Case, Evidence, Side, belongs, whole, without
from tests.harness.client import Answer, Engine, Json

ROTATIONS = 6  # searches go to other replicas in turn, whose dictionaries differ: the effect shows on some only
TABLED = 4  # bytes of the longest prefix that a node keeps a table for
_FORMATS = ("_formatted", "_matchesPosition")
_PATHS = ("proximity", "exactness", "attribute", "attributeRank", "wordPosition")
_COUNTS = ("estimatedTotalHits", "totalHits", "totalPages", "facetDistribution", "facetStats", "hits")


def excuse(engines: tuple[Engine, Engine], path: str, query: Json, answers: tuple[Answer, Answer]) -> str | None:
    """Why the answers of (one, many) may differ here; None when they may not."""
    case = Case(engines, path, query, answers)
    if any(answer.status != 200 for answer in answers):
        return _fields(answers)
    if found := _spelling(answers) or estimated(case) or _marks(case):
        return found
    for _ in range(ROTATIONS if case.words else 0):
        evidence = whole(case)
        if belongs(case, evidence) and (found := _vocabulary(case, evidence)):
            return found
    return None


def _vocabulary(case: Case, evidence: Evidence) -> str | None:
    """The effects of 3A, most particular first."""
    return (
        _scale(case, evidence)
        or _prefix_table(case, evidence)
        or _typo_buckets(case, evidence)
        or _derivations(case, evidence)
    )


def _fields(answers: tuple[Answer, Answer]) -> str | None:
    """3B-25: the message of a field that cannot be searched lists the fields that its node knows."""
    same = {(answer.status, answer.code) for answer in answers}
    return "3B-25: fields a node knows" if same == {(400, "invalid_search_attributes_to_search_on")} else None


def _spelling(answers: tuple[Answer, Answer]) -> str | None:
    """3B-17: of several spellings of one facet value, a node shows that of its oldest candidate."""
    folded = []
    for answer in answers:
        body = answer.body
        for name, counts in body.get("facetDistribution", {}).items():
            plain = [(unicodedata.normalize("NFKD", value).strip().lower(), n) for value, n in counts.items()]
            if len(dict(plain)) < len(plain):
                return None  # one value in two spellings: no node says that
            body["facetDistribution"][name] = dict(plain)
        folded.append(Answer(answer.status, answer.headers, json.dumps(body).encode()))
    return "3B-17: spelling of a facet value" if difference(*folded) is None else None


def _marks(case: Case) -> str | None:
    """3A-8: how long a highlighted prefix is depends on the words in the dictionary."""
    if not case.words:
        return None
    one, many = (without(answer, (), of_hits=_FORMATS) for answer in case.answers)
    if difference(one, many) is not None:
        return None
    left, right = ([_unmarked(hit, case.query) for hit in answer.body["hits"]] for answer in case.answers)
    return "3A-8: marked words" if left == right else None


def _unmarked(hit: Json, query: Json) -> Json:
    """What may not differ of marks: the text between them, and where they begin.

    What a short last word begins is marked where the dictionary lists it among the words of that prefix, or not at all.
    """
    signs = (query.get("highlightPreTag", "<em>"), query.get("highlightPostTag", "</em>"))
    text = json.dumps(hit.get("_formatted"), ensure_ascii=False)
    for sign in signs:
        text = text.replace(json.dumps(sign)[1:-1], "")
    last = str(query["q"]).split()[-1].strip('"')
    found = hit.get("_matchesPosition", {}) if len(last.encode()) > TABLED else {}
    return text, {name: [place["start"] for place in places] for name, places in found.items()}


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


def _scale(case: Case, evidence: Evidence) -> str | None:
    """3A-5a: a concatenation of two words of the query occurs on some shard, so that the scale of `typo` differs.

    One node shows the greatest scale of the shards; only scores may differ, and only where the shards disagree.
    """
    if len(case.words) < 2 or list(evidence.one.hits) != list(evidence.many.hits) or not _same_around(case):
        return None
    if not _alike(evidence, ()) or not _scales_disagree(evidence):
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
    return "3A-3: prefix table" if _moved(case, evidence, ("proximity",), least=0) else None


def _typo_buckets(case: Case, evidence: Evidence) -> str | None:
    """3A-5b to d: inside a bucket with typos, later rules follow the paths that survived on that node."""
    if len(case.words) < 2:
        return None
    return "3A-5b-d: paths inside a typo bucket" if _moved(case, evidence, _PATHS, least=1) else None


def _moved(case: Case, evidence: Evidence, free: tuple[str, ...], *, least: int) -> bool:
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
    return "3A-1: typo derivations" if _counts_grew(case, evidence, added) else None


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

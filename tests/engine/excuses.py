"""Which differences are explained, and by what: the effects of exact-merge 3A and 3B that no merge can remove.

Each excuse takes away only what its effect can change, on evidence that it was at work, and demands that the rest is
equal. A difference that no function here explains is a failure; explained ones are counted, and bounded by the suite.
"""

from __future__ import annotations

import json
import unicodedata

from tests.engine.compare import difference
from tests.engine.counting import estimated
from tests.engine.evidence import Case, belongs, whole, without
from tests.engine.vocabulary import TABLED, replaced, vocabulary
from tests.harness.client import Answer, Engine, Json

ROTATIONS = 6  # searches go to other replicas in turn, whose dictionaries differ: the effect shows on some only
_FORMATS = ("_formatted", "_matchesPosition")
KEPT = ("q", "filter", "matchingStrategy", "attributesToSearchOn", "locales", "sort")
"""What decides which documents are found and how they rank; the rest of a search only shows, cuts and counts them."""


def excuse(
    engines: tuple[Engine, Engine],
    path: str,
    query: Json,
    answers: tuple[Answer, Answer],
    *,
    moved: frozenset[str] = frozenset(),
    nodes: tuple[Engine, ...] = (),
) -> str | None:
    """Why the answers of (one, many) may differ here; None when they may not.

    `moved` are ids of documents that were written again, `nodes` those behind Miroir, where they can be asked.
    """
    case = Case(engines, path, query, answers, moved, nodes)
    if any(answer.status != 200 for answer in answers):
        return _fields(answers)
    return _spelling(answers) or estimated(case) or _marks(case) or _ranked(case)


def _ranked(case: Case) -> str | None:
    """The effects that change what is found or in which order."""
    for _ in range(ROTATIONS if case.words or case.moved else 0):
        evidence = whole(case)
        if belongs(case, evidence) and (found := replaced(case, evidence) or vocabulary(case, evidence)):
            return found
    return None


def through(
    engines: tuple[Engine, Engine],
    index: str,
    query: Json,
    *,
    moved: frozenset[str] = frozenset(),
    nodes: tuple[Engine, ...] = (),
) -> str | None:
    """The effect that shows on a plain search for the words of a request which does more with them.

    A threshold, `distinct`, a vector leg or a federation builds on such a list, and differs where the list does.
    """
    path = f"/indexes/{index}/search"
    plain = {name: value for name, value in query.items() if name in KEPT} | {"limit": 5000}
    for _ in range(ROTATIONS):
        one, many = (engine.ask("POST", path, plain) for engine in engines)
        if difference(one, many) is not None:
            return excuse(engines, path, plain, (one, many), moved=moved, nodes=nodes)
    return None


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

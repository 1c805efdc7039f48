"""Faults of what merges beside plain searches: hybrid, federated, one scale of scores, facet values, similar."""

from __future__ import annotations

from functools import partial

from tests.mutants.mutant import Mutant

_SRC = "rust/merge_core/src/merge"
_MERGING = "tests/core/merging"
_hybrid = partial(Mutant, file=f"{_SRC}/order/hybrid.rs", tests=(f"{_MERGING}/test_hybrid.py",))
_federated = partial(Mutant, file=f"{_SRC}/federated/lists.rs", tests=(f"{_MERGING}/test_federated.py",))
_harmony = partial(Mutant, file=f"{_SRC}/harmony.rs", tests=(f"{_MERGING}/test_harmony.py",))
_planned = partial(
    Mutant,
    file="miroir/core/planning/federated.py",
    tests=("tests/core/planning/test_federated.py", "tests/reads/test_federated.py"),
)
_FACETS = ("tests/core/test_facet_search.py", "tests/reads/test_facet_search.py")
_values = partial(Mutant, file="miroir/core/facet_search.py", tests=_FACETS)
_asked = partial(Mutant, file="miroir/core/planning/facet_search.py", tests=_FACETS)
_similar = partial(
    Mutant, file="miroir/core/similar.py", tests=("tests/core/test_similar.py", "tests/reads/test_similar.py")
)

FEATURES = (
    _hybrid(
        "hits by words come before those by vectors that are equal",
        text="if compare(vectors, words).is_lt() =>",
        instead="if compare(vectors, words).is_le() =>",
    ),
    _hybrid(
        "a document found by words and by vectors is answered twice",
        text="id.is_none_or(|id| self.seen.insert(id))",
        instead="id.is_none_or(|id| self.seen.insert(id) || true)",
    ),
    _hybrid(
        "words weigh as much as vectors should",
        text="List::new(words, 1.0 - hybrid.ratio, bodies)?",
        instead="List::new(words, hybrid.ratio, bodies)?",
    ),
    _federated("equal scores go to the last query", text="one.body < other.body", instead="one.body > other.body"),
    _federated("worse hits of all queries come first", text="order => order.is_gt()", instead="order => order.is_lt()"),
    _federated(
        "queries have no weight", text="Score::read(body, hit, query.weight)", instead="Score::read(body, hit, 1.0)"
    ),
    _federated(
        "a document that two queries find is answered twice",
        text="&& !is_new(&bodies[place.body], place, path, &mut seen)?",
        instead="&& !is_new(&bodies[place.body], place, path, &mut seen)? && false",
    ),
    _federated(
        "values are distinct within an index alone",
        text="&& !distinct.admits(bodies, place)?\n        {\n            dropped += 1;",
        instead="&& !distinct.admits(bodies, place)? && false\n        {\n            dropped += 1;",
    ),
    _federated(
        "every page begins with the first hit",
        text="taken.split_off(from.min(taken.len()))",
        instead="taken.split_off(from.min(0))",
    ),
    _harmony("the scale of the first node counts", text="kept.most = kept.most.max(later.most);", instead=""),
    _harmony(
        "scores are shown on each node's own scale", text="if most <= typos.most {", instead="if most >= typos.most {"
    ),
    _planned(
        "queries that cannot be ranked together are",
        text="    check_compatible((place,",
        instead="    list((place,",
    ),
    _planned(
        "facets that are ordered differently are summed",
        text="if order != before and",
        instead="if False and",
    ),
    _values(
        "the last node's count of a facet value wins",
        text="self.counts[key] += count",
        instead="self.counts[key] = count",
    ),
    _values(
        "more facet values than the limit are found",
        text="return [values.hit(key) for key in keys[:limit]]",
        instead="return [values.hit(key) for key in keys]",
    ),
    _values(
        "of equally frequent values the first ones stay",
        text="elif kept[0][0] <= count:",
        instead="elif kept[0][0] < count:",
    ),
    _asked(
        "nodes search the facets of shards that are not theirs",
        text='{"filter": [*own, selector(shards)]}',
        instead='{"filter": [*own]}',
    ),
    _asked(
        "values of our own facets are found",
        text='alone(asked) | {"facetName": alias(asked["facetName"])}',
        instead="alone(asked)",
    ),
    _similar(
        "less similar documents come first",
        text="(-one.similarity, one.sequence)",
        instead="(one.similarity, one.sequence)",
    ),
    _similar(
        "equally similar documents do not go by their arrival",
        text="(-one.similarity, one.sequence)",
        instead="-one.similarity",
    ),
    _similar("documents below the threshold are similar", text="if one.similarity >= page.threshold]", instead="]"),
    _similar(
        "more similar documents than maxTotalHits are counted",
        text="min(total, page.max_hits)",
        instead="total",
    ),
    _similar(
        "similar documents show stamps",
        text='without_stamps(kept.rstrip(b", \\n") + b"}")',
        instead='kept.rstrip(b", \\n") + b"}"',
    ),
    Mutant(
        "a document shows its stamps",
        "miroir/core/documents/reading.py",
        "    return without_stamps(body)\n",
        "    return body\n",
        ("tests/core/documents", "tests/reads/test_documents.py"),
    ),
)

"""Faults of planning: what nodes are asked, what was added comes out again, which shards are asked."""

from __future__ import annotations

from functools import partial

from tests.mutants.mutant import Mutant

_TESTS = "tests/core/planning"
_search = partial(
    Mutant, file="miroir/core/planning/search.py", tests=(f"{_TESTS}/test_search.py", f"{_TESTS}/test_golden.py")
)
_display = partial(
    Mutant,
    file="miroir/core/planning/display.py",
    tests=(f"{_TESTS}/test_display.py", f"{_TESTS}/test_search.py", f"{_TESTS}/test_golden.py"),
)
_names = partial(
    Mutant, file="miroir/core/planning/names.py", tests=(f"{_TESTS}/test_names.py", "fuzz/test_filters.py")
)
_pinning = partial(
    Mutant, file="miroir/core/planning/pinning.py", tests=(f"{_TESTS}/test_pinning.py", "fuzz/test_filters.py")
)
_narrowing = partial(Mutant, file="miroir/core/planning/narrowing.py", tests=(f"{_TESTS}/test_narrowing.py",))

PLANNING = (
    _search(
        "nodes are asked without their shards",
        text="return self.head + _selector(tuple(shards)) + self.tail",
        instead="return self.head.rstrip(b',') + self.tail",
    ),
    _search(
        "nodes are asked for shards that are not theirs",
        text='for shard in shards)\n    return orjson.dumps(f"{SHARD} IN',
        instead='for shard in range(99))\n    return orjson.dumps(f"{SHARD} IN',
    ),
    _search("the client's filter is dropped", text="    if own:\n", instead="    if not own:\n"),
    _search(
        "nodes are asked for the client's window alone",
        text="min((offset + limit) * times, max_hits)}",
        instead="min(limit * times, max_hits)}",
    ),
    _search(
        "nodes are asked for the client's page alone",
        text="min(max(page, 1) * size * times, max_hits)}",
        instead="min(size * times, max_hits)}",
    ),
    _search(
        "nodes are not asked for details",
        text="sent.update(window.ask, showRankingScore=True, showRankingScoreDetails=True)",
        instead="sent.update(window.ask, showRankingScore=True)",
    ),
    _search("the recipe forgets what was added", text="strip=tuple(strip),", instead="strip=(),"),
    _search(
        "the recipe takes what was added out of _formatted although the client wants it",
        text="strip_formatted=_strip_formatted(strip, sent),",
        instead="strip_formatted=None,",
    ),
    _search(
        "the recipe forgets the facet that was added", text="strip_facets=tuple(counted),", instead="strip_facets=(),"
    ),
    _search(
        "the recipe forgets what the client may see",
        text="displayed=None if displayed is None else tuple(displayed),",
        instead="displayed=None,",
    ),
    _search("the recipe forgets distinct", text="distinct=distinct,\n", instead="distinct=None,\n"),
    _search(
        "the index's own distinct attribute is forgotten",
        text='fields.get("distinct") or settings.get("distinctAttribute")',
        instead='fields.get("distinct")',
    ),
    _search(
        "the recipe shows hidden sort values",
        text="hidden_rules=tuple(hidden_rules(",
        instead="hidden_rules=tuple([] and hidden_rules(",
    ),
    _search("the distinct attribute is not retrieved", text="([distinct] if distinct else [])", instead="([])"),
    _search(
        "the place is not retrieved where distance sorts",
        text='(["_geo"] if any("_geoPoint" in rule for rule in sort) else [])',
        instead="([])",
    ),
    _search("a distance that was added stays", text='extra.append("_geoDistance")', instead="pass"),
    _search(
        "names of ours reach the nodes in sort, facets and searched attributes",
        text="[alias(item) for item in sent[name]]",
        instead="[*sent[name]]",
    ),
    _search(
        "our name reaches the nodes as distinct", text='sent["distinct"] = alias(sent["distinct"])', instead="pass"
    ),
    _search("maxTotalHits is not the client's", text="max_total_hits=max_hits,", instead="max_total_hits=1000,"),
    _search(
        "maxValuesPerFacet is not the client's",
        text='facet_limit=int(faceting.get("maxValuesPerFacet", 100)),',
        instead="facet_limit=100,",
    ),
    _search(
        "facets are ordered as the node likes",
        text='facet_order=faceting.get("sortFacetValuesBy") or {"*": "alpha"},',
        instead='facet_order={"*": "alpha"},',
    ),
    _search("tangled attributes leave traces", text="narrowing=narrowing,", instead="narrowing=None,"),
    _display(
        "everything is retrieved although the client may not see it",
        text="        return list(displayed)\n    return [name",
        instead="        return None\n    return [name",
    ),
    _display(
        "a hidden attribute is retrieved when it is named",
        text="return [name for name in wanted if name in displayed]",
        instead="return list(wanted)",
    ),
    _display(
        "a hidden attribute is formatted when it is named",
        text="        elif name in displayed:\n",
        instead="        else:\n",
    ),
    _display(
        "all is formatted although the client may not see it",
        text="out.extend(shown + colon + length for shown in displayed)",
        instead="out.append(item)",
    ),
    _display(
        "our names are retrieved when they are named", text="else without_reserved(wanted)", instead="else list(wanted)"
    ),
    _narrowing(
        "what lies below a wanted name is lost", text="elif below and isinstance(member, dict):", instead="elif False:"
    ),
    _narrowing(
        "_formatted is narrowed as the hit",
        text='_selected(cut["_formatted"], narrowing.formatted)',
        instead='_selected(cut["_formatted"], narrowing.retrieve)',
    ),
    _names(
        "names of ours in filters reach the nodes",
        text='text = text[0] + alias(text[1:]) if token.lastgroup == "quoted" else alias(text)',
        instead="pass",
    ),
    _names("values in filters are changed", text="if attribute_next and text not in", instead="if text not in"),
    _pinning("AND widens", text="known[0].intersection(*known[1:])", instead="known[0].union(*known[1:])"),
    _pinning("OR with anything still narrows", text="if len(known) == len(found) else None", instead=""),
    Mutant(
        "ids that differ by case are on different shards",
        "rust/merge_core/src/placement.rs",
        "xxh64(fold(id).as_bytes(), 0)",
        "xxh64(id.as_bytes(), 0)",
        ("tests/core/placement", f"{_TESTS}/test_pinning.py"),
    ),
    _pinning(
        "numbers that are written otherwise are lost",
        text="ids.append(str(int(number)) if number.is_integer() else None)",
        instead="pass",
    ),
    _pinning("long lists narrow too", text="if len(tokens) > self._most:", instead="if False:"),
    _pinning(
        "a negation narrows",
        text='case [name, _Token("mark", "="), value] if',
        instead='case [*_, name, _Token("mark", "=" | "!="), value] if',
    ),
)

"""Faults of distinct values, totals and facets."""

from __future__ import annotations

from functools import partial

from tests.mutants.mutant import Mutant

_SRC = "rust/merge_core/src/merge"
_MERGE = tuple(f"tests/core/merging/test_{kind}.py" for kind in ("rules", "shown", "sums", "scales", "merge"))


def _in(file: str) -> partial[Mutant]:
    return partial(Mutant, file=f"{_SRC}/{file}", tests=_MERGE)


_answer, _distinct, _facets, _values = map(_in, ("answer.rs", "distinct.rs", "facets.rs", "facets/values.rs"))

MERGE_SUMS = (
    _distinct(
        "values that were there before are admitted",
        text="values.iter().any(|value| self.seen.contains(value))",
        instead="values.iter().any(|value| self.seen.contains(value) && false)",
    ),
    _distinct(
        "distinct values are told apart by case",
        text="Value::Text(normalized(&unescape(text)?).into_bytes())",
        instead="Value::Text({ let _ = normalized(text); unescape(text)?.into_owned() })",
    ),
    _distinct("empty texts are values", text='b"null" | b"\\"\\"" => Ok(None)', instead='b"null" => Ok(None)'),
    _distinct("duplicates stay in the total", text="self.duplicates += 1;", instead=""),
    _answer("pages of distinct values count all documents", text="if plan.page.is_some()\n", instead="if false\n"),
    _answer(
        "documents without the distinct value do not count",
        text="without.fold(values, u64::saturating_add)",
        instead="without.fold(values, |values, _| values)",
    ),
    _answer("totals are smaller than what was found", text="\n        .max(chosen.taken as u64)", instead=""),
    _answer("the last page is not counted", text="sum.checked_div(hits)", instead="(sum - hits + 1).checked_div(hits)"),
    _facets(
        "facet values are told apart by case", text="text.trim().to_ascii_lowercase()", instead="text.trim().to_owned()"
    ),
    _facets("facet values are not decomposed", text="text.trim().nfkd()", instead="text.trim().nfc()"),
    _facets("the least number is the first one's", text="            self.least = other.least;\n", instead=""),
    _facets("the greatest number is the first one's", text="            self.greatest = other.greatest;\n", instead=""),
    _values(
        "the last node's count of a value wins",
        text="known.get_mut().count = known.get().count.saturating_add(count)",
        instead="known.get_mut().count = count",
    ),
    _values(
        "numbers of few candidates are in the order of numbers",
        text="pub const FEW: u64 = 3000",
        instead="pub const FEW: u64 = 0",
    ),
    _values(
        "texts are counted in ascending order",
        text="other.0.cmp(one.0)",
        instead="one.0.cmp(other.0)",
    ),
    _values(
        "more values than the limit are shown",
        text="values.into_iter().take(room).collect()",
        instead="{ let _ = room; values }",
    ),
    _values(
        "a limit that is reached exactly ends a walk over values",
        text="false => values.len(),",
        instead="false => 0,",
    ),
    _in("plan.rs")(
        "facets are ordered as the client did not ask",
        text='.or_else(|| self.facet_order.get("*"))',
        instead=".or(None)",
    ),
)

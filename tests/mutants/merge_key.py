"""Faults of the merge key: each rule's comparison, the order of the rules, ties, and the windows cut from the order."""

from __future__ import annotations

from functools import partial

from tests.mutants.mutant import Mutant

_SRC = "rust/merge_core/src/merge"
_MERGE = tuple(f"tests/core/merging/test_{kind}.py" for kind in ("rules", "shown", "sums", "scales", "merge"))


def _in(file: str) -> partial[Mutant]:
    return partial(Mutant, file=f"{_SRC}/{file}", tests=_MERGE)


_details, _compare, _order, _geo = map(_in, ("details.rs", "compare.rs", "order.rs", "order/geo.rs"))

MERGE_KEY = (
    _details(
        "more matching words come last",
        text="matching: needed(self.words)?,",
        instead="matching: -needed(self.words)?,",
    ),
    _details(
        "the rules are compared in the order of the text, not in theirs",
        text="self.rules.sort_by_key(|rule| rule.0);",
        instead="",
    ),
    _details(
        "scores are compared in coarse steps",
        text="(1u64 << 42) as f64",
        instead="(1u64 << 3) as f64",
    ),
    _compare(
        "only the first rule counts",
        text="for at in from..one.rules.len().min(other.rules.len()) {",
        instead="for at in from..one.rules.len().min(other.rules.len()).min(from + 1) {",
    ),
    _compare(
        "more typos come first",
        text="(Said::Typos { count: a, .. }, Said::Typos { count: b, .. }) => a.total_cmp(b)",
        instead="(Said::Typos { count: a, .. }, Said::Typos { count: b, .. }) => b.total_cmp(a)",
    ),
    _compare(
        "typos do not count",
        text="(Said::Typos { count: a, .. }, Said::Typos { count: b, .. }) => a.total_cmp(b)",
        instead="(Said::Typos { .. }, Said::Typos { .. }) => Ordering::Equal",
    ),
    _compare(
        "lower scores come first", text="b.cmp(a).then_with(|| d.cmp(c))", instead="a.cmp(b).then_with(|| c.cmp(d))"
    ),
    _compare("the second score of a rule does not count", text="b.cmp(a).then_with(|| d.cmp(c))", instead="b.cmp(a)"),
    _compare(
        "the two scores of a rule change places",
        text="b.cmp(a).then_with(|| d.cmp(c))",
        instead="d.cmp(c).then_with(|| b.cmp(a))",
    ),
    _compare("the level of exactness does not count", text=".cmp(&a.level)", instead=".cmp(&b.level)"),
    _compare(
        "the number of exact words does not count",
        text=".then_with(|| b.words.total_cmp(&a.words));",
        instead=";",
    ),
    _compare("hidden exact words do not count", text="against.total_cmp(&score)", instead="score.total_cmp(&score)"),
    _compare(
        "scores on two scales tell of hidden exact words",
        text="if most != of => behind_typos_differ(one, other),",
        instead="if most != of && behind_typos_differ(one, other).is_lt() => against.total_cmp(&score),",
    ),
    _compare(
        "scores tell of hidden exact words although rules behind a sort differ",
        text="if later_rules_differ(one, other, at) {",
        instead="if later_rules_differ(one, other, at) && false {",
    ),
    _compare("descending sorts ascend", text="ascending.reverse()", instead="ascending"),
    _compare(
        "texts come before numbers",
        text="(SortValue::Number(_), _) | (SortValue::Text(_), SortValue::Nothing) => Ordering::Less",
        instead="(SortValue::Text(_), _) | (SortValue::Number(_), SortValue::Nothing) => Ordering::Less",
    ),
    _compare(
        "nothing comes before texts",
        text="(SortValue::Number(_), _) | (SortValue::Text(_), SortValue::Nothing) => Ordering::Less",
        instead="(SortValue::Number(_), _) | (SortValue::Nothing, _) => Ordering::Less",
    ),
    _compare(
        "less similar hits come first",
        text="(Some(a), Some(b)) => b.total_cmp(a)",
        instead="(Some(a), Some(b)) => a.total_cmp(b)",
    ),
    _compare(
        "hits without similarity come first",
        text="(Some(_), None) => Ordering::Less,\n            (None, Some(_)) => Ordering::Greater,",
        instead="(Some(_), None) => Ordering::Greater,\n            (None, Some(_)) => Ordering::Less,",
    ),
    _compare(
        "what was cut off comes first",
        text="(Said::Skipped, _) => Ordering::Greater,\n        (_, Said::Skipped) => Ordering::Less,",
        instead="(Said::Skipped, _) => Ordering::Less,\n        (_, Said::Skipped) => Ordering::Greater,",
    ),
    _order("ties go against the stamp", text="stamp.cmp(against)", instead="against.cmp(stamp)"),
    _order(
        "ties do not go by the stamp where it is no rule",
        text="stamps.then_with(|| one.1.cmp(&other.1))",
        instead="one.1.cmp(&other.1)",
    ),
    _order(
        "ties go to the last node",
        text="stamps.then_with(|| one.1.cmp(&other.1))",
        instead="stamps.then_with(|| other.1.cmp(&one.1))",
    ),
    _order("pages begin a hit late", text="chosen.taken >= from", instead="chosen.taken > from"),
    _order("a hit that was cut off is not told", text="self.cut_off |= best.0.key.skipped;", instead=""),
    _in("plan.rs")("more than maxTotalHits are answered", text="\n            .min(self.max_total_hits)", instead=""),
    _geo(
        "a bucket of near places is two metres wide", text="const MARGIN: f64 = 1.0", instead="const MARGIN: f64 = 2.0"
    ),
    _geo("far places come first", text="        near.reverse();\n", instead=""),
    _geo("rules behind the distance do not count", text="arrange(bucket, at + 1, many)", instead="bucket"),
    _geo(
        "many places are sorted by whole metres", text="if many { distance } else", instead="if false { distance } else"
    ),
    _geo(
        "a hit's distance is that of its bucket",
        text="if geo.distance.is_some() => Some(haversine(target, point))",
        instead="if geo.distance.is_some() => { let _ = haversine(target, point); geo.distance }",
    ),
    _geo(
        "places unknown come first",
        text="buckets.push(nowhere.into_iter().map(|(_, item)| item).collect());",
        instead="buckets.insert(0, nowhere.into_iter().map(|(_, item)| item).collect());",
    ),
)

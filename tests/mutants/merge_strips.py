"""Faults of what is taken out of the answer: Miroir's own fields, what was added for the merge, what is hidden."""

from __future__ import annotations

from functools import partial

from tests.mutants.mutant import Mutant

_SRC = "rust/merge_core/src/merge"
_MERGE = tuple(f"tests/core/merging/test_{kind}.py" for kind in ("rules", "shown", "sums", "scales", "merge"))
_emit, _prune, _facets = (
    partial(Mutant, file=f"{_SRC}/{file}", tests=_MERGE) for file in ("emit.rs", "prune.rs", "facets.rs")
)

MERGE_STRIPS = (
    _emit(
        "hits show fields of ours",
        text="_ if self.strip.is_empty() && !is_reserved(member.name)? => Ok(whole(out, member))",
        instead="_ if self.strip.is_empty() => Ok(whole(out, member))",
    ),
    _prune(
        "hits show fields of ours where something else is taken out",
        text='|| reserved && name.starts_with("_miroir_") {',
        instead='|| reserved && name.starts_with("_miroir_x") {',
    ),
    _emit(
        "_formatted shows fields of ours",
        text='strip.is_empty() && memchr::memmem::find(member.value, b"miroir_").is_none();',
        instead="strip.is_empty();",
    ),
    _emit(
        "the details show the rule of ours",
        text='if name.starts_with(b"_miroir_") {\n                continue;',
        instead='if name.starts_with(b"_miroir_x") {\n                continue;',
    ),
    _emit(
        "_matchesPosition shows fields of ours",
        text='if !shown || name.starts_with("_miroir_") {',
        instead="if !shown {",
    ),
    _emit(
        "_matchesPosition shows what the client may not see",
        text='if !shown || name.starts_with("_miroir_") {',
        instead='let _ = shown;\n        if name.starts_with("_miroir_") {',
    ),
    _prune("what was added stays in hits", text='if rests.contains(&"") || reserved', instead="if reserved"),
    _emit(
        "what was added stays in _formatted",
        text="self.nested(out, member, &self.strip_formatted)?;",
        instead="self.nested(out, member, &[])?;",
    ),
    _emit(
        "what the client wants in _formatted is taken out",
        text="plan.strip_formatted.as_ref().unwrap_or(&plan.strip)",
        instead="&plan.strip",
    ),
    _emit(
        "an empty _formatted stays",
        text='Ok(!inside.trim_ascii_end().ends_with(b"{"))',
        instead="Ok(!inside.is_empty())",
    ),
    _prune("objects that are left empty stay", text="if pruned && out.len() == start + 1 {", instead="if false {"),
    _emit(
        "scores are shown unasked",
        text="self.plan.show_score && self.score(out, member)",
        instead="self.score(out, member)",
    ),
    _emit(
        "details are shown unasked",
        text="self.plan.show_details && self.details(out, member.value)?",
        instead="self.details(out, member.value)?",
    ),
    _emit(
        "a distance is shown that came with _geo",
        text="() if position == distance => false,",
        instead="() if position == distance => whole(out, member),",
    ),
    _emit(
        "values of hidden sort rules are shown",
        text=".any(|rule| rule.as_bytes() == &*name);",
        instead=".any(|rule| rule.as_bytes() == &*name && false);",
    ),
    _facets(
        "facets show ours",
        text='name.starts_with("_miroir_") || plan.strip_facets',
        instead="plan.strip_facets",
    ),
    _facets(
        "a facet that was added is shown",
        text="plan.strip_facets.iter().any(below)",
        instead="plan.strip_facets.iter().any(|facet| below(facet) && false)",
    ),
    _facets(
        "what an added facet brings along is shown",
        text="rest.is_empty() || rest.starts_with('.')",
        instead="rest.is_empty()",
    ),
    _facets(
        "facetStats show a facet that was added",
        text="own.into_iter().filter(|(name, _)| !is_hidden(name, plan))",
        instead="own",
    ),
    _facets(
        "a client that asked for no facets gets empty ones",
        text="if facets.is_empty() && !plan.strip_facets.is_empty() {",
        instead="if false {",
    ),
)

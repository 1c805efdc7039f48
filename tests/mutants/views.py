"""Faults of what clients read: documents, settings, statistics, and the words of nodes."""

from __future__ import annotations

from functools import partial

from tests.mutants.mutant import Mutant

_documents = partial(
    Mutant, file="miroir/core/documents/stamps.py", tests=("tests/core/documents", "tests/reads/test_documents.py")
)
_settings = partial(
    Mutant, file="miroir/core/settings/virtual.py", tests=("tests/core/settings/test_virtual.py", "fuzz/test_texts.py")
)
_words = partial(
    Mutant, file="miroir/core/wire/rewriting.py", tests=("tests/core/wire/test_rewriting.py", "fuzz/test_texts.py")
)

VIEWS = (
    _documents("documents show stamps", text='return _OURS.sub(b"", document)', instead="return document"),
    _documents(
        "documents show the shard",
        text='_STAMP = f\'"{PREFIX}(?:shard|seq)"',
        instead='_STAMP = f\'"{PREFIX}(?:seq)"',
    ),
    _settings(
        "nodes cannot filter by shard", text="return [SHARD, SEQUENCE, *(value or ())], {}", instead="return value, {}"
    ),
    _settings("nodes cannot sort by arrival", text="return [*(value or ()), SEQUENCE], {}", instead="return value, {}"),
    _settings(
        "arrival is not the last rule",
        text="return [*rules, LAST_RULE] if dialect.stamped_ties else list(rules)",
        instead="return [LAST_RULE, *rules] if dialect.stamped_ties else list(rules)",
    ),
    _settings(
        "nodes hide what the merge needs",
        text='return None, {"displayedAttributes": list(_ALL) if value is None else value}',
        instead='return value, {"displayedAttributes": list(_ALL) if value is None else value}',
    ),
    _settings(
        "the client's displayedAttributes are forgotten",
        text='own.get("displayedAttributes", known.get("displayedAttributes", _ALL))',
        instead="_ALL",
    ),
    _settings(
        "settings show names of ours",
        text="[kept for entry in view[key] if (kept := _without_ours(entry)) is not None]",
        instead="[*view[key]]",
    ),
    _settings(
        "settings show our maxValuesPerFacet",
        text='faceting["maxValuesPerFacet"] = own.get("maxValuesPerFacet", before)',
        instead='faceting.setdefault("maxValuesPerFacet", before)',
    ),
    _settings("settings may name fields of ours", text="    _refuse_reserved(key, value)\n", instead=""),
    _settings(
        "stamps may become searchable",
        text="            _refuse_stamp_tokens(key, value)\n",
        instead="            pass\n",
    ),
    Mutant(
        "statistics show fields of ours",
        "miroir/core/stats.py",
        "            if not is_reserved(name):\n",
        "            if name:\n",
        ("tests/core/test_stats.py",),
    ),
    _words(
        "errors show our filter",
        text='text = _SELECTOR.sub("", _QUOTED.sub(_without_selector, text))',
        instead="text = _QUOTED.sub(_without_selector, text)",
    ),
    _words("errors quote the filter as only we sent it", text="_QUOTED.sub(_without_selector, text)", instead="text"),
    _words(
        "errors show aliases",
        text="return unalias(_LISTED.sub(partial(_listed, displayed=displayed), text))",
        instead="return _LISTED.sub(partial(_listed, displayed=displayed), text)",
    ),
    _words(
        "errors list attributes of ours", text="names = [name for name in names if not is_reserved(name)]", instead=""
    ),
    _words("errors list hidden attributes", text="names = _hide(names, displayed)", instead="pass"),
    _words("errors show names of nodes' indexes", text="text = text.replace(name, uid)", instead="pass"),
)

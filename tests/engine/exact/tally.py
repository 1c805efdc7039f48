"""What was asked and what came of it, by category; the verdict, and the table that is printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rich.table import Table

from tests.engine.exact.asking import Ask
from tests.engine.exact.classify import APART

BOUND = 0.002
"""The greatest share of requests whose difference is classified; estimates are counted apart."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference that nothing explains: where, what is asked, and the difference in words."""

    seed: str
    ask: Ask
    difference: str


@dataclass(slots=True)
class Tally:
    """Counts by category; `reasons` by category and reason."""

    asked: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def explained(self, *, apart: bool) -> int:
        """How many differences have a reason: estimates alone, or all but estimates."""
        return sum(n for (_, reason), n in self.reasons.items() if reason.startswith(APART) == apart)

    @property
    def good(self) -> bool:
        """Nothing unexplained, and little explained. A short run may hold one or two of a rare effect."""
        most = max(2, BOUND * self.asked.total())
        return not self.findings and self.explained(apart=False) <= most

    def by_reason(self) -> Counter[str]:
        """How often each reason was seen."""
        sums: Counter[str] = Counter()
        for (_, reason), count in self.reasons.items():
            sums[reason] += count
        return sums


def table(tally: Tally) -> Table:
    """A row per category: asked, equal, estimated, classified with reasons, unclassified."""
    shown = Table("category", "asked", "equal", "estimated", "classified", "unclassified", "reasons")
    wrong = Counter(finding.ask.category for finding in tally.findings)
    for category in sorted(tally.asked):
        reasons = {reason: n for (name, reason), n in sorted(tally.reasons.items()) if name == category}
        apart = sum(n for reason, n in reasons.items() if reason.startswith(APART))
        classified = sum(reasons.values()) - apart
        equal = tally.asked[category] - apart - classified - wrong[category]
        told = "; ".join(f"{reason} {n}" for reason, n in reasons.items())
        numbers = (tally.asked[category], equal, apart, classified, wrong[category])
        shown.add_row(category, *map(str, numbers), told)
    return shown


def summary(tally: Tally) -> str:
    """The last line: the numbers of the whole run."""
    asked, classified, apart = tally.asked.total(), tally.explained(apart=False), tally.explained(apart=True)
    equal = asked - classified - apart - len(tally.findings)
    share = 100 * classified / asked if asked else 0.0
    return (
        f"{asked} asked, {equal} equal, {apart} estimates within their bounds, "
        f"{classified} classified ({share:.2f} %, at most {100 * BOUND:.1f} %), {len(tally.findings)} unclassified"
    )

"""For all tests: nothing fails because the machine is busy. Time is measured by `make bench`, never judged here."""

from __future__ import annotations

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "mutants",  # that a test fails is all that is asked there, not how it fails with the least
    hypothesis.settings.get_profile("unhurried"),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    database=None,
)
hypothesis.settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files as things are now")

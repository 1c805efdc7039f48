"""What is shown of a failed test: the news in the logs of every living process."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.harness.process import living


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.CallInfo[None], None]:
    """Adds a section per process to a failed phase; the marks move with each test, so only its own lines show."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    for process in living():
        news = process.news()
        if report.failed and news:
            report.sections.append((f"log of {process.name}", news))

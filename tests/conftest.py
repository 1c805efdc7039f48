"""For all tests: nothing fails because the machine is busy. Time is measured by `make bench`, never judged here."""

from __future__ import annotations

import hypothesis

hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

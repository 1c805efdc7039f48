"""All mutants, in the order in which they are tried."""

from __future__ import annotations

from tests.mutants.features import FEATURES
from tests.mutants.merge_key import MERGE_KEY
from tests.mutants.merge_strips import MERGE_STRIPS
from tests.mutants.merge_sums import MERGE_SUMS
from tests.mutants.planning import PLANNING
from tests.mutants.views import VIEWS

MUTANTS = (*MERGE_KEY, *MERGE_STRIPS, *MERGE_SUMS, *PLANNING, *VIEWS, *FEATURES)

"""Tests: the folders mirror `miroir/`, plus suites over real processes."""

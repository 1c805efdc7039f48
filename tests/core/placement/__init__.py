"""Placement: pinned for ever by fixtures, and the properties that make it good."""

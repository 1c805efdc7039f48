"""Deliberate faults, each of which a test must catch: `make mutants`. The tables say where; add to them freely."""

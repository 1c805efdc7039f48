"""Splitting and merging in plain Python: slow, and made to be read. The tests hold the Rust heart against it."""

"""Answers of a stock binary, and Miroir's reads replayed over them: for what the embedded engine cannot judge.

`python -m tests.recorded.record PATH` makes them anew with the binary at PATH; see `record.py`.
"""

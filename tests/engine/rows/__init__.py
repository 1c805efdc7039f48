"""Rows of the differential plan, each a named test: one node with everything against Miroir over several.

Strict by default: answers are identical, ties included, save time and request id. Where one node and many cannot agree,
the row's test asserts the bound of what may differ, and its docstring says why.
"""

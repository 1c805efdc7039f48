"""How long a node may take for a small call that belongs to no client's request, and so has no deadline of its own."""

ANSWER_WITHIN = 5.0
"""Seconds. A node that takes longer is asked again later."""

"""The only door to the nodes: connections, their pool, fan-out. What an answer means is not decided here."""

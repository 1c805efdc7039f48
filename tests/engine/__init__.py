"""The differential suite: one node with all documents against Miroir over several nodes, hit by hit, ties included."""

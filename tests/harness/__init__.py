"""What suites over real processes share: starting and ending them, asking them, waiting for them, data for them.

Nothing in here asserts a property of Miroir or of a node; that is what the suites are for.
"""

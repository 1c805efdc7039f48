"""A read, from question to answer. Knows nothing of writes."""

"""A write, from the request to its acknowledgement. Knows nothing of reads."""

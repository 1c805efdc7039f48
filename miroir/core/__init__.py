"""Every decision, and no I/O: synchronous and pure. Time and chance come in as arguments."""

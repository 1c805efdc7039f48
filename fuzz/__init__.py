"""What must hold for any input, tried with chance: the Rust targets (see README.md) and, here, requests and filters."""

"""The Rust heart against its plain-Python reference."""

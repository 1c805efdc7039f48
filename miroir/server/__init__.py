"""The process: one supervisor that binds, and workers that serve. The only place that knows Hypercorn."""

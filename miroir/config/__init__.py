"""What the operator asked for: models, rules between keys, loading. Imports nothing else of Miroir."""

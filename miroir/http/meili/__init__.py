"""Meilisearch's own routes, one blueprint a file."""

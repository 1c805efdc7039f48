"""Who may do what: pure functions over what a request brings."""

from miroir.core.access.master_key import check_master_key

__all__ = ["check_master_key"]

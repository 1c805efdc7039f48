"""Miroir's fast shared state behind one small interface. Only this folder names a database.

What is a fact of the cluster lives elsewhere too (on the nodes); the store makes it quick and shared by the processes.
"""

from miroir.edge.store.interface import Store
from miroir.edge.store.opening import open_store
from miroir.edge.store.tables import TABLES, Table

__all__ = ["TABLES", "Store", "Table", "open_store"]

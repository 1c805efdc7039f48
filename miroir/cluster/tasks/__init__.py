"""Miroir's own tasks: the registry that keeps them, and the follower that asks the nodes how theirs are getting on."""

from miroir.cluster.tasks.follower import Follower
from miroir.cluster.tasks.pruning import Pruner
from miroir.cluster.tasks.reading import TaskReader
from miroir.cluster.tasks.registry import TaskRegistry

__all__ = ["Follower", "Pruner", "TaskReader", "TaskRegistry"]

"""Miroir: many stock Meilisearch nodes that answer as one.

The words used everywhere, in code, configuration, metrics and docs:

node          one Meilisearch process; it knows nothing of Miroir
group         a replica group: nodes that together hold every shard
shard         a hash range of one index's documents; their number is fixed when the index is created
replica       one shard's copy on one node
covering set  a choice of one in-sync node for every shard: what one search asks
pod           one Miroir instance as Kubernetes sees it
peer          one worker process of a pod
writer        the one peer that orders all changes of one index
plan          an immutable value that says what will be asked of whom
outcome       what one node answered, as a value
catalog       Miroir's durable facts about its indexes
store         Miroir's fast shared state

A folder uses only the folders below it, in this order: server, cli, http, app, reads and writes, cluster, edge, core,
config. `make lint` checks it.
"""

__version__ = "0.1.0"

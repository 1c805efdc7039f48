"""`miroir dev`: a whole cluster on this machine, filled with real movies, until Ctrl-C.

It is a program of processes: embedded nodes and `miroir serve` are its children, and it talks to them over HTTP as any
client would. Nothing here may reach into Miroir's own services.
"""

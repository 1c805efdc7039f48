"""`make exact N=...`: made documents, settings and requests of every category, one node against Miroir over several.

Every difference is classified by code, on evidence, or it is a failure, shrunk to the smallest request that shows it.
Seeds make everything: the same seed asks the same questions of the same worlds.
"""

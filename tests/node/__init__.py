"""The suite of one node, over HTTP: written from the API reference, and the same for the embedded and the stock node."""

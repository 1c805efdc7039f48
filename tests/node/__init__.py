"""The suite of one node, over HTTP: from the API reference; the same for the embedded and the stock node."""

"""Lists of documents as nodes answer them, made one: read, ordered, cut out as bytes. Nothing here asks a node."""

"""The process and its listeners, over real sockets."""

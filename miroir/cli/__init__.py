"""The `miroir` command. Each sub-command lives in a module of its own, imported only when it is called."""

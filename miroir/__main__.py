"""`miroir` and `python -m miroir`: hands over to the command line."""

from __future__ import annotations

from miroir.cli.main import main

if __name__ == "__main__":
    main()

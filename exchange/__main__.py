"""``python -m exchange`` is the ``exchange`` command."""

from exchange.cli import main

if __name__ == "__main__":
    main()

"""``python -m voice`` is ``strowger``."""

from __future__ import annotations

import sys

from voice.loading import loading


def main() -> None:
    """Entry point."""
    with loading():
        from voice.cli import app  # loads nearly everything
    sys.exit(app())


if __name__ == "__main__":
    main()

"""``python -m voice`` is ``strowger``."""

from voice.cli import main

main()

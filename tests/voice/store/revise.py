"""Write the next migration from the difference between the tables and the migrations there are.

``python -m tests.voice.store.revise 0002 "Calls have a colour"``
"""

from __future__ import annotations

import sys

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from voice.store.migration import SCRIPTS, upgrade


def revise(revision: str, message: str) -> None:
    """Write ``migrations/versions/<revision>_<message>.py``; ``HEAD`` in ``voice.store.migration`` has to follow."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        if any((SCRIPTS / "versions").glob("*.py")):
            upgrade(connection)
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True, rev_id=revision)


if __name__ == "__main__":
    revise(sys.argv[1], sys.argv[2])

"""How Alembic runs the migrations: always on the connection that ``voice.store.migration`` hands over."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from voice.store.columns import Moment
from voice.store.tables import METADATA


def render(kind: str, item: object, autogenerate: AutogenContext) -> str | Literal[False]:
    """How our own type of column is written into a new migration."""
    if kind != "type" or not isinstance(item, Moment):
        return False
    autogenerate.imports.add("from voice.store.columns import Moment")
    return "Moment()"


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()

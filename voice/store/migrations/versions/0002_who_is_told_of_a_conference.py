"""Who is told of a conference."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """To this revision."""
    op.add_column("conferences", sa.Column("subscription", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Back from this revision."""
    op.drop_column("conferences", "subscription")

"""Who said what in a recording, and in which language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from voice.store.columns import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """To this revision."""
    op.add_column("transcriptions", sa.Column("language", sa.Text(), nullable=True))
    op.create_table(
        "sentences",
        sa.Column("sid", sa.String(34), nullable=False),
        sa.Column("account_sid", sa.String(34), nullable=False),
        sa.Column("date_created", Moment(timezone=True), nullable=False),
        sa.Column("date_updated", Moment(timezone=True), nullable=False),
        sa.Column("sentences", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_sentences")),
    )
    op.create_index("ix_sentences_age", "sentences", ["account_sid", "date_created", "sid"])


def downgrade() -> None:
    """Back from this revision."""
    op.drop_index("ix_sentences_age", table_name="sentences")
    op.drop_table("sentences")
    op.drop_column("transcriptions", "language")

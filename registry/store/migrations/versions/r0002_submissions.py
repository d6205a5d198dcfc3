"""Submissions and their provenance move into the registry database; the audit knows entries that change no artefact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.DateTime(timezone=True)
_ABOUT_ARTEFACT = sa.text("about = 'artefact'")


def upgrade() -> None:
    """Add the tables; entries of the audit so far are about artefacts."""
    op.add_column(
        "audit",
        sa.Column("about", _EXACT, nullable=False, server_default="artefact", comment="artefact: changes what the registry answers"),
    )
    op.create_index("ix_audit_about_artefact", "audit", ["sequence"], sqlite_where=_ABOUT_ARTEFACT, postgresql_where=_ABOUT_ARTEFACT)
    op.create_table(
        "submission",
        sa.Column("id", _EXACT, nullable=False),
        sa.Column("kind", _EXACT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("received", _INSTANT, nullable=False),
        sa.Column("dataflow", _EXACT, comment="AGENCY:ID(VERSION) that data are for"),
        sa.Column("agreement", _EXACT, comment="AGENCY:ID(VERSION) that data were handed in under"),
        sa.Column("status", _EXACT, nullable=False, comment="pending or committed"),
        sa.Column("parts", sa.Text(), nullable=False, comment="JSON: names, digests and sizes"),
        sa.Column("findings", sa.Text(), nullable=False, comment="JSON: what was noticed"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="JSON: counts"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
    )
    op.create_index("ix_submission_received", "submission", ["received"])
    op.create_index("ix_submission_dataflow", "submission", ["dataflow", "received"])
    op.create_index("ix_submission_status", "submission", ["status"])
    op.create_table(
        "origin",
        sa.Column("submission", _EXACT, nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False, comment="JSON: the provenance record"),
        sa.Column("contributions", sa.LargeBinary(), comment="Parquet: source rows per observation"),
        sa.PrimaryKeyConstraint("submission", name="pk_origin"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_origin_submission", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("origin")
    op.drop_table("submission")
    op.drop_index("ix_audit_about_artefact", table_name="audit")
    op.drop_column("audit", "about")

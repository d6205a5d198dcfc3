"""Recipes are kept with the submissions that were made with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; submissions so far have no recipe that could be answered."""
    op.add_column("origin", sa.Column("recipe", _EXACT, comment="digest of the recipe, if one was used"))
    op.create_index("ix_origin_recipe", "origin", ["recipe"])
    op.create_table(
        "recipe",
        sa.Column("digest", _EXACT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="the recipe byte for byte"),
        sa.PrimaryKeyConstraint("digest", name="pk_recipe"),
    )


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("recipe")
    op.drop_index("ix_origin_recipe", table_name="origin")
    op.drop_column("origin", "recipe")

"""The first schema: artefacts with their revisions, references, items and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Spelled out rather than imported from the tables module: a migration must not change when that one does.
_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_CURRENT = sa.text("recorded_to IS NULL")


def upgrade() -> None:
    """Create the tables; the audit log refuses to be changed."""
    _create_artefact()
    _create_reference()
    _create_item()
    _create_audit()


def downgrade() -> None:
    """Drop everything."""
    for table in ("audit", "item", "reference", "artefact"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change()")


def _create_artefact() -> None:
    op.create_table(
        "artefact",
        sa.Column("revision", _SERIAL, nullable=False),
        sa.Column("urn", _EXACT, nullable=False),
        sa.Column("kind", _EXACT, nullable=False),
        sa.Column("urn_class", _EXACT, nullable=False),
        sa.Column("agency", _EXACT, nullable=False),
        sa.Column("id", _EXACT, nullable=False),
        sa.Column("version", _EXACT, nullable=False),
        sa.Column("version_order", _EXACT, nullable=False, comment="sorts as the versions do"),
        sa.Column("is_stable", sa.Boolean(), nullable=False),
        sa.Column("content_hash", _EXACT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False, comment="canonical SDMX-JSON of the artefact"),
        sa.Column("recorded_from", _INSTANT, nullable=False),
        sa.Column("recorded_to", _INSTANT),
        sa.PrimaryKeyConstraint("revision", name="pk_artefact"),
    )
    op.create_index("uq_artefact_current", "artefact", ["urn"], unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT)
    op.create_index("ix_artefact_identity", "artefact", ["kind", "agency", "id", "version_order"])
    op.create_index("ix_artefact_history", "artefact", ["urn", "recorded_from"])
    op.create_index("ix_artefact_content_hash", "artefact", ["content_hash"])


def _create_reference() -> None:
    op.create_table(
        "reference",
        sa.Column("revision", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("to_class", _EXACT, nullable=False, comment="class of the artefact that is, or holds, the target"),
        sa.Column("to_agency", _EXACT, nullable=False),
        sa.Column("to_id", _EXACT, nullable=False),
        sa.Column("to_version", _EXACT, nullable=False, comment="a version, or a wildcard of semantic versioning"),
        sa.Column("to_item", _EXACT),
        sa.Column("item_class", _EXACT),
        sa.PrimaryKeyConstraint("revision", "position", name="pk_reference"),
        sa.ForeignKeyConstraint(["revision"], ["artefact.revision"], name="fk_reference_revision", ondelete="CASCADE"),
    )
    op.create_index("ix_reference_target", "reference", ["to_id", "to_agency"])


def _create_item() -> None:
    op.create_table(
        "item",
        sa.Column("revision", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", _EXACT, nullable=False, comment="dotted path in nested schemes"),
        sa.Column("parent", _EXACT),
        sa.Column("names", sa.Text(), nullable=False, comment="JSON object: language to name"),
        sa.PrimaryKeyConstraint("revision", "position", name="pk_item"),
        sa.ForeignKeyConstraint(["revision"], ["artefact.revision"], name="fk_item_revision", ondelete="CASCADE"),
    )
    op.create_index("ix_item_id", "item", ["id"])


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False, comment="JSON: what was changed"),
        sa.Column("previous_hash", _EXACT, nullable=False),
        sa.Column("hash", _EXACT, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log can only be appended to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_no_{change} BEFORE {change.upper()} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log can only be appended to'); END"
        )

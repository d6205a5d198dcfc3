"""The artefact store: a port, its SQL adapter, migrations."""

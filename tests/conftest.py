"""Settings and fixtures for the whole suite."""

import os

from hypothesis import HealthCheck, settings

from tests.demo_server import demo_home, server
from tests.postgres import postgres_uri, postgres_url

__all__ = ["demo_home", "postgres_uri", "postgres_url", "server"]

# Machines of continuous integration are slow and shared: how long one example takes says nothing about the code.
# In continuous integration the same examples come each time, so that a change is judged by what it changed.
settings.register_profile(
    "shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("shared-machine")

"""SDMX-REST 2.x and 1.x over HTTP, and the service's own resources under ``/api``."""

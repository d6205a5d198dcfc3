"""How official systems get the data: SDMX-REST, formats, observation store, command line, composition."""

__version__ = "0.2.0"

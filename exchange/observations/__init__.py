"""The observation store: bitemporal Delta Lake tables, one per dataflow, read as Polars frames."""

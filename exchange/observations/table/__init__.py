"""One dataflow as a Delta Lake table: how its columns lie, its files, its versions."""

"""What the data mean: the SDMX information model, versions, references, constraints, and their store."""

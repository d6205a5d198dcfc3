"""The steps of a mapping run: Narwhals code, the same on every frame engine. Each takes a frame and tells the journal what it did."""

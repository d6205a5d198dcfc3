"""Frame engines: where the steps of a run compute. The steps are Narwhals code and know none of them."""

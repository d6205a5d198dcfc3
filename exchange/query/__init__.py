"""What a request asks for, as values: SDMX-REST grammar in, query values out; no HTTP, no storage."""

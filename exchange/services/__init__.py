"""Use cases of the exchange: answering data and availability queries, loading messages, publishing mapped data."""

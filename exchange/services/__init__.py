"""Use cases of the exchange: answering data and availability queries, taking in messages and mapped data, looking after the store."""

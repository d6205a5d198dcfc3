"""What the readers of all data formats share: from text to observation batches."""

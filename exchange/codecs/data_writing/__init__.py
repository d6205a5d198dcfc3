"""What the writers of all data formats share: text of cells, labels, periods, and which component stands at which level."""

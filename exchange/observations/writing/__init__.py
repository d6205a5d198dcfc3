"""What a submission does to a table: checked, taken apart, applied range by range."""

"""Where every number comes from: recorded while it is made, kept per submission, told as W3C PROV."""

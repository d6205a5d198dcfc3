"""The expression language of recipes: SQL scalar expressions on a white list, compiled to Narwhals expressions."""

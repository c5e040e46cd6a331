"""The pages of data quality."""

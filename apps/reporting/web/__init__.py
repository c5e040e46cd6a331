"""The pages of reporting: board, reports and their downloads."""

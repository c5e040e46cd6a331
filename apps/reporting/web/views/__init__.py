"""Pages of reporting, by noun: the board, the reports, and the giving out of many leads at once."""

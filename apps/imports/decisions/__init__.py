"""Pure reading of files: sheets, guesses at columns, and the inquiry that a row is."""

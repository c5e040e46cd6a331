"""The tenant file: its shape, reading it with line numbers, applying, exporting, comparing."""

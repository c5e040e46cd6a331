"""The public form's door."""

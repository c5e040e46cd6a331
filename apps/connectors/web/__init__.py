"""The door of hooks."""

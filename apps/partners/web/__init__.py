"""The agency's own pages: a door like any other."""

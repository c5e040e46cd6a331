"""Views of the coordinators' pages, split by noun."""

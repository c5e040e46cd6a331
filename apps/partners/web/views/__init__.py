"""Views of the agency's pages, by page."""

"""The doors behind links in our messages."""

"""Measurements of the product against bare floors, on one machine, in one run: `make bench`."""

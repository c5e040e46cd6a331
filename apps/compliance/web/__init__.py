"""Pages of compliance: one module a section, listed in `urls.SECTIONS`."""

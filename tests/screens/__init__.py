"""Every screen of the product on one lively Tuesday morning: for `make screens` and for the browser checks."""

"""Partners: what an agency may see of the leads it delivered."""

"""What a compliance officer reads and decides: who saw what, what was agreed to, what has to go."""

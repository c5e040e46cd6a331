"""The simulator: invented people who ask for care through the same doors as everybody else."""

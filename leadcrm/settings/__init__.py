"""Settings: `base` for every real run, `test` for the suite."""

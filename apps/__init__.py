"""The apps of leadcrm, one package each; docs/architecture.md names their order."""

"""Verbs of setting up a tenant that no lower app has: organization, pipelines, texts and forms."""

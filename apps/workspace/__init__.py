"""Workspace: the coordinators' pages and the REST API. Composes; owns no facts."""

"""The playbook's page."""

"""The demo tenants: applied from their files, with sign-ins that a newcomer can use at once."""

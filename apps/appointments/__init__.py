"""Appointments: booked visits and their story. Public verbs: `actions.book`, `actions.change_state`."""

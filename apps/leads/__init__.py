"""Leads: people, their contact points, their inquiries, and what happened to each.

Owns Person, ContactPoint, Lead, Touch, pipelines and stages, the timeline and tasks. Public verbs:
`actions.open_lead`, `actions.enter_stage`, `actions.tell`, `tasks_of_leads.open_task`.
"""

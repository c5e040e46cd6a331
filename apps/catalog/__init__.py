"""Catalog: what a tenant offers, where and when, and where its inquiries come from.

Owns services, locations, calendars, queues, sources and campaigns, and the sums of open time.
"""

"""The doors' frame: who asks, in whose name the database answers, what every answer carries.

Views never open the tenant's scope, read headers for identity or build error answers: this does.
"""

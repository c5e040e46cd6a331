"""The small chat on the tenant's own site: fixed answers to listed questions, and a person for everything else.

Owns the chat's pages, conversations and their sealed lines. A conversation is no lead until a person of ours accepts
it, or until somebody who left an address waited in vain.
"""

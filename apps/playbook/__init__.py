"""The playbook: the tenant's own process as a document, made from the live set-up at every reading.

It owns no rule and copies none: what is approved or renamed elsewhere stands here with the next reading (row DD-10).
Each chapter is a part of `Book`; a chapter with nothing to say names the setting that is missing.
"""

"""Public ids: UUID version 7 (RFC 9562), so that new rows sit together in every index."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def new_id() -> UUID:
    """Return a fresh time-ordered id."""
    return UUID(int=_uuid7().int)

"""What a replay found, in a sentence; and what it cannot know, so that nobody reads more into it. Pure."""

from apps.flows.impact.terms import Tally

#: What a replay takes from its own time, and what from today, because nobody kept how it was.
NOT_KNOWN = (
    "Facts, consent, opening hours, what stopped a lead, how full queues and people were: all of its own time.",
    "Who was away and whose turn it was is not played again: a queue is shown, never a person.",
    "Who is in a team, with which cap, skills and shifts, is as it is today.",
    "A lead that goes elsewhere takes up no room there for the leads after it.",
    "What people did afterwards stays as it was: transfers, calls and bookings of the changed way are not guessed.",
)


def outcome_sentence(tally: Tally, asked: str) -> str:
    """Return the headline: how many leads change, wait beyond their deadline, find no rule, or wait for nobody."""
    if not tally.total:
        return f"No lead came in {asked}: nothing to compare."
    share = f"{100 * tally.changed / tally.total:.1f}"
    parts = [
        f"{tally.changed:,} of {tally.total:,} leads ({share} %) of {asked} would change",
        f"{tally.moved:,} would move to another queue",
        f"{tally.later:,} would wait longer than their service level",
        f"{max(0, tally.lost[1] - tally.lost[0]):,} more would be unroutable",
    ]
    if tally.full[1] > tally.full[0]:
        parts.append(f"{tally.full[1] - tally.full[0]:,} more would find everybody full")
    if tally.nobody:
        parts.append(f"{tally.nobody:,} would wait where nobody works")
    return f"{'; '.join(parts)}."


def unknown_here(tally: Tally) -> tuple[str, ...]:
    """Return what this replay cannot reproduce."""
    gone = f"{tally.words_gone:,} leads heard words that were erased since, or that nobody noted: judged without them."
    return (*NOT_KNOWN, gone) if tally.words_gone else NOT_KNOWN

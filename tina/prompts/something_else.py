"""The class of everything that is none of the others: "apple, snail, something else".

It has no looks, so its words say nothing: its prompt vector is zero, unless pictures of it are given. The generator is
not asked for a class that nothing is said of; `generator/otherwise.py` says how such a one gets its row.
"""

from __future__ import annotations

SOMETHING_ELSE = "something else"
SAID = frozenset({SOMETHING_ELSE, "anything else", "everything else", "none of these", "none of the above", "other"})


def is_something_else(label: str) -> bool:
    return " ".join(label.casefold().split()) in SAID

"""Labels that only tell classes apart ("class 1", "Lisa", "left shelf"): they say nothing of what is seen.

    says_something("my cup", {"cup"}.__contains__)          # True: whose it is does not matter, a cup is seen
    says_something("left shelf", {"shelf"}.__contains__)    # False: what tells it from the right shelf is a place

Where pictures are shown of a class, such a label is not taken for a description of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

OWNERS = frozenset(
    (
        *("my", "your", "his", "her", "its", "our", "their", "the", "a", "an"),
        *("this", "that", "these", "those", "some"),
    )
)
PLACES = frozenset(
    (  # and other words that tell two things of one kind apart
        *("left", "right", "top", "bottom", "upper", "lower", "front", "back", "middle", "inside"),
        *("outside", "near", "far", "first", "second", "third", "last", "next", "one", "two"),
        *("three", "four", "five", "six", "seven", "eight", "nine", "ten", "good", "bad"),
        *("ok", "okay", "new", "old", "other", "another", "same", "different", "before", "after"),
        *("class", "group", "type", "kind", "sort", "category", "label", "item", "object", "thing"),
        *("set", "sample", "example", "test", "case"),
    )
)
PHRASE = 4  # words: that many are a description, if any of them is a known thing


def says_something(label: str, is_known: Callable[[str], bool]) -> bool:
    """Whether a label describes what is seen, and does not only name a class.

    Args:
        label: as somebody typed it.
        is_known: whether a noun, or several words, are the name of something that can be seen.
    """
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", label.casefold())
    words = [re.sub(r"['’]s?$", "", word) for word in words if word not in OWNERS]
    if not words or any(len(word) == 1 or any(map(str.isdigit, word)) for word in words):
        return False
    if len(words) >= PHRASE:
        return any(is_known(word) for word in words)
    if any(word in PLACES for word in words):
        return is_known(" ".join(words)) and len(words) > 1
    return any(is_known(" ".join(words[at:])) for at in range(len(words)))

"""The class of everything that is none of the others: "apple, snail, something else".

No text describes it, so its prompt vector is zero unless pictures of it are given, and the generator writes no row for
a class without a description: `generator/closed_form/other_class.py` does.
"""

from __future__ import annotations

SOMETHING_ELSE = "something else"
WORDINGS = frozenset(
    {
        *(SOMETHING_ELSE, "anything else", "everything else", "none of these", "none of the above", "other"),
        *("etwas anderes", "alles andere", "nichts davon", "sonstiges"),
        *("autre chose", "tout le reste", "rien de tout cela"),
        *("otra cosa", "todo lo demás", "ninguno de estos"),
        *("其他", "其它", "别的", "都不是", "その他", "他のもの", "どれでもない"),
    }
)


def is_something_else(label: str) -> bool:
    """Whether a label means the class of everything else; case and spaces do not matter.

    Args:
        label: a class's label or text.

    Returns:
        True for any of `WORDINGS`.
    """
    return " ".join(label.casefold().split()) in WORDINGS

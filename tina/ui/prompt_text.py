"""A prompt as text that means the same classes again: for the text field, for links, for the Python that is copied."""

from __future__ import annotations

from functools import lru_cache

from tina.prompts.parsing import parse
from tina.prompts.prompt import Prompt, PromptError


def as_text(prompt: Prompt) -> str:
    """One line of names, or a line for each class and description where there are descriptions."""
    if not any(one.descriptions for one in prompt.classes):
        forms = [
            ", ".join(prompt.labels),
            ", ".join(_quoted(label) for label in prompt.labels),
            "\n".join(f"“{label}”" for label in prompt.labels),
        ]
        return next((form for form in forms if labels_of(form) == prompt.labels), forms[-1])
    return "\n".join(
        _line(one.label, description) for one in prompt.classes for description in (one.descriptions or [""])
    )


def _line(label: str, description: str) -> str:
    """A class and a description of it, which is quoted where it would be torn apart."""
    if not description:
        return _quoted(label)
    plain = f"{_quoted(label)}: {description}"
    return plain if labels_of(f"{plain}\nzzz") == [label, "zzz"] else f"{_quoted(label)}: “{description}”"


def _quoted(label: str) -> str:
    """In quotes where a list would tear it apart."""
    return label if labels_of(f"{label}, zzz") == [label, "zzz"] else f"“{label}”"


def labels_of(text: str) -> list[str]:
    return list(_read(text))


@lru_cache(1024)  # the page asks the same at every step
def _read(text: str) -> tuple[str, ...]:
    """The labels that a list of names is read as; none where it cannot be read."""
    try:
        return tuple(parse(text).labels)
    except PromptError as error:
        return tuple(one.label for one in error.classes)

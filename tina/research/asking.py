"""Odd prompts and what comes of them, as the table of docs/asking.md: python -m tina.research.asking"""

from __future__ import annotations

from tina.errors import UserError
from tina.generator.base import BaseTina
from tina.generator.tina import Tina

PROMPTS = (
    *("tell cats from dogs", "find all mushrooms", "is it a mug or a glass?"),
    "On my walk I saw a heron, two ducks and a squirrel.",
    *("Apfel, Birne und 🥕", "chat, chien, oiseau", "chat, dog, bird", "猫、犬と鳥", "🍎🍌🍒"),
    *("things that fly", "apple, red blorp, qwer", "qwer, asdf jkl", "heron"),
)


def table(tina: BaseTina) -> str:
    """A line of Markdown for each prompt: its classes with how they were read, and what is said."""
    lines = ["| asked | classes | said |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {prompt} | {' | '.join(_row(tina, prompt))} |" for prompt in PROMPTS)])


def _row(tina: BaseTina, text: str) -> tuple[str, str]:
    try:
        prompt = tina.understand(text)
    except UserError as error:
        return "none", str(error)
    classes = ((one.label, str(tina.reading(one))) for one in prompt.classes)
    listed = (label if reading in ("known", label) else f"{label} ({reading})" for label, reading in classes)
    return ", ".join(listed), " ".join(prompt.notes)


def main() -> None:
    """Prints it for the Tina that answers first."""
    print(table(Tina.from_pretrained()))


if __name__ == "__main__":
    main()

"""What comes from outside, checked before anything is made of it: numbers, texts, JSON.

    whole("3", "seed", 0, 10)           # a ValueError: "3" is a text
    number(math.nan, "level")           # a ValueError, too
    read_json(content, depth=32)        # small, flat, with finite numbers only

Each gives back what it was given, or raises a `ValueError` that says what is wanted. Whoever asks makes a sentence of
it that names the file or the field.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

LARGEST = 2**63 - 1  # whole numbers that others than Python can hold
JSON_BYTES = 2**20
JSON_DEPTH = 32
JSON_PARTS = 2**16  # lists and objects; brackets in its texts are counted, too


def whole(value: object, name: str, low: int = -LARGEST, high: int = LARGEST) -> int:
    """A whole number in a range.

    Args:
        value: anything; True and 3.0 are no whole numbers.
        name: what it is called.
        low: the smallest that is taken.
        high: the largest that is taken.
    """
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} is a whole number from {low:,} to {high:,}")
    return value


def number(value: object, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number in a range; the arguments are those of `whole`."""
    if type(value) not in (int, float) or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(f"{name} is a number from {low:,} to {high:,}")
    try:
        found = float(value)  # type: ignore[arg-type]
    except OverflowError as error:
        raise ValueError(f"{name} is too large a number") from error
    if not math.isfinite(found):
        raise ValueError(f"{name} is a finite number")
    return found


def text(value: object, name: str, most: int) -> str:
    """A text that can be written down again: of at most so many characters, without halves of any (lone surrogates)."""
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"{name} is a text of at most {most:,} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} has half a character in it") from error
    return value


def line(value: object, name: str, most: int) -> str:
    """A text of one line, without anything that does not show."""
    found = text(value, name, most)
    if found and not found.isprintable():
        raise ValueError(f"{name} is a line of text")
    return found


def table(value: object, name: str) -> dict[str, Any]:
    """An object of JSON."""
    if not isinstance(value, dict):
        raise ValueError(f"{name} is an object")
    return value


def several(value: object, name: str, most: int) -> list[Any]:
    """A list of JSON with at most so many entries."""
    if not isinstance(value, list) or len(value) > most:
        raise ValueError(f"{name} is a list of at most {most:,}")
    return value


def read_json(content: bytes, size: int = JSON_BYTES, depth: int = JSON_DEPTH) -> Any:
    """JSON from anywhere.

    Args:
        content: in UTF-8.
        size: the most bytes that are looked at.
        depth: how deeply lists and objects may be nested.

    Returns:
        What it holds: no number in it is NaN or infinite.
    """
    if len(content) > size:
        raise ValueError(f"the JSON is larger than {size:,} bytes")
    if content.count(b"[") + content.count(b"{") > JSON_PARTS:
        raise ValueError(f"the JSON has more than {JSON_PARTS:,} parts")
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    level = [found]
    for _ in range(depth + 1):
        level = [one for part in level if isinstance(part, dict | list) for one in _members(part)]
    if level:
        raise ValueError(f"the JSON is nested more than {depth} times")
    return found


def _members(part: dict[str, Any] | list[Any]) -> list[Any]:
    return [*part.values()] if isinstance(part, dict) else part


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(digits: str) -> float:
    return number(float(digits), "a number")

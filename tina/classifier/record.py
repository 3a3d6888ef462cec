"""What a saved classifier says of itself (classifier.json): one schema, which everything that comes in has to fit.

    record = read_record(content)       # bytes from anywhere -> a `Record`, or a ValueError

Sizes, types and ranges are checked before anything is made of them. A world or checkpoint that is named here is a name:
nobody looks for pictures or files because a classifier.json says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from tina.checks import line, number, read_json, several, table, text, whole
from tina.prompts.prompt import CLASSES, Prompt
from tina.prompts.text import clean

FORMAT = 2  # 1 did not say which part wrote the classifier
PARTS = ("generator", "prior", "transfer")  # of `Origin.provenance`
LONGEST_ON = 200  # characters of what a score is said to be on
LONGEST_NAME = 200  # characters of a blueprint, checkpoint, sampler or preparation
LONGEST_WORLD = 4096  # of a world, which may be somebody's folder
MOST_STEPS = 1000
MOST_PICTURES = 10**9  # in a field of a confusion
MOST_SHOWN = 10_000  # of a class
SHA256 = re.compile("[0-9a-f]{64}")


class NewerFormat(ValueError):
    """A classifier.json of a version that is yet to come; `args` is its number."""


@dataclass(frozen=True)
class Origin:
    """Where a classifier comes from: the same prompt, checkpoint, seed and way of sampling give the same weights."""

    world: str | None = None
    checkpoint: str | None = None  # its hash
    seed: int | None = None
    steps: int | None = None
    sampler: str | None = None
    provenance: dict[str, float] | None = None  # the shares that generator, prior and transfer wrote


@dataclass(frozen=True)
class Record:
    """classifier.json, checked."""

    version: int
    blueprint: str
    backbone: str
    preparation: str
    weights_sha256: str
    prompt: Prompt
    shown: tuple[int, ...]  # how many pictures each class was written from
    origin: Origin
    confusion: tuple[tuple[int, ...], ...] | None
    scored_on: str
    none_level: float | None


def read_record(content: bytes) -> Record:
    """The record in the bytes of a classifier.json; a ValueError (or PromptError) where there is none."""
    about = table(read_json(content), "classifier.json")
    version = whole(about.get("format"), "the format", 1)
    if version > FORMAT:
        raise NewerFormat(version)
    stated = table(about.get("prompt"), "the prompt")
    prompt = Prompt.from_content(stated)
    sha = text(about.get("weights_sha256"), "the hash", 64)
    if not SHA256.fullmatch(sha):
        raise ValueError("the hash is none")
    preprocessing = table(about.get("preprocessing", {}), "preprocessing")
    level = about.get("none_level")
    return Record(
        version,
        _name(about.get("blueprint"), "the blueprint"),
        _name(about.get("backbone", ""), "the backbone"),
        _name(preprocessing.get("preparation", ""), "the preparation"),
        sha,
        prompt,
        tuple(whole(row["pictures"], "pictures", 0, MOST_SHOWN) for row in stated["classes"]),
        _origin(about, version),
        _confusion(about.get("confusion"), len(prompt.classes)),
        clean(text(about.get("scored_on", ""), "scored_on", 10 * LONGEST_ON))[:LONGEST_ON],
        None if level is None else number(level, "the level"),
    )


def _origin(about: dict[str, Any], version: int) -> Origin:
    said = {field.name: about.get(field.name) for field in fields(Origin)}
    return Origin(
        None if said["world"] is None else line(said["world"], "the world", LONGEST_WORLD),
        None if said["checkpoint"] is None else _name(said["checkpoint"], "the checkpoint"),
        None if said["seed"] is None else whole(said["seed"], "the seed"),
        None if said["steps"] is None else whole(said["steps"], "the steps", 1, MOST_STEPS),
        None if said["sampler"] is None else _name(said["sampler"], "the sampler"),
        _shares(said["provenance"]) if version > 1 else None,
    )


def _shares(value: object) -> dict[str, float] | None:
    if value is None:
        return None
    if table(value, "the shares").keys() != {*PARTS}:
        raise ValueError("the shares are of other parts")
    return {part: number(share, "a share", 0, 1 + 1e-6) for part, share in table(value, "the shares").items()}


def _confusion(value: object, ways: int) -> tuple[tuple[int, ...], ...] | None:
    if value is None:
        return None
    rows = [several(row, "a row", CLASSES) for row in several(value, "the confusion", CLASSES)]
    if {len(rows), *map(len, rows)} != {ways}:
        raise ValueError("the confusion is of other classes")
    counts = tuple(tuple(whole(count, "a count", 0, MOST_PICTURES) for count in row) for row in rows)
    if not any(map(any, counts)):
        raise ValueError("the confusion is of no pictures")
    return counts


def _name(value: object, name: str) -> str:
    return line(value, name, LONGEST_NAME)

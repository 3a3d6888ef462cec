"""What a classifier's zip holds."""

from __future__ import annotations

from dataclasses import dataclass

from tina.blueprints import Blueprint, Weights
from tina.classifier.others import Others
from tina.classifier.record import Origin
from tina.classifier.score import Score
from tina.prompts.prompt import Prompt


@dataclass(frozen=True)
class Content:
    """What is in a zip."""

    blueprint: Blueprint
    weights: Weights
    prompt: Prompt
    origin: Origin
    scored: Score | None
    none_level: float | None = None
    shown: tuple[int, ...] = ()  # how many pictures each class was written from
    others: Others | None = None

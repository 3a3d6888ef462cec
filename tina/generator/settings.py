"""Every constant that was chosen by experiment: saved in a checkpoint's config.json, and a part of its hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tina.generator.closed_form.familiarity import FamiliaritySettings
from tina.generator.closed_form.none_of_these import NoneSettings
from tina.generator.closed_form.other_class import OtherClassSettings
from tina.generator.closed_form.prior import PriorSettings
from tina.generator.closed_form.transfer import TransferSettings
from tina.generator.diffusion import SamplingSettings


@dataclass(frozen=True)
class Settings:
    """One object for each part of the generator; each part says how its numbers were chosen."""

    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    prior: PriorSettings = field(default_factory=PriorSettings)
    transfer: TransferSettings = field(default_factory=TransferSettings)
    familiarity: FamiliaritySettings = field(default_factory=FamiliaritySettings)
    other_class: OtherClassSettings = field(default_factory=OtherClassSettings)
    none_of_these: NoneSettings = field(default_factory=NoneSettings)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """For JSON. A checkpoint that cannot tell what is none of a prompt's classes says nothing of it."""
        parts = asdict(self)
        if self.none_of_these.level is None:
            del parts["none_of_these"]
        return parts

    @classmethod
    def from_dict(cls, parts: Mapping[str, Mapping[str, Any]]) -> Settings:
        """The inverse; a part or a number that does not exist is a TypeError."""
        of_name = {name: type(part) for name, part in vars(cls()).items()}
        unknown = parts.keys() - of_name.keys()
        if unknown:
            raise TypeError(f"there are no settings of {', '.join(sorted(unknown))}")
        made = {
            name: of_name[name](**{key: tuple(v) if isinstance(v, list) else v for key, v in numbers.items()})
            for name, numbers in parts.items()
        }
        return cls(**made)

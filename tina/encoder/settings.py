"""The encoder's constants that were chosen by experiment. They are a part of `Encoder.hash`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tina.errors import UserError

CONFIG_FILE = "open_clip_config.json"
KEY = "tina"  # in CONFIG_FILE; open_clip ignores keys that it does not know


@dataclass(frozen=True)
class EncoderSettings:
    """Chosen on `zoo` pictures of classes that were left out of training: `text_weight` by `python -m tina table` of a
    rehearsal, the others by tables after `python -m tina.research.recipes.encoder looks`.

    text_weight: a text's unit vector has the weight text_weight / sqrt(n) beside the mean of n pictures' vectors.
    appearance_radius: r of the kernel exp((cosine - 1) / r) between a text and the words that have an appearance.
    appearance_weight: length of a world's appearance vector beside the text's unit vector.
    """

    text_weight: float = 0.7
    appearance_radius: float = 0.15
    appearance_weight: float = 0.35

    @classmethod
    def read(cls, folder: Path) -> EncoderSettings:
        """The settings in an encoder folder's config.

        Args:
            folder: holds open_clip_config.json.

        Returns:
            What stands under the key "tina"; the defaults for whatever does not.
        """
        stored = json.loads((folder / CONFIG_FILE).read_text("utf-8")).get(KEY, {})
        unknown = stored.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise UserError(f"{folder / CONFIG_FILE} has encoder settings of another version: {', '.join(unknown)}.")
        return cls(**stored)

    def save(self, folder: Path) -> None:
        """Write them into an encoder folder's config, beside what is there.

        Args:
            folder: holds open_clip_config.json.
        """
        config = json.loads((folder / CONFIG_FILE).read_text("utf-8"))
        text = json.dumps(config | {KEY: asdict(self)}, indent=2) + "\n"
        (folder / CONFIG_FILE).write_text(text, "utf-8")


DEFAULTS = EncoderSettings()

FORMER_HASHES = {"5b2f777d953f0a76": "42131793b0c2a41c"}  # embedded, before the settings were hashed: the same vectors


def current_hash(recorded: str) -> str:
    """The hash that an encoder has now.

    Args:
        recorded: its hash, as a file of format 1 has it.

    Returns:
        The hash by today's formula if the encoder is still the same; if not, `recorded`.
    """
    return FORMER_HASHES.get(recorded, recorded)

"""The Tinas that ship: the default one is loaded at the start, another when first wanted, each once for everybody."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

from tina.encoder.encoder import EMBEDDED
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.paths import CHECKPOINTS, DEFAULT, shipped
from tina.ui.server.studio import Studio
from tina.ui.server.tuning import Trainer
from tina.worlds import load_world


class Shelf:
    def __init__(self, checkpoint: str | None = None):
        """`checkpoint` answers when none is named: one that ships, a folder, or OWNER/NAME on the Hub."""
        there = shipped()
        self.default = checkpoint or (there[0] if there else DEFAULT)
        self.names = list(dict.fromkeys([self.default, *there]))
        self._open: dict[str, tuple[Studio, Trainer]] = {}
        self._lock = Lock()
        self.studio()

    def studio(self, name: str | None = None) -> Studio:
        return self._both(name)[0]

    def trainer(self, name: str | None = None) -> Trainer:
        return self._both(name)[1]

    def title(self, name: str) -> str:
        """The world, and the kind of classifier that is written, without loading anything more."""
        if name in self._open:
            studio = self.studio(name)
            return _title(studio.world.title, studio.blueprint.id)
        about = json.loads((CHECKPOINTS / name / "config.json").read_text("utf-8"))
        return _title(load_world(about["world"]).title, about["blueprint"])

    def card(self, name: str) -> Path:
        """The checkpoint's model card."""
        folder = CHECKPOINTS / name if name in shipped() else Path(name)
        return folder / "README.md"

    def _both(self, name: str | None) -> tuple[Studio, Trainer]:
        """Only what is on the shelf: a link cannot make the page read a folder or fetch anything."""
        name = name or self.default
        if name not in self.names:
            raise UserError(f"There is no Tina {name[:60]!r} here: it is one of {', '.join(self.names)}.")
        with self._lock:
            if name not in self._open:
                studio = Studio(Tina.from_pretrained(name))
                self._open[name] = studio, Trainer(studio)
            return self._open[name]


def _title(world: str, blueprint: str) -> str:
    """Without the encoder that goes without saying, which a phone has no room for."""
    return f"{world} ({blueprint.removesuffix(f':{EMBEDDED}')})"

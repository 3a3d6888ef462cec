"""The checkpoints that the page offers: the default is loaded at the start, another when first wanted, each once."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

from tina.encoder.encoder import EMBEDDED
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.paths import CHECKPOINTS, DEFAULT, shipped
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.tuning import FineTuner
from tina.worlds import load_world


class CheckpointRegistry:
    """The checkpoints by name, each with what fine-tunes beside it."""

    def __init__(self, checkpoint: str | None = None):
        """`checkpoint` is the default: one that ships, a folder, or OWNER/NAME on the Hub."""
        available = shipped("zoo")  # the page knows no other kind yet
        self.default = checkpoint or (available[0] if available else DEFAULT)
        self.names = list(dict.fromkeys([self.default, *available]))
        self._loaded: dict[str, tuple[LoadedCheckpoint, FineTuner]] = {}
        self._lock = Lock()
        self.get()

    def get(self, name: str | None = None) -> LoadedCheckpoint:
        """The checkpoint `name`, or the default one; a `UserError` for one that is not offered here."""
        return self._get(name)[0]

    def fine_tuner(self, name: str | None = None) -> FineTuner:
        """What fine-tunes classifiers of the checkpoint `name`, or of the default one."""
        return self._get(name)[1]

    def title(self, name: str) -> str:
        """The world and the kind of classifier that is written, without loading anything more."""
        if name in self._loaded:
            checkpoint = self.get(name)
            return _title(checkpoint.world.title, checkpoint.blueprint.id)
        config = json.loads((CHECKPOINTS / name / "config.json").read_text("utf-8"))
        return _title(load_world(config["world"]).title, config["blueprint"])

    def folder(self, name: str) -> Path:
        """Where its model card and its stored results lie."""
        return CHECKPOINTS / name if name in shipped() else Path(name)

    def _get(self, name: str | None) -> tuple[LoadedCheckpoint, FineTuner]:
        """Only one of `names`: a link cannot make the page read a folder or fetch anything."""
        name = name or self.default
        if name not in self.names:
            raise UserError(f"There is no Tina {name[:60]!r} here: it is one of {', '.join(self.names)}.")
        with self._lock:
            if name not in self._loaded:
                checkpoint = LoadedCheckpoint(Tina.from_pretrained(name))
                self._loaded[name] = checkpoint, FineTuner(checkpoint)
            return self._loaded[name]


def _title(world: str, blueprint: str) -> str:
    """Without the name of the embedded encoder, which a phone has no room for."""
    return f"{world} ({blueprint.removesuffix(f':{EMBEDDED}')})"

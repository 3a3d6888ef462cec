"""The checkpoints that the page offers: the default is loaded at the start, another when first wanted, each once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread

from tina.blueprints import TOWER_ROWS
from tina.encoder.encoder import EMBEDDED
from tina.errors import UserError
from tina.generator.checkpoint import blueprint_of
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.paths import CHECKPOINTS, DEFAULT, shipped
from tina.ui.server.background import adopt_encoder
from tina.ui.server.engine_files import TowerFile
from tina.ui.server.jobs import Job, JobState
from tina.ui.server.kept import Kept
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.runs import Runs
from tina.ui.server.settings import ServerSettings
from tina.ui.server.together import Together
from tina.ui.server.tower_checkpoint import TowerCheckpoint
from tina.ui.server.tuning import FineTuner
from tina.ui.server.turns import Slots
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.worlds import load_world
from tina.worlds.archives import cache_folder

OWN_TOWER = "everyday"  # of the checkpoint for photographs that ships
BETTER = "better-eyes"  # the Tina on a larger encoder, which is fetched when somebody wants it
BETTER_ENCODER, BETTER_MEGABYTES = "ViT-B-32/laion2b_s34b_b79k", 605


@dataclass(frozen=True)
class Offered:
    """A checkpoint that is loaded, and what works beside it."""

    checkpoint: LoadedCheckpoint
    tuner: FineTuner
    together: Together


class CheckpointRegistry:
    """The checkpoints by name, each with what fine-tunes beside it; they share slots, and answers of before."""

    def __init__(self, checkpoint: str | None = None, settings: ServerSettings | None = None):
        """
        Args:
            checkpoint: the default: one that ships, a folder, or OWNER/NAME on the Hub.
            settings: of the server; by default those of the environment.
        """
        self.settings = settings or ServerSettings.from_environment()
        self.slots, self.kept = Slots(self.settings), Kept(self.settings.kept)
        self.runs = Runs(self.slots, self.kept)
        available = shipped()
        self.default = checkpoint or (available[0] if available else DEFAULT)
        self.names = list(dict.fromkeys([self.default, *available]))
        self.better_folder = cache_folder() / "checkpoints" / BETTER
        if self.better_folder.is_dir():
            self.names.append(BETTER)
        self._loaded: dict[str, Offered] = {}
        self._jobs: dict[str, Job] = {}  # by what they bring
        self._lock, self._loading = Lock(), Lock()
        self.get()

    def get(self, name: str | None = None) -> LoadedCheckpoint:
        """The checkpoint `name`, or the default one; a `UserError` for one that is not offered here."""
        return self._get(name).checkpoint

    def load_soon(self, names: Sequence[str]) -> None:
        """Loads some of them in the background, so that nobody who goes there waits for it."""

        def load() -> None:
            for name in names:
                with suppress(UserError):  # whoever wants it is told
                    self.get(name)

        Thread(target=load, name="loading", daemon=True).start()

    def fine_tuner(self, name: str | None = None) -> FineTuner:
        """What fine-tunes classifiers of the checkpoint `name`, or of the default one."""
        return self._get(name).tuner

    def together(self, name: str | None = None) -> Together:
        """What writes classifiers of the checkpoint `name` for programs."""
        return self._get(name).together

    def title(self, name: str) -> str:
        """The world and the kind of classifier that is written, without loading anything more."""
        if name in self._loaded:
            checkpoint = self.get(name)
            return _title(checkpoint.world.title, checkpoint.blueprint.id)
        config = self._config(name)
        return _title(load_world(config["world"]).title, blueprint_of(config))

    def world_id(self, name: str) -> str:
        """The id of its world, without loading anything more."""
        return self.get(name).world.id if name in self._loaded else str(self._config(name)["world"])

    def _config(self, name: str) -> dict:
        config: dict = json.loads((self.folder(name) / "config.json").read_text("utf-8"))
        return config

    def folder(self, name: str) -> Path:
        """Where its model card and its stored results lie."""
        if name == BETTER:
            return self.better_folder
        return CHECKPOINTS / name if name in shipped() else Path(name)

    def tower_file(self, address: str) -> TowerFile | None:
        """The tower at an address, of a checkpoint that is loaded; None where there is none."""
        towers = (offered.checkpoint.tower_file for offered in list(self._loaded.values()))
        return next((tower for tower in towers if tower and tower.address == address), None)

    def source(self, name: str | None = None) -> str:
        """What `Tina.from_pretrained` takes for it."""
        return str(self.better_folder) if name == BETTER else name or self.default

    def fetch_pictures(self, name: str | None = None) -> Iterator[JobState]:
        """Brings the pictures of a checkpoint's world here, once for everybody who asks, and says how far that is."""
        checkpoint = self.get(name)
        world = checkpoint.world

        def work(state: JobState) -> None:
            source = world.missing
            if source is not None:

                def progress(have: int) -> None:
                    state.doing, state.share = f"{have / 1e6:.0f} of {source.size / 1e6:.0f} MB", have / source.size

                state.doing = f"fetching from {source.url}"
                source.get(progress)
            state.doing, state.share = "reading the pictures", 1.0
            world.pictures("test", next(filter(world.has_pictures, world.names)), 1)
            checkpoint.forget_held_out()

        return self._job(world.id, work).watch()

    def fetch_better_eyes(self) -> Iterator[JobState]:
        """Makes the Tina on a larger encoder, once for everybody who asks, and says how far that is."""

        def work(state: JobState) -> None:
            if not self.better_folder.is_dir():
                adopt_encoder(BETTER_ENCODER, self.better_folder, state)
            if BETTER not in self.names:
                self.names.append(BETTER)

        return self._job(BETTER, work).watch()

    def choices(self) -> list[tuple[str, str]]:
        """Title and name of every checkpoint that is offered."""
        return [(self.title(name), name) for name in self.names]

    def _job(self, name: str, work: Callable[[JobState], None]) -> Job:
        """The one that is under way, or a new one."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.over:
                job = self._jobs[name] = Job(work)
            return job

    def _get(self, name: str | None) -> Offered:
        """Only one of `names`: a link cannot make the page read a folder or fetch anything."""
        name = name or self.default
        if name not in self.names:
            raise UserError(f"There is no Tina {name[:60]!r} here: it is one of {', '.join(self.names)}.")
        if name in self._loaded:  # nobody waits while another one is loaded
            return self._loaded[name]
        with self._loading:
            if name not in self._loaded:
                tina = Tina.from_pretrained(self.source(name))
                checkpoint = TowerCheckpoint(tina) if isinstance(tina, TowerTina) else ZooCheckpoint(tina)
                together = Together(tina, self.slots, self.kept)
                tuner = FineTuner(checkpoint, busy=lambda: self.slots.wanted)
                self._loaded[name] = Offered(checkpoint, tuner, together)
            return self._loaded[name]


def _title(world: str, blueprint: str) -> str:
    """Without the names of our own encoders, which a phone has no room for."""
    kind = blueprint.removesuffix(f":{EMBEDDED}").removeprefix(f"{TOWER_ROWS}:")
    return world if kind == OWN_TOWER else f"{world} ({kind})"

"""Worlds that visitors make of their own photographs: one at a time, in the background, and gone after an hour.

    worlds = OwnWorlds()
    world = worlds.begin(Path("my pictures.zip"), "anybody")
    for state in world.watch(): ...                     # until world.tina is there, or world.error says why not
    worlds.close()

What a visitor sent lies in a folder of its own until the hour is over, and nowhere else.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, isfinite
from pathlib import Path
from threading import Event, Lock, Timer

import numpy as np
from PIL import Image

from tina.errors import UserError
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.training.own.course import State, duration
from tina.training.own.make import make, plan_for
from tina.training.own.plan import Plan
from tina.training.threads import cores
from tina.ui.server.background import training_thread
from tina.ui.server.own_names import folder_names, title_of
from tina.worlds.own_photos import PREFIX, OwnPhotos
from tina.zips import DAMAGED, open_zip

SETTING = "TINA_OWN_WORLDS"  # on or off; by default on, but off on a Space
POLL_SECONDS = 0.5
CARDS = "class-cards"  # what a world of pictures from class cards is called
DIRECTORY_BYTES = 4 * 2**20  # of a zip's list of members
CHECKPOINT_FILES = ("config.json", "model.safetensors", "table.json", "recipe.json", "README.md")


def is_offered() -> bool:
    """Whether visitors may make worlds here."""
    default = "off" if "SPACE_ID" in os.environ else "on"
    return os.environ.get(SETTING, default).strip().lower() in ("on", "1", "true", "yes")


@dataclass(frozen=True)
class WorldLimits:
    """How much one visitor, and all of them together, may have."""

    megabytes: int = 200  # of a zip
    unpacked: int = 1_000  # megabytes of what is in it
    pictures: int = 4_000
    classes: int = 60
    least: int = 10  # pictures of a class
    of_visitor: int = 3  # worlds an hour
    kept: int = 4  # worlds at once
    free: int = 2_000  # megabytes that stay free on the disk
    seconds: float = 3600.0  # that a world is kept


@dataclass
class OwnWorld:
    """One visitor's, from the zip to the Tina."""

    folder: Path
    visitor: str
    title: str = "pictures.zip"  # what everything that is taken along calls the pictures
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))  # opens it on the page, for who has it
    begun: float = field(default_factory=time.monotonic)
    state: State = field(default_factory=lambda: State("reading the zip, and timing this machine", 0.0, inf))
    plan: str = ""  # what will be done, once that is known
    error: str = ""
    tina: TowerTina | None = None
    cancelled: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)

    @property
    def checkpoint(self) -> Path:
        """The folder of the result."""
        return self.folder / "tina"

    def watch(self) -> Iterator[State]:
        """The state, again and again until the end."""
        while not self.ended.wait(POLL_SECONDS):
            yield self.state
        yield self.state

    def packed(self) -> Path:
        """The checkpoint's folder as a zip."""
        file = self.folder / "tina.zip"
        if not file.is_file():
            place = self.folder / "download" / "tina"
            place.mkdir(parents=True, exist_ok=True)
            for name in CHECKPOINT_FILES:
                shutil.copy(self.checkpoint / name, place / name)
            shutil.make_archive(str(self.folder / "tina"), "zip", self.folder / "download")
            shutil.rmtree(self.folder / "download")
        return file

    def push(self, repository: str, token: str) -> str:
        """Uploads the checkpoint with the visitor's own token, which is kept nowhere and in no message.

        Args:
            repository: OWNER/NAME; it is made, for its owner only, where there is none.
            token: of theirs, that may write there.

        Returns:
            Its address.
        """
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError

        if not token.strip() or repository.strip().count("/") != 1:
            raise UserError("It takes OWNER/NAME and a token that may write there.")
        api = HfApi(token=token.strip())
        try:
            address = api.create_repo(repository.strip(), private=True, exist_ok=True)
            api.upload_folder(
                repo_id=repository.strip(), folder_path=self.checkpoint, allow_patterns=list(CHECKPOINT_FILES)
            )
        except (HfHubHTTPError, HFValidationError, OSError, ValueError):
            message = "The Hub did not take it: is the name right, may the token write, and is this machine online?"
            raise UserError(message) from None  # the reason's own words may hold what was sent
        return str(address)


def open_checkpoint(world: OwnWorld) -> TowerTina:
    """The Tina that was made. It calls its world by the zip's name; only here it knows where the pictures lie."""
    tina = Tina.from_pretrained(world.checkpoint)
    assert isinstance(tina, TowerTina)
    tina.world = OwnPhotos(f"{PREFIX}{world.folder / 'pictures.zip'}", tina.names, tina.blueprint.size)
    return tina


class OwnWorlds:
    """All that are being made or kept."""

    def __init__(self, limits: WorldLimits | None = None):
        """
        Args:
            limits: by default those of `WorldLimits`.
        """
        self.limits = limits or WorldLimits()
        self._worlds: list[OwnWorld] = []
        self._begun: list[tuple[float, str]] = []  # when, and by whom
        self._lock, self._thread = Lock(), training_thread("own-world")

    @cached_property
    def place(self) -> Path:
        """Where they all lie: made when first needed, gone when the server ends."""
        atexit.register(self.close)
        return Path(tempfile.mkdtemp(prefix="tina-worlds-"))

    def begin(self, zip_file: Path, visitor: str) -> OwnWorld:
        """Begins to make a world of a zip of folders; a `UserError` where that cannot be now, or not of this zip.

        Args:
            zip_file: it is copied; everything that is taken along calls it by its name.
            visitor: whose it is.
        """
        limits = self.limits
        if zip_file.stat().st_size > limits.megabytes * 10**6:
            raise UserError(f"A zip of at most {limits.megabytes} MB is taken here.")
        self._check_zip(zip_file)
        self.sweep()
        with self._lock:
            self._admit(visitor)
            world = OwnWorld(Path(tempfile.mkdtemp(dir=self.place)), visitor, title_of(zip_file))
            self._worlds.append(world)
            self._begun.append((time.monotonic(), visitor))
        shutil.copy(zip_file, world.folder / "pictures.zip")
        self._thread.submit(self._work, world)
        timer = Timer(limits.seconds + 1, self.sweep)
        timer.daemon = True
        timer.start()
        return world

    def begin_with(self, pictures: Mapping[str, Sequence[np.ndarray]], visitor: str) -> OwnWorld:
        """The same of pictures by class, as the class cards keep them."""
        few = [label for label, some in pictures.items() if len(some) < self.limits.least]
        if few:
            raise UserError(f"“{few[0]}” has fewer than {self.limits.least} pictures.")
        if len(pictures) < 2:
            raise UserError("A world has two classes or more.")
        with tempfile.TemporaryDirectory(dir=self.place) as made:
            for name, some in folder_names(pictures).items():
                folder = Path(made) / "pictures" / name
                folder.mkdir(parents=True)
                for number, pixels in enumerate(some):
                    Image.fromarray(pixels).save(folder / f"{number:04}.png")
            return self.begin(Path(shutil.make_archive(str(Path(made) / CARDS), "zip", made, "pictures")), visitor)

    def find(self, key: str) -> OwnWorld | None:
        """The world of a key; None where there is none, or none any more."""
        asked = key.encode("utf-8", "replace")
        with self._lock:
            return next((world for world in self._worlds if secrets.compare_digest(world.key.encode(), asked)), None)

    def sweep(self) -> None:
        """Throws away what is older than an hour, and stops it where it is still being made."""
        now = time.monotonic()
        with self._lock:
            old = [world for world in self._worlds if now - world.begun >= self.limits.seconds]
            self._worlds = [world for world in self._worlds if world not in old]
            self._begun = [one for one in self._begun if now - one[0] < 3600]
        for world in old:
            self._throw_away(world)

    def close(self) -> None:
        """Everything is thrown away."""
        with self._lock:
            worlds, self._worlds = self._worlds, []
        for world in worlds:
            self._throw_away(world)
        shutil.rmtree(self.place, ignore_errors=True)

    def _throw_away(self, world: OwnWorld) -> None:
        world.cancelled.set()
        world.tina, world.error = None, world.error or "It was made more than an hour ago, and is gone."
        shutil.rmtree(world.folder, ignore_errors=True)

    def _admit(self, visitor: str) -> None:
        limits = self.limits
        if busy := next((world for world in self._worlds if not world.ended.is_set()), None):
            left = f", in about {duration(busy.state.left)}" if isfinite(busy.state.left) else ""
            raise UserError(f"Another world is being made here: yours can be{left}.")
        if sum(who == visitor for _, who in self._begun) >= limits.of_visitor:
            raise UserError(f"{limits.of_visitor} worlds an hour can be made by one visitor: try again later.")
        if len(self._worlds) >= limits.kept:
            raise UserError("There is no room for another world now: the oldest is gone within an hour.")
        if shutil.disk_usage(self.place).free < limits.free * 10**6:
            raise UserError("There is no room for a world on this machine's disk.")

    def _check_zip(self, file: Path) -> None:
        """Before anything in it is unpacked."""
        try:
            with open_zip(file, DIRECTORY_BYTES) as archive:
                infos = archive.infolist()
        except DAMAGED as error:
            raise UserError("That is no zip that can be read.") from error
        if sum(info.file_size for info in infos) > self.limits.unpacked * 10**6:
            raise UserError(f"The zip unpacks to more than {self.limits.unpacked} MB.")

    def _work(self, world: OwnWorld) -> None:
        def tell(state: State) -> None:
            if world.cancelled.is_set():
                raise CancelledError
            world.state = state

        try:
            plan = plan_for(
                world.folder / "pictures.zip",
                world.checkpoint,
                spoken=(world.title, "tina"),
                threads=max(1, cores() // 2),
            )
            self._check_plan(plan)
            world.plan = plan.text()
            make(plan, tell)
            world.tina = open_checkpoint(world)
        except CancelledError:
            world.error = world.error or "It was stopped."
        except UserError as error:
            world.error = world.error or str(error).replace(f"{world.folder}/", "")
        except Exception:  # whoever watches must not wait for ever
            world.error = world.error or "Something went wrong, and nothing was made."
            raise
        finally:
            world.ended.set()

    def _check_plan(self, plan: Plan) -> None:
        limits, count = self.limits, dict.fromkeys(plan.names, 0)
        for photo in plan.photos:
            count[photo.class_name] += 1
        if len(count) > limits.classes or len(plan.photos) > limits.pictures:
            raise UserError(f"At most {limits.classes} classes and {limits.pictures:,} pictures are taken here.")
        if few := [name for name, found in count.items() if found < limits.least]:
            raise UserError(f"“{few[0]}” has {count[few[0]]} pictures: it takes {limits.least} of each class.")

"""Worlds of visitors' own photographs: made one at a time, limited, thrown away, taken along."""

from __future__ import annotations

import io
import json
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from huggingface_hub.errors import HFValidationError
from PIL import Image

from tina.errors import UserError
from tina.generator.tina import Tina
from tina.training.own.course import State
from tina.ui.handlers.describing import DescribeHandlers
from tina.ui.own.page import OwnWorldPage
from tina.ui.panes import describe
from tina.ui.server import own_worlds
from tina.ui.server.own_names import title_of, without_place
from tina.ui.server.own_worlds import CHECKPOINT_FILES, OwnWorld, OwnWorlds, WorldLimits, is_offered
from tina.ui.server.settings import ServerSettings
from tina.ui.server.turns import Slots
from tina.ui.templates import render
from tina.worlds.own_photos import list_photos

COLOURS = {"my cup": (200, 40, 40), "Daisy": (30, 160, 60)}


def write_zip(file: Path, each: int = 12, colours: dict[str, tuple[int, int, int]] = COLOURS) -> Path:
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(file, "w") as archive:
        for name, colour in colours.items():
            for number in range(each):
                noise = rng.normal(0, 40, (40, 48, 3)) + np.array(colour)
                content = io.BytesIO()
                Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(content, "png")
                archive.writestr(f"pictures/{name}/{number}.png", content.getvalue())
    return file


@pytest.fixture
def worlds() -> Iterator[OwnWorlds]:
    made = OwnWorlds()
    yield made
    made.close()
    assert not made.place.exists()


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Making a world takes until this is set."""
    go = threading.Event()

    def make(plan, tell) -> None:
        while not go.wait(0.02):
            tell(State("training", 0.5, 180.0))
        raise UserError("nothing was made")

    monkeypatch.setattr(own_worlds, "make", make)
    monkeypatch.setattr(own_worlds, "plan_for", lambda *args, **more: _Plan())
    return go


class _Plan:
    names, photos = (), ()

    def text(self) -> str:
        return "what will be done"


def until_the_end(world: OwnWorld) -> OwnWorld:
    *_, _last = world.watch()
    return world


def test_a_zip_becomes_a_tina_that_can_be_taken_along(worlds: OwnWorlds, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tina.training.own.make.steps_for", lambda classes: 2)
    world = until_the_end(worlds.begin(write_zip(tmp_path / "My “cups”.zip"), "somebody"))
    assert not world.error
    assert world.tina.names == ["Daisy", "my cup"]
    assert "2 classes, 24 pictures" in world.plan
    assert world.tina.generate("my cup, daisy").score_on(world.tina.world).accuracy == 1.0
    with zipfile.ZipFile(world.packed()) as archive:
        assert {Path(name).name for name in archive.namelist() if not name.endswith("/")} == {*CHECKPOINT_FILES}
        archive.extractall(tmp_path / "taken")
        for name in archive.namelist():
            _says_nothing_of_the_server(archive.read(name))
    taken = Tina.from_pretrained(tmp_path / "taken" / "tina")
    assert taken.hash == world.tina.hash
    assert (taken.world_id, taken.world.present) == ("folder:My-cups.zip", False)
    _take_a_classifier(world)
    _push(world, monkeypatch)


def _says_nothing_of_the_server(content: bytes) -> None:
    for path in (tempfile.gettempdir(), str(Path.home()), os.getcwd(), "tina-worlds"):
        assert path.encode() not in content


def _take_a_classifier(world: OwnWorld) -> None:
    """As the page gives it, scored on the pictures that are here; it says of which."""
    with gr.Blocks():
        page = OwnWorldPage(Slots(ServerSettings()))
    done = page.generate(world, world.tina.names)
    with zipfile.ZipFile(done[page.zipped].value["path"]) as archive:
        for name in archive.namelist():
            _says_nothing_of_the_server(archive.read(name))
        about = json.loads(archive.read("classifier.json"))
        assert about["accuracy"] == 1.0
        assert about["world"] == "folder:My-cups.zip"
        assert about["scored_on"] == "held-out ones of My-cups.zip, which nothing learnt from"
        assert "held\\-out ones of My\\-cups\\.zip" in archive.read("README.md").decode()


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("flowers.zip", "flowers.zip"),
        ("Küche 2.ZIP", "Küche-2.zip"),
        ("`rm -rf`; x.zip", "rm--rf-x.zip"),
        ("...zip", "pictures.zip"),
        ("a" * 200 + ".zip", "a" * 60 + ".zip"),
    ],
)
def test_a_world_is_called_by_its_zips_name(name: str, title: str) -> None:
    assert title_of(Path("/tmp/somewhere") / name) == title


def _push(world: OwnWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a stand-in for the Hub."""
    asked: list[tuple] = []

    class Hub:
        def __init__(self, token: str):
            asked.append(("token", token))

        def create_repo(self, name: str, private: bool, exist_ok: bool) -> str:
            if "refused" in name:
                raise HFValidationError("401 for hf_secret")
            asked.append(("repo", name, private))
            return f"https://hub/{name}"

        def upload_folder(self, repo_id: str, folder_path: Path, allow_patterns: list[str]) -> None:
            asked.append(("files", repo_id, Path(folder_path), tuple(allow_patterns)))

    monkeypatch.setattr("huggingface_hub.HfApi", Hub)
    assert world.push(" me/mine ", " hf_secret ") == "https://hub/me/mine"
    assert asked == [
        ("token", "hf_secret"),
        ("repo", "me/mine", True),
        ("files", "me/mine", world.checkpoint, CHECKPOINT_FILES),
    ]
    for name, token in (("me/refused", "hf_secret"), ("me", "hf_secret"), ("me/mine", " ")):
        with pytest.raises(UserError) as error:
            world.push(name, token)
        assert "secret" not in str(error.value)
        assert error.value.__cause__ is None


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("sketchbook", "sketchbook"),
        ("folder:/srv/somebody/pictures.zip", "folder:pictures.zip"),
        ("folder:~/pictures", "folder:pictures"),
        ("rehearsal:folder:/srv/pictures", "rehearsal:folder:pictures"),
    ],
)
def test_a_folders_world_is_called_by_its_name_where_it_is_taken_along(id: str, said: str) -> None:
    assert without_place(id) == said


def test_one_is_made_at_a_time_and_can_be_stopped(worlds: OwnWorlds, waiting, tmp_path: Path) -> None:
    file = write_zip(tmp_path / "some.zip", 1)
    first = worlds.begin(file, "one")
    while first.state.doing != "training":
        time.sleep(0.01)
    with pytest.raises(UserError, match="Another world is being made here: yours can be, in about 3 min"):
        worlds.begin(file, "another")
    first.cancelled.set()
    assert until_the_end(first).error == "It was stopped."
    waiting.set()
    assert until_the_end(worlds.begin(file, "another")).error == "nothing was made"


def test_quotas(waiting, tmp_path: Path) -> None:
    waiting.set()
    worlds = OwnWorlds(WorldLimits(of_visitor=2, kept=3))
    file = write_zip(tmp_path / "some.zip", 1)
    for _ in range(2):
        until_the_end(worlds.begin(file, "one"))
    with pytest.raises(UserError, match="2 worlds an hour"):
        worlds.begin(file, "one")
    until_the_end(worlds.begin(file, "another"))
    with pytest.raises(UserError, match="no room for another world"):
        worlds.begin(file, "a third")
    worlds.close()
    full = OwnWorlds(WorldLimits(free=10**9))
    with pytest.raises(UserError, match="disk"):
        full.begin(file, "one")
    full.close()


def test_after_an_hour_nothing_is_left(waiting, tmp_path: Path) -> None:
    worlds = OwnWorlds(WorldLimits(seconds=0.0))
    world = worlds.begin(write_zip(tmp_path / "some.zip", 1), "one")
    worlds.sweep()
    assert until_the_end(world).error == "It was made more than an hour ago, and is gone."
    assert not world.folder.exists()
    worlds.close()


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"megabytes": 0}, "at most 0 MB"),
        ({"unpacked": 0}, "unpacks to more than 0 MB"),
    ],
)
def test_a_zip_is_looked_at_before_it_is_taken(limits: dict, sentence: str, tmp_path: Path) -> None:
    worlds = OwnWorlds(WorldLimits(**limits))
    with pytest.raises(UserError, match=sentence):
        worlds.begin(write_zip(tmp_path / "some.zip"), "one")
    assert not list(worlds.place.iterdir())
    worlds.close()


def test_what_is_no_world_is_said(worlds: OwnWorlds, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"nothing")
    with pytest.raises(UserError, match="no zip"):
        worlds.begin(broken, "one")
    few = until_the_end(worlds.begin(write_zip(tmp_path / "few.zip", 6), "one"))
    assert few.error == "“Daisy” has 6 pictures: it takes 10 of each class."
    picture = np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(UserError, match="fewer than 10"):
        worlds.begin_with({"one": [picture] * 12, "two": [picture]}, "one")
    with pytest.raises(UserError, match="two classes or more"):
        worlds.begin_with({"one": [picture] * 12}, "one")
    for wrong in ("...", "/", "ONE", "ü" * 120):
        with pytest.raises(UserError, match="call it something else"):
            worlds.begin_with({"one": [picture] * 12, wrong: [picture] * 12}, "one")
    assert worlds.place.is_dir()
    assert not any(path.name.endswith("zip") for path in worlds.place.iterdir())


def test_what_is_on_class_cards_becomes_a_zip_of_folders(worlds: OwnWorlds, waiting) -> None:
    draw = np.random.default_rng(0)
    pictures = {label: list(draw.integers(0, 256, (10, 8, 8, 3), np.uint8)) for label in ("my: cup", "a/b\\c", "Küche")}
    waiting.set()
    world = until_the_end(worlds.begin_with(pictures, "one"))
    assert world.title == "class-cards.zip"
    photos, refused = list_photos(world.folder / "pictures.zip")
    assert not refused
    assert {photo.class_name for photo in photos} == {"my: cup", "a b c", "Küche"}
    assert len(photos) == 30
    assert worlds.find(world.key) is world
    assert not any(worlds.find(wrong) for wrong in ("", "ü", "\ud800", world.key[:-1]))
    assert len(world.key) > 20


def test_cards_make_no_world_where_none_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    tower, drawings = (SimpleNamespace(tina=SimpleNamespace(kind=kind)) for kind in ("tower", "zoo"))
    assert describe.least_to_teach(tower) == 10
    assert describe.least_to_teach(drawings) == 0
    monkeypatch.setenv(own_worlds.SETTING, "off")
    assert describe.least_to_teach(tower) == 0
    parts = SimpleNamespace(
        describe=SimpleNamespace(taught="taught", text="text"),
        header=SimpleNamespace(checkpoint="checkpoint"),
        state=SimpleNamespace(brought="brought"),
    )
    do = DescribeHandlers(SimpleNamespace(get=lambda name: tower), parts)  # whoever asks without the page
    said = do.teach({"checkpoint": "everyday", "text": "a, b", "brought": None}, None)["taught"]
    assert "No world is made of these" in said


def test_on_a_space_it_is_off_unless_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert is_offered()
    monkeypatch.setenv("SPACE_ID", "a/b")
    assert not is_offered()
    monkeypatch.setenv(own_worlds.SETTING, "on")
    assert is_offered()


def test_what_a_visitor_sent_is_text_on_the_page() -> None:
    html = render("own_world_progress.html", state=State("<b>", 0.5, 60.0), plan="<script>")
    assert "<script>" not in html
    assert "<b>" not in html

"""A saved classifier runs without Tina, comes back the same, and is refused when it is not what it says it is."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from tests.blueprints.test_blueprints import standing
from tina.blueprints import BLUEPRINTS, ON_ENCODERS
from tina.classifier.archive import FILES
from tina.classifier.classifier import Classifier
from tina.classifier.record import Origin
from tina.classifier.score import Score
from tina.encoder.settings import FORMER_HASHES
from tina.errors import UserError
from tina.prompts.parsing import parse
from tina.worlds import drawn

PICTURES = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3), np.uint8)
NUMBER = count()
ON_EMBEDDED = [f"{kind}:embedded" for kind in ON_ENCODERS]
PROMPT = parse("apple\nsnail: it carries its house\n<b>ünïcode</b> | [x](y)")


def classifier_of(blueprint_id: str = "cnn-5k") -> Classifier:
    blueprint = standing(blueprint_id)
    weights = blueprint.init(3, torch.Generator().manual_seed(1))
    scored = Score(tuple(PROMPT.labels), ((5, 1, 0), (0, 6, 0), (2, 0, 4)))
    shares = {"generator": 0.5, "prior": 0.3, "transfer": 0.2}
    origin = Origin("sketchbook", "abc", seed=7, steps=10, sampler="dpm", provenance=shares)
    return Classifier(blueprint, weights, PROMPT, scored=scored, origin=origin)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return classifier_of().save(tmp_path / "mine.zip")


@pytest.mark.parametrize("blueprint_id", [*BLUEPRINTS, *ON_EMBEDDED])
def test_it_comes_back_as_it_was(blueprint_id: str, tmp_path: Path):
    before = classifier_of(blueprint_id)
    after = Classifier.load(before.save(tmp_path / "mine.zip"))
    assert torch.equal(after.probabilities(PICTURES), before.probabilities(PICTURES))
    assert after.prompt.labels == before.prompt.labels
    assert after.scored == before.scored
    assert after.origin == before.origin


def test_the_zip_holds_what_the_readme_says_and_no_pickle(saved: Path):
    with zipfile.ZipFile(saved) as archive:
        assert tuple(archive.namelist()) == FILES
        about = json.loads(archive.read("classifier.json"))
        card = archive.read("README.md").decode()
    assert about["labels"] == PROMPT.labels
    assert about["accuracy"] == pytest.approx(15 / 18)
    assert about["preprocessing"]["size"] == 32
    assert (about["seed"], about["steps"], about["checkpoint"]) == (7, 10, "abc")
    assert "83.3%" in card
    assert "<b>" not in card  # a label is text, whatever it is called


def test_saving_twice_gives_the_same_bytes(tmp_path: Path):
    first, second = (classifier_of().save(tmp_path / name).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == second


@pytest.mark.parametrize("blueprint_id", ["cnn-5k", "tiny-20k", "resnet20-head", *ON_EMBEDDED])
def test_the_program_in_the_zip_needs_no_tina(blueprint_id: str, tmp_path: Path):
    """In an empty folder, with Tina, torch and the rest out of reach, it says what Python says, to 1e-4."""
    saved = classifier_of(blueprint_id).save(tmp_path / "mine.zip")
    with zipfile.ZipFile(saved) as archive:
        archive.extractall(tmp_path / "out")
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 120, 4), np.uint8), "RGBA").save(tmp_path / "p.png")
    blocked = "import sys; sys.modules.update(dict.fromkeys(['tina', 'torch', 'open_clip', 'safetensors']));"
    arguments = f"sys.argv = ['predict.py', {str(tmp_path / 'p.png')!r}];"
    run = f"{blocked} {arguments} import runpy; runpy.run_path('predict.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", run], cwd=tmp_path / "out", capture_output=True, text=True, check=True)
    (answer,) = json.loads(done.stdout).values()
    expected = Classifier.load(saved).predict(tmp_path / "p.png")
    assert answer == pytest.approx(expected, abs=1e-4)


def for_drawings() -> Classifier:
    before = classifier_of()
    blueprint = before.blueprint.prepared_by(drawn.NAME)
    return Classifier(blueprint, before.weights, before.prompt, scored=before.scored, origin=before.origin)


def test_a_classifier_for_drawings_prepares_them_in_the_zip_too(tmp_path: Path):
    """The program in the zip looks at a wide, thin drawing as Python does, and says the same, to 1e-4."""
    saved = for_drawings().save(tmp_path / "mine.zip")
    with zipfile.ZipFile(saved) as archive:
        assert json.loads(archive.read("classifier.json"))["preprocessing"]["preparation"] == drawn.NAME
        archive.extractall(tmp_path / "out")
    sheet = Image.new("RGB", (700, 400), "white")
    ImageDraw.Draw(sheet).ellipse((30, 30, 330, 200), outline=(90, 90, 90), width=3)
    sheet.save(tmp_path / "p.png")
    done = subprocess.run(
        [sys.executable, "predict.py", tmp_path / "p.png"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=True,
    )
    (answer,) = json.loads(done.stdout).values()
    after = Classifier.load(saved)
    assert after.blueprint.preparation == drawn.NAME
    assert answer == pytest.approx(after.predict(tmp_path / "p.png"), abs=1e-4)
    assert answer != pytest.approx(classifier_of().predict(tmp_path / "p.png"), abs=1e-3)


def test_without_a_preparation_a_zip_is_what_it_was(saved: Path):
    with zipfile.ZipFile(saved) as archive:
        assert "preparation" not in json.loads(archive.read("classifier.json"))["preprocessing"]
        assert "drawn.py" not in archive.namelist()
    assert Classifier.load(saved).blueprint.preparation == ""


def test_a_preparation_of_a_newer_version_is_named(tmp_path: Path):
    saved = for_drawings().save(tmp_path / "mine.zip")
    with zipfile.ZipFile(saved) as archive:
        about = json.loads(archive.read("classifier.json"))
    about["preprocessing"]["preparation"] = "embroidered"
    with pytest.raises(UserError, match="no preparation 'embroidered'"):
        Classifier.load(rewritten(saved, classifier_json=json.dumps(about).encode()))


def rewritten(saved: Path, **changes: bytes | None) -> Path:
    """The zip with members replaced, or left out (None)."""
    with zipfile.ZipFile(saved) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents |= {name.replace("_", "."): content for name, content in changes.items()}
    other = saved.with_name(f"{next(NUMBER)}.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in contents.items():
            if content is not None:
                archive.writestr(name, content)
    return other


def test_a_tampered_truncated_or_foreign_zip_is_one_clear_error(saved: Path, tmp_path: Path):
    with zipfile.ZipFile(saved) as archive:
        about = json.loads(archive.read("classifier.json"))
        weights = bytearray(archive.read("weights.safetensors"))
    weights[-1] ^= 1
    changed = lambda **new: json.dumps(about | new).encode()  # noqa: E731
    (tmp_path / "cut.zip").write_bytes(saved.read_bytes()[:-200])
    (tmp_path / "text.zip").write_text("hello")
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    for file in (
        tmp_path / "cut.zip",
        tmp_path / "text.zip",
        tmp_path / "foreign.zip",
        tmp_path / "missing.zip",
        rewritten(saved, weights_safetensors=bytes(weights)),
        rewritten(saved, weights_safetensors=None),
        rewritten(saved, classifier_json=b"{}"),
        rewritten(saved, classifier_json=b"not json"),
        rewritten(saved, classifier_json=changed(format=99)),
        rewritten(saved, classifier_json=changed(blueprint="resnet-9000")),
        rewritten(saved, classifier_json=changed(blueprint="cnn-14k")),
        rewritten(saved, classifier_json=changed(confusion=[[1, "a"]])),
        rewritten(saved, classifier_json=changed(prompt={"classes": []})),
    ):
        with pytest.raises(UserError) as told:
            Classifier.load(file)
        assert "\n" not in str(told.value)
        assert file.name in str(told.value)


def test_a_zip_that_would_swell_is_not_unpacked(saved: Path):
    huge = rewritten(saved, weights_safetensors=None)
    with (
        zipfile.ZipFile(huge, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("weights.safetensors", "w") as member,
    ):
        for _ in range(65):
            member.write(bytes(2**20))
    with pytest.raises(UserError, match="no classifier saved by Tina"):
        Classifier.load(huge)


@pytest.mark.parametrize("kind", ON_ENCODERS)
def test_no_encoder_is_fetched_because_a_file_says_so(kind: str, tmp_path: Path):
    saved = classifier_of(f"{kind}:embedded").save(tmp_path / "mine.zip")
    with zipfile.ZipFile(saved) as archive:
        about = json.loads(archive.read("classifier.json"))
    elsewhere = json.dumps(about | {"blueprint": f"{kind}:hf-hub:somebody/something"}).encode()
    with pytest.raises(UserError, match=r"another encoder.*predict\.py"):
        Classifier.load(rewritten(saved, classifier_json=elsewhere))
    older = json.dumps(about | {"backbone": "0123456789abcdef"}).encode()
    with pytest.raises(UserError, match="another version of the encoder"):
        Classifier.load(rewritten(saved, classifier_json=older))


def test_the_encoders_former_hash_is_its_own_in_format_1_alone(tmp_path: Path):
    saved = classifier_of("encoder-head:embedded").save(tmp_path / "mine.zip")
    with zipfile.ZipFile(saved) as archive:
        about = json.loads(archive.read("classifier.json"))
    (former,) = (before for before, now in FORMER_HASHES.items() if now == about["backbone"])
    first, second = (json.dumps(about | {"backbone": former, "format": number}).encode() for number in (1, 2))
    assert Classifier.load(rewritten(saved, classifier_json=first)).labels == PROMPT.labels
    with pytest.raises(UserError, match="another version of the encoder"):
        Classifier.load(rewritten(saved, classifier_json=second))

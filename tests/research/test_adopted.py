"""What adopting an encoder gives: measured on the same tasks beside the encoder itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from tests.generator.tower.conftest import make_tina, unit
from tests.research.judge.photos import make_archives
from tina.encoder.everyday import PhotoTower
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.generator.tower.words import TextRows
from tina.research import adopted
from tina.research.adopted import METHODS, PROMPTS, measure
from tina.research.judge.photo_rivals import PhotoBench
from tina.research.judge.photo_tasks import draw

WIDTH = 12


class Eye(torch.nn.Module):
    """Averages of a picture's quarters, as a unit vector."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.normalize(F.adaptive_avg_pool2d(x, 2).flatten(1), dim=1)


class Texts:
    """Texts have made-up vectors, the same for the same text."""

    def encode_texts_cached(self, texts: list[str]) -> torch.Tensor:
        return torch.cat([unit(1, WIDTH, seed=sum(text.encode())) for text in texts])


@pytest.fixture
def tina(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TowerTina:
    make_archives(tmp_path)
    monkeypatch.setenv("TINA_DATA", str(tmp_path))
    monkeypatch.setenv("TINA_CACHE", str(tmp_path / "cache"))
    tower = PhotoTower(Eye(), 8, [0.5] * 3, [0.5] * 3, "eye")
    monkeypatch.setattr(adopted, "open_tower", lambda id: tower)
    tina = make_tina(WIDTH, WIDTH)
    tina.words = TextRows(torch.zeros(WIDTH), tina.words.words, torch.ones(()))
    tina.encoder = Texts()
    return tina


def test_every_method_answers_the_same_pictures(tina: TowerTina) -> None:
    (rows,) = measure(tina, ["art"], 2).values()
    assert list(rows) == list(PROMPTS)
    for of in rows.values():
        assert list(of) == list(METHODS)
        (shapes,) = {tuple(task.shape for task in tasks) for tasks in of.values()}
        assert len(shapes) == 2
        for right, sure in (task for tasks in of.values() for task in tasks):
            assert set(right.tolist()) <= {0.0, 1.0}
            assert 1 / 3 <= float(sure.min()) <= float(sure.max()) <= 1
    again = measure(tina, ["art"], 2)["art"]["names"]["tina"]
    assert torch.equal(torch.cat(again, 1), torch.cat(rows["names"]["tina"], 1))


def test_the_encoder_alone_is_the_cosine_with_names_and_with_the_mean(tina: TowerTina) -> None:
    found = measure(tina, ["art"], 1)["art"]
    tower = adopted.open_tower("")
    photos, features = PhotoBench(tower, lambda picture: adopted.everyday_square(picture, 8)).load("art")
    task = draw(photos, "10", 0)
    f, names = features.f.float(), list(photos.names.values())
    texts = tina.encoder.encode_texts_cached([names[k] for k in task.classes])
    mean = F.normalize(f[task.shown[:, :5]].mean(1), dim=1)
    for title, rows in (("names", texts), ("5 pictures", mean), ("name + 5 pictures", texts + mean)):
        right = (f[task.tested] @ rows.T).argmax(1) == task.labels
        assert torch.equal(found[title]["encoder"][0][0], right.float())


def test_the_command_prints_every_set_and_the_mean(
    tina: TowerTina, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Tina, "from_pretrained", lambda place: tina)
    adopted.main(["anywhere", "--sets", "art", "photo", "--tasks", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("| art |") for line in lines) == len(PROMPTS)
    assert sum(line.startswith("| all |") for line in lines) == len(PROMPTS)
    assert sum("what the transformer adds" in line for line in lines) == len(PROMPTS)

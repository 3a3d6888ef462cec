"""The everyday Tina in the table of photographs: made without what she is judged on, and asked as anybody is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.generator.tower.conftest import TEXTS, WIDTH, make_tina, unit
from tina.cli import main
from tina.generator.tina import Tina
from tina.generator.tower.reading import read
from tina.research.judge import photo_tina
from tina.research.judge.photo_features import Features
from tina.research.judge.photo_sets import NINE, SETS
from tina.research.judge.photo_tasks import COUNT, Shots
from tina.research.judge.photo_tina import Makers, as_shown


class Bench:
    """Texts have made-up vectors, the same for the same text."""

    def encode(self, texts: list[str]) -> torch.Tensor:
        return torch.cat([unit(1, TEXTS, seed=len(text)) for text in texts])


def shots(texts: list[str] | None, count: int) -> Shots:
    shown, tested = torch.rand(3, count, WIDTH), torch.rand(7, WIDTH)
    return Shots(texts, Features(shown, shown), Features(tested, tested))


@pytest.mark.parametrize(("texts", "count"), [(["tabby", "cat", "a thing"], 0), (None, 2), (["tabby", "b", "c"], 1)])
def test_a_task_is_read_as_a_prompt_is(texts: list[str] | None, count: int) -> None:
    tina, of = make_tina(), shots(texts, count)
    shown = as_shown(tina, Bench(), of)
    assert shown.mask.all()
    assert shown.named.tolist() == [[bool(texts)] * 3]
    assert shown.counts.tolist() == [[count] * 3]
    if count:
        torch.testing.assert_close(shown.pictures[0], tina.features.whiten(of.shown.g))
    assert read(shown, tina.settings).rows.shape == (1, 3, WIDTH)


def test_of_every_group_there_is_a_tina_made_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make(bench, without: str, hidden: list[int]):
        made.append((without, len(hidden)))
        return make_tina()

    monkeypatch.setattr(photo_tina, "make", make)
    monkeypatch.setattr(photo_tina, "thousand", lambda: {f"n{i:08}": str(i) for i in range(10)})
    bench = Bench()
    makers = Makers(tmp_path)
    rivals = makers.rivals()
    answers = {}
    for group in ("pacs", "fifth 2", "folder:mine", "pacs"):
        for name, rival in rivals.items():
            answers[name, group] = rival.make(bench, frozenset({group}), {})(shots(["tabby", "b", "c"], 2))
            assert answers[name, group].shape == (7, 4)  # the last is the level of none of them
    assert made == [("pacs", 0), ("fifth 2", 2), ("", 0)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["whole", "without-fifth-2", "without-pacs"]
    again = Makers(tmp_path).rivals()
    again["tina"].make(Bench(), frozenset({"pacs"}), {})
    assert len(made) == 3  # it was kept


def test_the_command_measures_what_it_is_asked_for(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def measure(bench, rivals, sets, prompts, ways, tasks, out: Path) -> dict:
        asked.update(rivals=list(rivals), sets=sets, prompts=prompts, ways=ways, tasks=tasks, out=out)
        row = {"method": "tina", "set": "art", "ways": "10", "prompt": "names", "accuracy": 0.5, "interval": [0.4, 0.6]}
        row |= {"tasks": 2, "accuracies": [0.5, 0.5], "ece": 0.1, "auroc sets": 0.9}
        about = {"title": "PACS, paintings", "group": "pacs", "ways": {"10": 7, "half": 3, "all": 7}, "pictures": 9}
        return {"rows": [row], "sets": {"art": about}, "titles": {"tina": "Tina"}, "seed": 0}

    monkeypatch.setattr(photo_tina, "measure", measure)
    monkeypatch.setattr(photo_tina, "everyday_bench", lambda: None)
    words = ["--splits", "art", "--prompts", "names", "--methods", "tina", "means", "--tasks", "2"]
    monkeypatch.setattr(Tina, "from_pretrained", lambda name: make_tina())
    main(["table", "everyday", "--runs", str(tmp_path), *words])
    wanted = {"sets": ("art",), "prompts": ("names",), "ways": ("10", "all"), "tasks": 2}
    assert asked == wanted | {"rivals": ["tina", "means"], "out": tmp_path / "table.json"}
    assert "50.0" in capsys.readouterr().out
    main(["table", "everyday", "--ways", "half", "--out", str(tmp_path / "other.json"), "--json"])
    assert (asked["ways"], asked["tasks"], asked["out"]) == (("half",), COUNT, tmp_path / "other.json")
    assert asked["sets"] == SETS
    assert "tina" in asked["rivals"]
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["accuracy"] == 0.5
    assert "accuracies" not in row
    monkeypatch.setattr(photo_tina, "other_bench", lambda tower: None)
    main(["table", "everyday", "--tower", "everyday-large", "--runs", str(tmp_path)])
    assert asked["rivals"] == ["means", "discriminant", "logistic", "prior alone"]
    assert (asked["sets"], asked["ways"], asked["out"]) == (NINE, ("10",), tmp_path / "table-everyday-large.json")
    assert "50.0" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["table", "everyday", "--tower", "ivory"])
    assert "no tower 'ivory': it is one of everyday, everyday-large." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["table", "everyday", "--methods", "luck"])
    assert "no method 'luck': it is one of means," in capsys.readouterr().err

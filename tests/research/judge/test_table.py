"""The table counts what is right on held-out pictures, by class and by task, and goes on where it was stopped."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tiny import Numbered
from tina.blueprints import Weights
from tina.errors import UserError
from tina.generator.tina import Tina
from tina.research.judge.intervals import format_difference, format_row, mean_interval, paired, rounded
from tina.research.judge.method import Method
from tina.research.judge.methods import METHODS, TITLES
from tina.research.judge.of_generic import slice_generic
from tina.research.judge.report import by_prompt_kind, markdown, public
from tina.research.judge.splits import COLUMNS, scored_classes, tasks_of
from tina.research.judge.table import class_accuracies, measure
from tina.research.judge.workbench import NONE, Workbench
from tina.training.zoo.store import Zoo
from tina.worlds.task import Task, plain_task

COUNTS = {"a": 2, "b": 30, "c": 7, "d": 1, "none": 0}
WORLD = Numbered(COUNTS)
NEVER = 255.0  # no picture says this


class Reader:
    """A blueprint whose classifiers read a picture's class off its pixel: biases say which class each label means."""

    size = 1

    def scale(self, pictures: Tensor) -> Tensor:
        assert (pictures[..., 2] != 1).all()  # nothing but held-out pictures, and zeros where there are none
        return pictures[..., 0, 0, 0].float()

    def forward_many(self, weights: Weights, x: Tensor) -> Tensor:
        return -(x[..., None] - weights["head.bias"][:, None]).abs()


def readers(believed: list[list[float]]) -> Weights:
    biases = torch.tensor(believed)
    return {"head.weight": torch.zeros(*biases.shape, 1), "head.bias": biases}


def scores(believed: list[list[float]], tasks: list[Task], **how) -> list[float]:
    return class_accuracies(Reader(), readers(believed), WORLD, tasks, **how).nanmean(1).tolist()


# -- accuracy ---------------------------------------------------------------------------------------------------------
def test_who_is_always_right_scores_one_and_who_always_says_the_same_one_in_k() -> None:
    tasks = [plain_task(["c", "a", "b", "d"])] * 2
    assert scores([[2, 0, 1, 3], [NEVER, 1, NEVER, NEVER]], tasks) == [1, 0.25]


def test_classes_weigh_the_same_however_many_pictures_they_have() -> None:
    assert scores([[0, NEVER]], [plain_task(["a", "b"])]) == [0.5]  # two pictures of a, thirty of b: all called a
    assert scores([[NEVER, 1]], [plain_task(["a", "b"])]) == [0.5]


def test_tasks_of_several_sizes_are_scored_as_each_alone() -> None:
    tasks = [plain_task(["a", "b"]), plain_task(["b", "c", "d"]), plain_task(["c", "a", "b", "d"])]
    believed = [[0, 1, 1, 1], [1, 2, NEVER, 3], [0, 2, 1, 3]]  # what stands in the padding could be right
    assert scores(believed, tasks) == pytest.approx([1, 2 / 3, 0.5])
    assert scores(believed, tasks, together=1) == scores(believed, tasks, together=2) == scores(believed, tasks)


def test_a_broad_class_shows_pictures_of_all_its_members() -> None:
    task = {"b": ("b",), "others": ("a", "c", "d")}
    assert scores([[1, 2]], [task]) == pytest.approx([(1 + 8 / 10) / 2])  # the two of a are taken for b


def test_a_class_without_held_out_pictures_is_not_counted() -> None:
    assert scores([[0, 4, 1]], [plain_task(["a", "none", "b"])]) == [1]


def test_each_class_has_an_accuracy_of_its_own() -> None:
    tasks = [plain_task(["a", "b", "none"]), plain_task(["c", "d"])]
    found = class_accuracies(Reader(), readers([[0, NEVER, 4], [2, 3, 4]]), WORLD, tasks)
    torch.testing.assert_close(found, torch.tensor([[1, 0, math.nan], [1, 1, math.nan]]), equal_nan=True)


def test_who_answers_in_a_way_of_its_own_is_scored_in_the_same_way() -> None:
    """Shown the same pictures of the same tasks; to say that it is none of the classes is never right."""
    tasks = [plain_task(["c", "a", "b"]), plain_task(["b", "c", "d"]), plain_task(["a", "d"])]
    believed = torch.tensor([[2, 0, NEVER], [1, 2, 3], [NEVER, NEVER, NEVER]])

    def answers(numbers, pictures: Tensor) -> Tensor:
        read = pictures[..., 0, 0, 0].float()[..., None] == believed[list(numbers)][:, None]
        return torch.where(read.any(2), read.float().argmax(2), NONE)

    for together in (1, 2, 8):
        found = class_accuracies(Reader(), answers, WORLD, tasks, together=together).nanmean(1)
        torch.testing.assert_close(found, torch.tensor([2 / 3, 1, 0]))


def test_what_a_backbone_sees_of_a_picture_is_asked_once(
    on_towers: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tina = Tina.from_pretrained(on_towers["rows"])
    tasks = tasks_of("ood", tina.world, [], 2, 3)
    weights = slice_generic(Workbench(tina, tina.world, None), tasks)
    first = class_accuracies(tina.blueprint, weights, tina.world, tasks)
    shown = torch.from_numpy(np.concatenate([tina.world.pictures("test", name) for name in tasks[0]]))
    with torch.inference_mode():
        alone = tina.blueprint.forward(
            {name: weight[0] for name, weight in weights.items()}, tina.blueprint.scale(shown)
        )
    own = torch.arange(3).repeat_interleave(torch.tensor([len(tina.world.pictures("test", n)) for n in tasks[0]]))
    right = [float((alone.argmax(1) == own)[own == k].float().mean()) for k in range(3)]
    assert first[0].tolist() == pytest.approx(right)
    monkeypatch.setattr(tina.blueprint, "look", lambda x: pytest.fail("looked at again"))
    assert torch.equal(class_accuracies(tina.blueprint, weights, tina.world, tasks), first)


def test_no_more_pictures_are_shown_than_asked_for() -> None:
    seen = []

    class Counter(Reader):
        def scale(self, pictures: Tensor) -> Tensor:
            seen.append(pictures.shape)
            return super().scale(pictures)

    class_accuracies(Counter(), readers([[0, 1]]), WORLD, [plain_task(["a", "b"])], count=5)
    assert seen == [(1, 10, 1, 1, 3)]


def test_the_interval_is_that_of_the_mean() -> None:
    values = [0.5, 0.7, 0.6, 0.9]
    half = 1.96 * statistics.stdev(values) / 2
    assert mean_interval(values) == pytest.approx((0.675 - half, 0.675 + half))
    draw = np.random.default_rng(0)
    found = [mean_interval(draw.normal(0.5, 0.1, 60)) for _ in range(1000)]
    assert sum(low < 0.5 < high for low, high in found) / 1000 == pytest.approx(0.95, abs=0.02)


def test_a_single_task_has_no_interval() -> None:
    assert mean_interval([0.5]) is None


def test_a_difference_has_its_sign_and_zero_is_never_negative() -> None:
    up, down, same = paired([0.5, 0.7], [0.4, 0.5]), paired([0.4, 0.5, 0.9], [0.5, 0.7]), paired([0.5, 0.6], [0.5, 0.6])
    assert [format_difference(one) for one in (up, down, same, None)] == ["+15.0 ± 9.8", "-15.0 ± 9.8", "+0.0", "-"]
    assert (up["equal"], same["equal"], down["tasks"]) == (0, 2, 2)
    assert format_row({"accuracy": -0.0004, "interval": None}) == "0.0"
    assert format_difference({"accuracy": -0.0004, "interval": [-0.0014, 0.0006]}) == "+0.0 ± 0.1"


def test_a_file_keeps_six_digits() -> None:
    kept = rounded({"rows": [{"accuracy": 1 / 3, "interval": (0.1, 2 / 3), "tasks": 7, "stale": None}]})
    assert kept == {"rows": [{"accuracy": 0.333333, "interval": [0.1, 0.666667], "tasks": 7, "stale": None}]}


# -- the table --------------------------------------------------------------------------------------------------------
FEW = {"count": 2, "ways": 3, "methods": ["slice", "zoo average"], "splits": ["id", "ood", "unseen"]}
NEW_SETS = FEW | {"splits": ["ood"]}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which methods were asked, in their order; where it says "stop", the zoo's average is never reached."""
    asked: list[str] = []

    def counted(name: str, method: Method) -> Method:
        def make(bench, tasks):
            if "stop" in asked and name == "zoo average":
                raise KeyboardInterrupt
            asked.append(name)
            return method.make(bench, tasks)

        return Method(method.title, make, method.splits, method.zoo)

    for name in FEW["methods"]:
        monkeypatch.setitem(METHODS, name, counted(name, METHODS[name]))
    return asked


@pytest.fixture(autouse=True)
def _small_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The world of the tests has few class sets: finding that there are not 200 would take long."""
    monkeypatch.setattr("tina.research.judge.table.TASKS", 4)


def values(table: dict) -> dict:
    return {(row["method"], row["split"]): row["accuracies"] for row in table["rows"]}


def test_there_is_a_row_for_every_method_and_split_it_makes_sense_for(tina: Tina, zoo: Zoo) -> None:
    table = measure(tina, zoo, **FEW)
    rows = {(row["method"], row["split"]): row for row in table["rows"]}
    assert set(rows) == {
        *(("chance", split) for split in ("id", "ood", "unseen")),
        *(("zoo average", split) for split in ("id", "ood", "unseen")),
        *(("slice", split) for split in ("id", "ood")),
    }
    assert {row["tasks"] for row in rows.values()} == {2, 1}
    assert rows["chance", "id"]["accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    tasks = tasks_of("ood", tina.world, zoo.tasks, 2, 3)
    sliced = slice_generic(Workbench(tina, tina.world, zoo), tasks)
    expected = class_accuracies(tina.blueprint, sliced, tina.world, tasks).nanmean(1)
    assert rows["slice", "ood"]["accuracies"] == pytest.approx(expected.tolist(), abs=1e-4)
    assert rows["slice", "ood"]["accuracy"] == pytest.approx(float(expected.mean()), abs=1e-4)
    assert (table["checkpoint"], table["ways"], table["world"]) == (tina.hash, 3, tina.world.id)


def test_all_splits_of_the_world_are_asked_and_those_of_two_kinds_told_in_parts(tina: Tina, zoo: Zoo) -> None:
    table = measure(tina, zoo, count=2, ways=3, methods=["tina"])
    rows = {row["split"]: row["accuracies"] for row in table["rows"] if row["method"] == "tina"}
    assert list(rows) == [column for column in COLUMNS if "-val" not in column]
    for n in range(2):  # three classes, one of them unseen
        whole, seen, unseen, both = (rows[column][n] for column in ("mixed", *COLUMNS[4:7]))
        assert whole == pytest.approx((2 * seen + unseen) / 3, abs=2e-4)
        assert both == pytest.approx(2 * seen * unseen / max(seen + unseen, 1e-9), abs=2e-4)
    for n in range(2):  # one class and something else
        whole, named, others = (rows[column][n] for column in ("else", "else named", "else others"))
        assert whole == pytest.approx((named + others) / 2, abs=2e-4)
    chances = {row["split"]: row["accuracy"] for row in table["rows"] if row["method"] == "chance"}
    assert chances["mixed harmonic"] == chances["broad unseen"] == pytest.approx(1 / 3, abs=1e-4)


def test_a_broad_class_is_tried_on_members_that_nothing_was_trained_on(tina: Tina, zoo: Zoo) -> None:
    table = measure(tina, zoo, count=2, ways=3, methods=["slice"], splits=["broad"])
    tasks = tasks_of("broad", tina.world, zoo.tasks, 2, 3)
    weights, shown = slice_generic(Workbench(tina, tina.world, zoo), tasks), scored_classes("broad", tina.world, tasks)
    rows = {row["split"]: row["accuracies"] for row in table["rows"] if row["method"] == "slice"}
    found = class_accuracies(tina.blueprint, weights, tina.world, shown).nanmean(1)
    assert rows["broad"] == pytest.approx(found.tolist(), abs=1e-4)


def test_a_table_for_which_no_methods_are_named_has_the_default_ones(
    tina: Tina, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in METHODS:
        monkeypatch.setitem(METHODS, name, replace(METHODS[name], make=slice_generic))
    asked = [row["method"] for row in measure(tina, zoo, count=1, ways=3, splits=["id"])["rows"]]
    assert {"chance", "slice", "ridge", "experts", "tina", "tuned"} <= set(asked)
    assert not {"tina ddpm 1000", "tina temperature 1", "tina 50 steps", "closed form"} & set(asked)
    other = measure(tina, zoo, count=1, ways=3, splits=["id"], label_only=zoo)
    assert {row["method"] for row in other["rows"]} - set(asked) == {"label-only", "tuned label-only"}


def test_without_a_zoo_its_methods_are_left_out_and_id_tasks_come_from_elsewhere(tina: Tina, zoo: Zoo) -> None:
    table = measure(tina, None, count=1, ways=3, splits=["id"], zoo_tasks=zoo.tasks, methods=["slice"])
    assert [row["method"] for row in table["rows"]] == ["chance", "slice"]
    with pytest.raises(UserError, match="--zoo"):
        measure(tina, None, count=1, ways=3, splits=["id"], zoo_tasks=zoo.tasks, methods=["ridge"])


def test_an_interrupted_table_goes_on(tina: Tina, zoo: Zoo, tmp_path: Path, calls: list[str]) -> None:
    whole = measure(tina, zoo, **FEW)
    out = tmp_path / "table.json"
    calls[:] = ["stop"]
    with pytest.raises(KeyboardInterrupt):
        measure(tina, zoo, **FEW, out=out)
    assert [row["method"] for row in json.loads(out.read_text())["rows"]] == ["chance", "slice"]
    calls.clear()
    found = measure(tina, zoo, **FEW, out=out)
    assert calls == ["zoo average", "slice", "zoo average", "zoo average"]  # of id, ood, ood and unseen
    calls.clear()
    again = measure(tina, zoo, **FEW, out=out)
    assert calls == []
    for table in (found, again, json.loads(out.read_text())):
        assert values(table) == values(whole)
    assert [file.name for file in tmp_path.iterdir()] == ["table.json"]


def test_of_an_ablation_the_difference_is_kept(tina: Tina, zoo: Zoo, tmp_path: Path) -> None:
    """Beside Tina as she is on the same tasks, whichever was measured first; nothing of single tasks or of a part."""
    out, how = tmp_path / "table.json", {"count": 4, "ways": 3, "splits": ["mixed"]}
    alone = measure(tina, zoo, **how, methods=["guidance 2"], out=out)
    kept = {row["split"]: row for row in json.loads(out.read_text())["rows"] if row["method"] == "guidance 2"}
    assert "beside" not in kept["mixed"]
    whole = measure(tina, zoo, **how, methods=["tina"], out=out)
    accuracies = {
        row["method"]: row["accuracies"] for row in [*alone["rows"], *whole["rows"]] if row["split"] == "mixed"
    }
    for _ in range(2):  # and again, when there are no accuracies any more
        kept = {(row["method"], row["split"]): row for row in json.loads(out.read_text())["rows"]}
        difference = paired(accuracies["guidance 2"], accuracies["tina"])
        assert kept["guidance 2", "mixed"]["beside"] == rounded(difference)
        assert "accuracies" not in kept["guidance 2", "mixed"]
        assert "accuracies" in kept["tina", "mixed"]
        assert "accuracies" not in kept["tina", "mixed unseen"]
        assert ("guidance 2", "mixed unseen") not in kept
        measure(tina, zoo, **how, methods=["guidance 2"], out=out)


def test_rows_of_methods_that_are_gone_are_dropped(
    tina: Tina, zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "table.json"
    measure(tina, zoo, **NEW_SETS, out=out)
    rest = {name: title for name, title in TITLES.items() if name != "slice"}
    monkeypatch.setattr("tina.research.judge.table.TITLES", rest)
    table = measure(tina, zoo, **(NEW_SETS | {"methods": ["zoo average"]}), out=out)
    assert {row["method"] for row in table["rows"]} == {"chance", "zoo average"}


def test_other_tasks_are_measured_anew(tina: Tina, zoo: Zoo, tmp_path: Path, calls: list[str]) -> None:
    out = tmp_path / "table.json"
    measure(tina, zoo, **NEW_SETS, out=out)
    table = measure(tina, zoo, **(NEW_SETS | {"count": 4}), out=out)
    assert [row["tasks"] for row in table["rows"]] == [4, 4, 4]
    assert calls == ["slice", "zoo average"] * 2


def test_a_row_of_more_tasks_is_not_replaced_by_one_of_fewer(
    tina: Tina, zoo: Zoo, tmp_path: Path, calls: list[str]
) -> None:
    """These are its first: a method that is measured on fewer can be compared with it, task by task."""
    out = tmp_path / "table.json"
    measure(tina, zoo, **(NEW_SETS | {"count": 4, "methods": ["slice"]}), out=out)
    table = measure(tina, zoo, **NEW_SETS, out=out)
    assert {row["method"]: row["tasks"] for row in table["rows"]} == {"chance": 4, "slice": 4, "zoo average": 2}
    assert calls == ["slice", "zoo average"]
    rows = {row["method"]: row["accuracies"] for row in table["rows"]}
    expected = np.array(rows["zoo average"]) - rows["slice"][:2]
    difference = paired(rows["zoo average"], rows["slice"])
    assert difference["tasks"] == 2
    assert difference["accuracy"] == pytest.approx(expected.mean())
    assert difference["interval"] == pytest.approx(mean_interval(expected))
    assert paired(rows.get("tina"), rows["slice"]) is None
    assert "| all zoo classifiers averaged, weight by weight (2 tasks) |" in markdown(table)


def test_fewer_tasks_get_the_prompts_that_they_get_among_all(tina: Tina, zoo: Zoo) -> None:
    some, all_tasks = (
        measure(tina, zoo, count=count, ways=3, methods=["encoder 1 picture"], splits=["ood"]) for count in (2, 4)
    )
    for method, accuracies in ((row["method"], row["accuracies"]) for row in some["rows"]):
        (whole,) = (row["accuracies"] for row in all_tasks["rows"] if row["method"] == method)
        assert accuracies == whole[:2]


def test_a_table_that_is_kept_has_the_titles_of_its_rows(tina: Tina, zoo: Zoo, tmp_path: Path) -> None:
    out = tmp_path / "table.json"
    measure(tina, zoo, **NEW_SETS, out=out)
    titles = json.loads(out.read_text())["titles"]
    assert titles["splits"] == {"ood": "New class sets"}
    assert titles["methods"] == {"chance": "chance"} | {name: METHODS[name].title for name in NEW_SETS["methods"]}


VERSIONS = NEW_SETS | {"methods": ["slice", "zoo nearest", "tina 1 step"]}


def test_of_another_version_what_hangs_on_neither_generator_nor_encoder_stays(
    tina: Tina, zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, first = tmp_path / "table.json", tina.hash
    before = measure(tina, zoo, **VERSIONS, out=out)
    monkeypatch.setattr(tina, "hash", "another")
    after = measure(tina, None, count=2, ways=3, splits=["ood"], methods=["tina 1 step"], out=out, zoo_tasks=zoo.tasks)
    assert values(after) == values(before)
    stale = {row["method"]: row.get("stale") for row in after["rows"]}
    assert stale == {"chance": None, "slice": None, "zoo nearest": first, "tina 1 step": None}  # it needs the zoo
    assert json.loads(out.read_text())["checkpoint"] == "another"
    assert markdown(after).count("†") == 2  # the row, and what it means
    with_zoo = measure(tina, zoo, **VERSIONS, out=out)
    assert not any("stale" in row for row in with_zoo["rows"])


def test_on_another_generic_network_everything_is_measured_anew(
    tina: Tina, zoo: Zoo, tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "table.json"
    measure(tina, zoo, **NEW_SETS, out=out)
    monkeypatch.setattr(type(tina), "generic_hash", "another")
    table = measure(tina, zoo, count=2, ways=3, splits=["ood"], methods=["zoo average"], out=out)
    assert calls == ["slice", "zoo average", "zoo average"]
    assert [row["method"] for row in table["rows"]] == ["chance", "zoo average"]
    assert json.loads(out.read_text())["generic"] == "another"


def test_what_cannot_be_measured_is_one_sentence(tina: Tina, zoo: Zoo) -> None:
    with pytest.raises(UserError, match="no method 'magic': it is one of slice, label-only, whole, nearest row, "):
        measure(tina, zoo, methods=["slice", "magic"])
    with pytest.raises(UserError, match="no split 'test'"):
        measure(tina, zoo, splits=["test"])


def test_a_world_without_its_pictures_is_one_sentence(tina: Tina, zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(tina.world), "present", False)
    with pytest.raises(UserError, match="pictures of Your pictures are not on this machine"):
        measure(tina, zoo)


# -- as text ----------------------------------------------------------------------------------------------------------
def row(method: str, split: str, accuracy: float) -> dict:
    interval = [accuracy - 0.01, accuracy + 0.01]
    return {"method": method, "split": split, "accuracy": accuracy, "interval": interval, "tasks": 9, "accuracies": []}


def test_markdown_has_a_row_a_method_and_a_column_a_split() -> None:
    rows = [row("tina", "unseen", 0.25), row("slice", "id", 0.5), row("tina", "id", 0.554), row("chance", "id", 0.1)]
    assert markdown({"rows": rows}).splitlines() == [
        "| | id | unseen |",
        "|---|---|---|",
        "| chance | 10.0 ± 1.0 | - |",
        "| the generic network, its rows sliced | 50.0 ± 1.0 | - |",
        "| Tina, 3 steps (the default) | 55.4 ± 1.0 | 25.0 ± 1.0 |",
    ]


def test_ways_of_asking_are_columns_and_who_is_asked_are_lines() -> None:
    rows = [row("tina", "ood", 0.5), row("tina 5 pictures", "ood", 0.25), row("encoder synonyms", "ood", 0.125)]
    assert by_prompt_kind({"rows": [*rows, row("tina synonyms", "unseen", 0.5)]}, "ood").splitlines() == [
        "| | ood | synonyms | 5 pictures |",
        "|---|---|---|---|",
        "| the encoder, zero-shot: the nearest name | - | 12.5 ± 1.0 | - |",
        "| Tina, 3 steps (the default) | 50.0 ± 1.0 | - | 25.0 ± 1.0 |",
    ]
    assert by_prompt_kind({"rows": [row("tina", "id", 0.5), row("slice", "id", 0.5)]}, "id") == ""


def test_what_is_printed_leaves_single_tasks_out() -> None:
    (shown,) = public({"rows": [row("tina", "id", 0.5)]})
    assert set(shown) == {"method", "split", "accuracy", "interval", "tasks"}

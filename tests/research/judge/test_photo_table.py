"""The table of photographs: rivals, what is learnt and chosen on what, calibration, resuming, and the table as text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.research.judge.photos import THOUSAND, bench, encode, make_archives
from tina.errors import UserError
from tina.research.judge.calibration import HEATS, auroc, best_heat, calibration_error
from tina.research.judge.intervals import mean_interval, paired, rounded
from tina.research.judge.photo_features import Features
from tina.research.judge.photo_report import by_set, difference, gains, markdown, mean_of, summary, sureness
from tina.research.judge.photo_rivals import RIVALS, PhotoBench, PhotoMethod, Rival
from tina.research.judge.photo_sets import NINE, photo_set
from tina.research.judge.photo_table import measure
from tina.research.judge.photo_tasks import WAYS, Shots, draw

FEW = {"sets": ["caltech", "art"], "prompts": ["names", "1 picture", "5 pictures"], "count": 3}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> PhotoBench:
    """A bench with the features of all sets."""
    folder = tmp_path_factory.mktemp("archives")
    make_archives(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINA_CACHE", str(folder / "cache"))
        patch.setattr("tina.worlds.archives.places", lambda: [folder])
        made = bench()
        for id in (*NINE, "imagenet-1000", "imagenet-fifths", "tiny-imagenet"):
            made.load(id)
    return made


@pytest.fixture(autouse=True)
def _archives(judged: PhotoBench, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = judged.load("caltech")[0].archive.path.parent
    monkeypatch.setattr("tina.worlds.archives.places", lambda: [folder])
    monkeypatch.setattr("tina.research.judge.photo_table.CHOICE", dict.fromkeys(WAYS, 2))


# -- calibration ------------------------------------------------------------------------------------------------------
def test_calibration_error_is_the_gap_in_each_bin() -> None:
    confidence, right = torch.tensor([0.95, 0.95, 0.95, 0.95, 0.35, 0.35]), torch.tensor([1, 1, 1, 0, 1, 0]).bool()
    assert calibration_error(confidence, right) == pytest.approx((4 * 0.2 + 2 * 0.15) / 6, abs=1e-6)
    assert calibration_error(torch.ones(3), torch.ones(3).bool()) == 0
    assert calibration_error(torch.zeros(3), torch.ones(3).bool()) == 1


def test_auroc_counts_pairs_and_ties_half() -> None:
    draws = np.random.default_rng(0).integers(0, 6, (2, 40))
    known, unknown = (torch.tensor(row, dtype=torch.float) for row in draws)
    pairs = known[:, None] - unknown[None]
    assert auroc(known, unknown) == pytest.approx(float(((pairs > 0).double() + (pairs == 0).double() / 2).mean()))
    assert auroc(torch.ones(2), torch.zeros(3)) == 1


def test_the_heat_is_that_of_the_model() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4000, 5, generator=generator)
    labels = torch.multinomial((8 * logits).softmax(1), 1, generator=generator)[:, 0]
    assert best_heat([logits], [labels]) == 8
    assert 8 in HEATS


# -- rivals -----------------------------------------------------------------------------------------------------------
def shots(bench: PhotoBench, id: str = "caltech", count: int = 5) -> tuple[Shots, torch.Tensor]:
    photos, features = bench.load(id)
    task = draw(photos, "10", 0)
    texts = [photos.names[photos.labels[c]] for c in task.classes]
    return Shots(texts, features.at(task.shown[:, :count]), features.at(task.tested)), task.labels


def test_the_nearest_mean_is_by_the_cosine(judged: PhotoBench) -> None:
    given, labels = shots(judged)
    logits = RIVALS["means"].make(judged, frozenset(), {})(given)
    origin = judged.load("imagenet-1000")[1].f.float().mean(0).numpy()
    shown, tested = given.shown.f.numpy() - origin, given.tested.f.numpy() - origin
    means = (shown / np.linalg.norm(shown, axis=-1, keepdims=True)).mean(1)
    cosines = tested @ means.T / np.linalg.norm(tested, axis=1)[:, None] / np.linalg.norm(means, axis=1)
    assert np.allclose(logits, cosines, atol=1e-5)
    assert (logits.argmax(1) == labels).float().mean() > 0.6


@pytest.mark.parametrize("start", ["zero", "means"])
def test_logistic_regression_arrives_at_its_optimum(judged: PhotoBench, start: str) -> None:
    """The one that L-BFGS finds."""
    given, _ = shots(judged)
    eye = replace(given, tested=Features(torch.eye(12) + judged.origin, torch.zeros(12, 12)))
    rows = RIVALS["logistic"].make(judged, frozenset(), {"start": start, "heat": 10, "decay": 0.02})(eye).T
    x = torch.nn.functional.normalize(given.shown.f - judged.origin, dim=-1)
    first = torch.nn.functional.normalize(x.mean(1), dim=-1) * (start == "means")
    truth = torch.arange(len(x)).repeat_interleave(5)
    w = first.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([w], max_iter=400, line_search_fn="strong_wolfe", tolerance_change=1e-12)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        fit = torch.nn.functional.cross_entropy(10 * x.flatten(0, 1) @ w.T, truth, reduction="sum") / 5
        value = fit + 10 * 0.02 / 2 * (w - first).square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    wanted = torch.nn.functional.normalize(w.detach(), dim=1) if start == "means" else w.detach()
    assert (rows - wanted).norm() < 0.02 * wanted.norm()


def test_the_discriminant_whitens_by_other_groups_only(judged: PhotoBench, monkeypatch: pytest.MonkeyPatch) -> None:
    scatters = {id: judged.scatter(id) for id in NINE}
    poisoned = {id: x * (torch.nan if judged.load(id)[0].group == "pacs" else 1) for id, x in scatters.items()}
    monkeypatch.setattr(judged, "scatter", poisoned.__getitem__)
    whitening = judged.whitening(frozenset({"pacs"}), 0.3)
    assert whitening.isfinite().all()
    with pytest.raises(torch.linalg.LinAlgError):
        judged.whitening(frozenset({"caltech"}), 0.3)
    groups = [["caltech"], ["grocery"], ["coins", "tiles", "scans"]]
    mean = torch.stack([torch.stack([scatters[id] for id in of]).mean(0) for of in groups]).mean(0)
    mixed = 0.7 * mean + 0.3 * torch.eye(12) / 12
    assert torch.allclose(whitening.T @ mixed @ whitening, torch.eye(12), atol=1e-4)


def test_ridge_knows_no_name_of_a_left_out_fifth(judged: PhotoBench) -> None:
    """With next to no weight it gives names that it knows their own rows."""
    names = [name.replace("_", " ") for _, name in sorted(THOUSAND.items())]
    rows = torch.nn.functional.normalize(judged.words.weight - judged.words.weight.mean(0), dim=1)
    given = Shots(
        [n for n in names if n != "crane"], None, Features(torch.eye(12) + judged.origin, torch.zeros(12, 12))
    )

    def written(left_out: frozenset[str]) -> torch.Tensor:
        made = RIVALS["ridge"].make(judged, left_out, {"weight": 1e-6, "width": 0.3})
        return torch.nn.functional.cosine_similarity(
            made(given).T, (rows - rows.mean(0))[[n != "crane" for n in names]], dim=1
        )

    assert written(frozenset()).min() > 0.999
    some = written(frozenset({"fifth 0"}))
    places = [k for k, n in enumerate(names) if n != "crane"]
    assert all((value < 0.99) == (place % 5 == 0) or place % 5 for value, place in zip(some, places, strict=True))


def test_own_rows_are_the_towers_last_layer(judged: PhotoBench) -> None:
    given, _ = shots(judged, "imagenet-1000", 0)
    logits = RIVALS["rows"].make(judged, frozenset(), {})(given)
    names = [name.replace("_", " ") for _, name in sorted(THOUSAND.items())]
    whole = given.tested.f @ judged.words.weight.T + judged.words.bias
    assert torch.allclose(logits, whole[:, [names.index(text) for text in given.texts]], atol=1e-5)


def test_a_text_is_encoded_once(judged: PhotoBench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(texts):
        asked.extend(texts)
        return encode(texts)

    monkeypatch.setattr(judged, "_words", replace(judged.words, encode=counted))
    monkeypatch.setattr(judged, "_texts", {})
    judged.encode(["a", "b", "a"])
    assert torch.equal(judged.encode(["b", "c"]), encode(["b", "c"]))
    assert asked == ["a", "b", "c"]


# -- what is chosen and learnt on what --------------------------------------------------------------------------------
def spy(judged: PhotoBench, seen: list, **more) -> Rival:
    """A rival that notes what it was made for, which setting, and which pictures it got."""

    def make(bench, left_out, setting):
        def logits(given: Shots) -> torch.Tensor:
            seen.append((left_out, setting.get("n"), given))
            return -torch.cdist(given.tested.f, given.shown.f.mean(1)) * setting.get("scale", 1)

        return logits

    return Rival("a spy", make, ("pictures",), **more)


def test_settings_are_chosen_without_the_group_that_is_reported(judged: PhotoBench) -> None:
    seen: list = []
    rival = spy(judged, seen, settings=({"n": 0}, {"n": 1}))
    table = measure(judged, {"spy": rival}, sets=["art"], prompts=["5 pictures"], count=2)
    (row,) = table["rows"]
    reported = [given for left_out, _, given in seen if left_out == {"pacs"}]
    assert len(reported) == 2
    chosen_on = [(left_out, given) for left_out, _, given in seen if left_out != {"pacs"}]
    assert {left_out - {"pacs"} for left_out, _ in chosen_on} == {
        frozenset({group}) for group in ("caltech", "grocery", "few-shot")
    }
    assert all("pacs" in left_out for left_out, _ in chosen_on)
    own = {tuple(x) for id in ("photo", "art", "cartoon") for x in judged.load(id)[1].f.float().tolist()}
    for _, given in chosen_on:
        assert not own & {tuple(x) for x in [*given.tested.f.tolist(), *given.shown.f.flatten(0, 1).tolist()]}
    assert row["setting"] == {"n": 0}  # where settings are alike, the first
    assert row["heat"] in HEATS


def test_the_setting_that_is_better_elsewhere_is_taken(judged: PhotoBench) -> None:
    rival = spy(judged, [], settings=({"scale": -1}, {"scale": 1}))
    table = measure(judged, {"spy": rival}, sets=["art", "coins"], prompts=["5 pictures"], count=2)
    assert [row["setting"] for row in table["rows"]] == [{"scale": 1}, {"scale": 1}]


def test_what_has_no_settings_and_is_calibrated_is_taken_as_it_is(judged: PhotoBench) -> None:
    seen: list = []
    table = measure(judged, {"spy": spy(judged, seen, calibrated=True)}, sets=["art"], prompts=["1 picture"], count=2)
    assert [left_out for left_out, _, _ in seen] == [{"pacs"}] * 2
    assert not {"heat", "setting"} & table["rows"][0].keys()
    for _, _, given in seen:
        assert given.texts is None
        assert given.shown.f.shape == (3, 1, 12)


def test_a_row_is_what_single_tasks_say(judged: PhotoBench) -> None:
    table = measure(judged, {"means": RIVALS["means"]}, sets=["caltech"], prompts=["5 pictures"], count=3)
    (row,) = table["rows"]
    photos, features = judged.load("caltech")
    right = []
    for number in range(3):
        task = draw(photos, "10", number)
        given = Shots(None, features.at(task.shown[:, :5]), features.at(task.tested))
        answer = RIVALS["means"].make(judged, frozenset(), {})(given).argmax(1)
        right.append(float((answer == task.labels).float().mean()))
    assert row["accuracies"] == pytest.approx(right, abs=1e-4)
    assert row["interval"] == pytest.approx(mean_interval(right), abs=1e-3)
    assert 0 <= row["ece"] <= 1
    assert "auroc classes" not in row  # all of its classes are in every task
    half = measure(judged, {"means": RIVALS["means"]}, ["caltech"], ["5 pictures"], ["half"], 2)
    assert 0 <= half["rows"][0]["auroc classes"] <= 1


def test_each_rival_is_asked_what_it_can_answer(judged: PhotoBench) -> None:
    sets = ["art", "coins", "imagenet-1000", "imagenet-fifths"]
    table = measure(judged, sets=sets, prompts=["names", "descriptions", "1 picture", "name + 1 picture"], count=2)
    asked = {(row["method"], row["set"], row["prompt"]) for row in table["rows"]}
    assert {name for name, _, prompt in asked if prompt == "1 picture"} == {"means", "discriminant", "logistic"}
    assert {name for name, id, prompt in asked if prompt == "names" and id == "art"} == {"ridge", "zero-shot"}
    assert {id for _, id, prompt in asked if prompt == "descriptions"} == {"art"}
    assert {id for name, id, _ in asked if name == "rows"} == {"imagenet-1000", "imagenet-fifths"}
    assert not any(prompt == "name + 1 picture" for *_, prompt in asked)
    (row,) = (row for row in table["rows"] if row["method"] == "rows" and row["set"] == "imagenet-1000")
    assert row["tasks"] == 10


def test_what_cannot_be_measured_is_one_sentence(judged: PhotoBench) -> None:
    with pytest.raises(UserError, match="no prompt '3 pictures': it is one of names, descriptions, 1 picture"):
        measure(judged, prompts=["3 pictures"])
    with pytest.raises(UserError, match="no number of classes '7': it is one of 10, half, all"):
        measure(judged, ways=["7"])
    wordless = PhotoBench(judged.tower, judged.square)
    with pytest.raises(UserError, match="needs words"):
        measure(wordless, {"ridge": RIVALS["ridge"]}, ["art"], ["names"], count=2)


# -- files ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def counting(judged: PhotoBench) -> tuple[dict[str, Rival], list[str]]:
    made: list[str] = []

    def counted(name: str) -> Callable:
        def make(*args):
            made.append(name)
            return RIVALS[name].make(*args)

        return make

    return {name: replace(RIVALS[name], make=counted(name)) for name in ("means", "zero-shot")}, made


def test_a_table_goes_on_where_it_was(judged: PhotoBench, tmp_path: Path, counting, monkeypatch) -> None:
    rivals, made = counting
    whole = measure(judged, rivals, **FEW)
    out = tmp_path / "table.json"
    measure(judged, rivals, **FEW | {"sets": ["caltech"]}, out=out)
    assert len(json.loads(out.read_text())["rows"]) == 3
    made.clear()
    again = measure(judged, rivals, **FEW, out=out)
    assert rounded(again["rows"]) == rounded(whole["rows"])
    assert made
    made.clear()
    assert rounded(measure(judged, rivals, **FEW, out=out)["rows"]) == rounded(whole["rows"])
    assert made == []
    kept = json.loads(out.read_text())
    assert kept["rows"] == rounded(whole["rows"])
    assert kept["sets"].keys() == {"caltech", "art"}
    assert kept["titles"] == {name: rival.title for name, rival in rivals.items()}
    assert len(out.read_text().splitlines()) == 1
    monkeypatch.setattr(judged.tower, "hash", "another")
    measure(judged, rivals, **FEW, out=out)
    assert made


def test_another_version_of_a_rival_is_measured_anew(judged: PhotoBench, tmp_path: Path, counting) -> None:
    rivals, made = counting
    out = tmp_path / "table.json"
    measure(judged, rivals, **FEW, out=out)
    made.clear()
    rivals["means"] = replace(rivals["means"], version="two")
    table = measure(judged, rivals, **FEW, out=out)
    assert set(made) == {"means"}
    assert {row.get("version") for row in table["rows"] if row["method"] == "means"} == {"two"}
    assert len(table["rows"]) == 6


def test_more_tasks_begin_with_the_same(judged: PhotoBench, tmp_path: Path, counting) -> None:
    rivals, _ = counting
    out = tmp_path / "table.json"
    few = measure(judged, rivals, **FEW, out=out)
    more = measure(judged, rivals, **FEW | {"count": 5}, out=out)
    for one, other in zip(few["rows"], more["rows"], strict=True):
        assert other["tasks"] == 5
        assert other["accuracies"][:3] == one["accuracies"]
    fewer = measure(judged, rivals, **FEW | {"count": 2}, out=out)
    assert {row["tasks"] for row in fewer["rows"]} == {5}


# -- as text ----------------------------------------------------------------------------------------------------------
def row(method: str, id: str, accuracies: list[float], prompt: str = "5 pictures") -> dict:
    mean = float(np.mean(accuracies))
    about = {"method": method, "set": id, "ways": "10", "prompt": prompt, "ece": 0.05, "auroc sets": 0.9}
    interval = mean_interval(accuracies)
    return about | {"accuracy": mean, "interval": interval, "tasks": len(accuracies), "accuracies": accuracies}


def test_the_mean_over_sets_has_the_interval_of_its_tasks() -> None:
    rows = [row("means", "art", [0.4, 0.6]), row("means", "coins", [0.2, 0.8])]
    mean = mean_of(rows)
    assert mean["accuracy"] == pytest.approx(0.5)
    halves = [one["interval"][1] - one["accuracy"] for one in rows]
    assert mean["interval"][1] - 0.5 == pytest.approx(math.hypot(*halves) / 2)
    assert mean_of([]) is None
    base = {"art": row("means", "art", [0.3, 0.5]), "coins": row("means", "coins", [0.2, 0.6])}
    beside = difference({one["set"]: one for one in rows}, base, ["art", "coins", "tiles"])
    assert beside["accuracy"] == pytest.approx(0.1)
    of_coins = paired([0.2, 0.8], [0.2, 0.6])
    assert beside["interval"][1] - 0.1 == pytest.approx((of_coins["interval"][1] - 0.1) / 2)


def test_markdown_has_a_line_a_rival_and_a_column_a_set() -> None:
    rows = [row("means", "art", [0.4, 0.6]), row("tina", "art", [0.5, 0.7]), row("means", "caltech", [0.5, 0.5])]
    rows += [row("tina", "caltech", [0.7, 0.7]), row("tina", "folder:x", [0.9, 0.9])]
    rows += [row("tina", "art", [0.9, 0.9], "name + 5 pictures")]
    sets = {id: {"title": id.title(), "ways": {"10": 7}} for id in ("art", "caltech", "folder:x")}
    text = markdown({"rows": rows, "sets": sets, "titles": {"means": "nearest mean", "tina": "Tina"}})
    lines = text.splitlines()
    assert lines[2:7] == [
        "## 5 pictures, ten classes, or all of a smaller set",
        "",
        "| | mean | beside | at worst | Caltech (7) | Art (7) | Folder:X (7) |",
        "|---|---|---|---|---|---|---|",
        "| nearest mean | 50.0 ± 9.8 | - | -20.0 (caltech) | 50.0 | 50.0 ± 19.6 | - |",
    ]
    assert lines[7] == "| Tina | 65.0 ± 9.8 | +15.0 | +10.0 (art) | 70.0 | 60.0 ± 19.6 | 90.0 |"
    assert "| nearest mean | 5.0 | - | 90.0 |" in lines
    assert "| nearest mean, without names | 50.0 ± 19.6 | - | -40.0 (art) | 50.0 | 50.0 ± 19.6 | - |" in lines
    assert "difference from nearest mean" in lines[0]


def test_a_level_says_which_shares_are_of_none_of_the_classes(judged: PhotoBench) -> None:
    """And changes neither what is answered nor how sure that is."""
    plain = RIVALS["means"]

    def levelled(level: float) -> Rival:
        def make(*how) -> PhotoMethod:
            return lambda shots: with_last(plain.make(*how)(shots), level)

        return replace(plain, make=make, calibrated=True, levelled=True)

    def with_last(logits: torch.Tensor, level: float) -> torch.Tensor:
        return torch.cat([logits, torch.full((len(logits), 1), level)], dim=1)

    rivals = {"means": replace(plain, calibrated=True)} | {str(level): levelled(level) for level in (-9.0, 0.7, 9.0)}
    rows = {row["method"]: row for row in measure(judged, rivals, ["caltech"], ["1 picture"], ["half"], 3)["rows"]}
    for level in ("-9.0", "0.7", "9.0"):
        assert {key: rows[level][key] for key in ("accuracies", "ece", "auroc sets")} == {
            key: rows["means"][key] for key in ("accuracies", "ece", "auroc sets")
        }
    kinds = [key for key in rows["0.7"] if key.startswith("none")]
    assert kinds == ["none known", "none classes", "none sets"]
    assert [rows["-9.0"][key] for key in kinds] == [0, 0, 0]
    assert [rows["9.0"][key] for key in kinds] == [1, 1, 1]
    assert rows["0.7"]["none known"] < rows["0.7"]["none sets"]
    assert not any(key in rows["means"] for key in kinds)


def test_a_summary_is_of_sets_that_all_are_there() -> None:
    sets = ("art", "caltech")
    rows = [row("means", "art", [0.4, 0.6]), row("means", "caltech", [0.5, 0.5])]
    rows += [row("tina", "art", [0.5, 0.7]), row("tina", "caltech", [0.7, 0.7])]
    rows += [row("tina", "art", [0.8, 0.8], "names")]  # of caltech it is missing
    table = {"rows": rows, "titles": {"means": "nearest mean", "tina": "Tina", "ridge": "ridge"}}
    table["sets"] = {id: {"title": id.title(), "ways": {"10": 7}} for id in sets}
    assert summary(table, sets=sets).splitlines() == [
        "| | 5 pictures |",
        "|---|---|",
        "| nearest mean | 50.0 ± 9.8 |",
        "| Tina | 65.0 ± 9.8 |",
    ]
    assert gains(table, sets=sets).splitlines()[2:] == ["| above nearest mean | +15.0; +10.0 (art) |"]
    assert sureness(table, sets=sets).splitlines() == [
        "| | 5 pictures |",
        "|---|---|",
        "| expected calibration error | 5.0 |",
        "| AUROC, other classes of the set | - |",
        "| AUROC, pictures of other sets | 90.0 |",
    ]
    rows[3] |= {"none known": 0.12, "none sets": 0.99}
    assert "| said to be of none of the classes: their own pictures | 12.0 |" in sureness(table, sets=sets).splitlines()
    assert by_set(table, "names", sets=sets).splitlines() == ["| | Art (7) |", "|---|---|", "| Tina | 80.0 |"]


def test_what_is_on_none_of_the_nine_sets_takes_no_mean_from_others() -> None:
    rows = [row("ridge", "art", [0.4, 0.6], "names"), row("rows", "imagenet-1000", [0.5, 0.7], "names")]
    sets = {id: {"title": id, "ways": {"10": 7}} for id in ("art", "imagenet-1000")}
    lines = markdown({"rows": rows, "sets": sets, "titles": {"ridge": "ridge", "rows": "own rows"}}).splitlines()
    assert "| ridge | 50.0 ± 19.6 | - | - | 50.0 ± 19.6 | - |" in lines
    assert "| own rows | - | - | - | - | 60.0 ± 19.6 |" in lines


def test_the_last_column_of_a_real_table_is_there(judged: PhotoBench) -> None:
    table = measure(judged, {name: RIVALS[name] for name in ("means", "zero-shot")}, **FEW)
    text = markdown(table)
    assert f"{photo_set('art').title} (3)" in text
    assert text.count("## ") == 3

"""Every rival answers any task, with weights or in a way of its own, and is what its sentence in the table says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.tiny import FRUIT, tina_of
from tina.blueprints import Weights
from tina.encoder.encoder import Encoder
from tina.errors import UserError
from tina.generator.closed_form.transfer import Transfer
from tina.generator.normalise import centre
from tina.generator.tina import Tina
from tina.prompts.something_else import SOMETHING_ELSE
from tina.research.judge.by_tina import tina_with
from tina.research.judge.experts import cluster, fit
from tina.research.judge.fine_tuned import tuned, tuned_head, tuned_label_only
from tina.research.judge.method import PROMPT_KINDS, Make, Method
from tina.research.judge.methods import LIFTS, METHODS, PROMPTED
from tina.research.judge.of_generic import slice_generic, whole_generic
from tina.research.judge.of_zoo import _fitted, zoo_average, zoo_nearest, zoo_noisy
from tina.research.judge.table import class_accuracies
from tina.research.judge.unsure import tina_if_confident
from tina.research.judge.workbench import NONE, Answers, Workbench
from tina.training.schedule import TrainSchedule
from tina.training.zoo.store import Zoo
from tina.worlds import World
from tina.worlds.task import Task, plain_task

SEEN: list[Task] = [
    plain_task(["kite", "apple", "bicycle"]),
    plain_task(["tractor", "clock"]),
    {"clock": ("clock",), "fruit": FRUIT, "kite": ("kite",)},
]
UNSEEN: list[Task] = [plain_task(["cherry", "umbrella"]), plain_task(["bus", "umbrella", "cherry"])]
MIXED: list[Task] = [plain_task(["cherry", "kite"]), plain_task(["clock", "bus", "umbrella"])]
ELSE: list[Task] = [
    plain_task(["apple", "kite"]) | {SOMETHING_ELSE: ("clock", "pear", "tractor")},
    {SOMETHING_ELSE: ("clock", "apple", "kite"), "bicycle": ("bicycle",), "pear": ("pear",)},
]
HEAD = ("head.weight", "head.bias")
PICTURES = ("1 picture", "2 pictures", "5 pictures", "16 pictures")


@pytest.fixture(scope="module")
def bench(tina: Tina, world: World, zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return Workbench(
        tina, world, zoo, label_only=label_only_network(tina, world, tmp_path_factory.mktemp("label-only"))
    )


def label_only_network(tina: Tina, world: World, folder: Path, **about: str | list[str]) -> Zoo:
    """A zoo of none, whose generic network is the other one with something added to every weight."""
    about = {"names": world.seen, "world": world.id, "blueprint": tina.blueprint.id} | about
    zoo = Zoo.plan(folder, [], shard=4, **about)
    zoo.save_generic({name: weight + 0.1 for name, weight in tina.generic.state_dict().items()})
    return zoo


@pytest.fixture(scope="module", autouse=True)
def _little_fine_tuning() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        few = TrainSchedule(steps=3)
        patch.setattr("tina.research.judge.experts.fit", partial(fit, tuning=few, fitting=few))
        yield


def answer(bench: Workbench, name: str, tasks: list[Task]) -> Weights | Answers:
    shortly = {"tuned": tuned, "tuned head": tuned_head, "tuned label-only": tuned_label_only}
    if name == "tina ddpm 1000":
        return tina_with(steps=5, sampler="ddpm", temperature=1.0)(bench, tasks)
    make = partial(shortly[name], schedule=TrainSchedule(steps=2)) if name in shortly else METHODS[name].make
    return make(bench, tasks)


REPEATED = (*(set(PROMPT_KINDS) - {"name + 2 pictures"}), *(f"lifted {by:g}" for by in LIFTS))
ONE_OF_A_KIND = [name for name in METHODS if not name.endswith(REPEATED)]


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_every_rival_answers_every_task(bench: Workbench, world: World, name: str) -> None:
    answers_every_task(bench, world, name)


@pytest.mark.slow
def test_a_thousand_steps_answer_every_task(bench: Workbench, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    steps, predict = [], type(bench.tina.network).forward
    monkeypatch.setattr(
        type(bench.tina.network), "forward", lambda self, *given: steps.append(1) or predict(self, *given)
    )
    answers_every_task(bench, world, "tina ddpm 1000", METHODS["tina ddpm 1000"].make)
    assert len(steps) == 1000 * len({"ood", "unseen", "mixed", "else"} & set(METHODS["tina ddpm 1000"].splits))


def answers_every_task(bench: Workbench, world: World, name: str, make: Make | None = None) -> None:
    """By `make` (default: a quick version of it), one task of each split; without it, all tasks."""
    blueprint = bench.tina.blueprint
    for split, tasks in (("ood", SEEN), ("unseen", UNSEEN), ("mixed", MIXED), ("else", ELSE)):
        if split not in METHODS[name].splits:
            continue
        tasks = tasks[-1:] if make else tasks
        given, many = make(bench, tasks) if make else answer(bench, name, tasks), len(tasks)
        if callable(given):
            scored = class_accuracies(blueprint, given, world, tasks, count=3).isfinite()
            assert scored.sum(1).tolist() == [len(task) for task in tasks]
            continue
        found = {key: tuple(weight.shape) for key, weight in given.items()}
        head = {"head.weight": (many, 3, blueprint.width), "head.bias": (many, 3)}
        assert found == {key: (many, *shape) for key, shape in blueprint.shapes.items()} | head
        assert all(weight.isfinite().all() for weight in given.values())
        assert not any(weight.requires_grad for weight in given.values())


@pytest.mark.parametrize("name", ["slice", "nearest row", "zoo class average", "ridge", "zoo nearest"])
def test_classes_in_another_order_have_their_rows_in_that_order(bench: Workbench, name: str) -> None:
    order = [2, 0, 1]
    task = SEEN[2] if name != "nearest row" else SEEN[0]
    moved = {list(task)[i]: list(task.values())[i] for i in order}
    before, after = answer(bench, name, [task]), answer(bench, name, [moved])
    for key, weight in before.items():
        expected = weight[:, order] if key in HEAD else weight
        torch.testing.assert_close(after[key], expected, atol=1e-5, rtol=1e-4)
    assert not torch.allclose(before["head.weight"][:, order], before["head.weight"])


ALONE = ["slice", "nearest row", "zoo average", "zoo class average", "zoo nearest", "ridge", "experts"]


@pytest.mark.parametrize("name", ALONE)
def test_a_task_is_answered_the_same_in_any_company(bench: Workbench, name: str) -> None:
    together, alone = answer(bench, name, SEEN), answer(bench, name, SEEN[1:2])
    for key, weight in alone.items():
        part = together[key][1:2, :2] if key in HEAD else together[key][1:2]
        torch.testing.assert_close(weight, part, atol=1e-5, rtol=1e-4)


# -- where rows are given ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["zoo average", "zoo nearest", "zoo noisy", "ridge", "tuned", "tina", "experts"])
def test_where_rows_are_given_every_rival_has_those_of_the_prompt(
    adapters: Zoo, world: World, encoder: Encoder, name: str
) -> None:
    """And an adapter of its own to look through; a fine-tuned one is fine-tuned for unseen classes too."""
    bench = Workbench(tina_of(adapters, world, encoder), world, adapters)
    for tasks in (SEEN, UNSEEN):
        found, generic = answer(bench, name, tasks), slice_generic(bench, tasks)
        expected = encoder.scale * bench.vectors(tasks)[0]
        for weights in (found, generic):
            torch.testing.assert_close(weights["head.weight"], expected)
            assert not weights["head.bias"].any()
        assert not torch.equal(found["adapter.up.weight"], generic["adapter.up.weight"])


def test_rows_given_for_pictures_are_those_of_the_pictures(adapters: Zoo, world: World, encoder: Encoder) -> None:
    bench = Workbench(tina_of(adapters, world, encoder), world, adapters)
    for name in ("ridge", "tina"):
        shown = answer(bench, f"{name} 5 pictures", UNSEEN)["head.weight"]
        torch.testing.assert_close(shown, encoder.scale * bench.vectors(UNSEEN, "pictures", 5)[0])


# -- the generic network ----------------------------------------------------------------------------------------------
def test_the_row_of_the_nearest_name_is_ones_own_where_there_is_one(bench: Workbench) -> None:
    plain = SEEN[:2]
    found, expected = answer(bench, "nearest row", plain), slice_generic(bench, plain)
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_an_unseen_class_borrows_the_row_of_a_seen_one(bench: Workbench) -> None:
    rows, generic = answer(bench, "nearest row", UNSEEN)["head.weight"], bench.generic["head.weight"]
    for row in rows[1]:
        assert (row == generic).all(1).any()


def test_the_whole_network_may_name_a_class_that_was_not_asked_for(bench: Workbench, world: World) -> None:
    """It is right where the sliced one is and no other class of all is likelier; a member answers for its family."""
    names, blueprint = bench.tina.names, bench.tina.blueprint
    answers = whole_generic(bench, SEEN)
    pictures = torch.from_numpy(world.batch("test", names)[0])
    said = blueprint.forward(bench.generic, blueprint.scale(pictures)).argmax(1)
    for m, task in enumerate(SEEN):
        labels = {name: k for k, members in enumerate(task.values()) for name in members}
        expected = [labels.get(names[i], NONE) for i in said]
        assert answers([m], pictures[None])[0].tolist() == expected
        assert len(set(expected)) > 1
    slice = class_accuracies(blueprint, slice_generic(bench, SEEN), world, SEEN).nanmean(1)
    whole = class_accuracies(blueprint, answers, world, SEEN).nanmean(1)
    assert (whole <= slice + 1e-6)[:2].all()  # without a broad class, of which each member has a row of its own


def test_rows_of_pictures_are_what_the_network_makes_of_them(bench: Workbench, world: World) -> None:
    """Of sixteen pictures of one colour each, the prototypes tell unseen classes apart that no row was trained for."""
    found = answer(bench, "rows 16 pictures", UNSEEN)
    lengths = found["head.weight"].norm(dim=2)
    torch.testing.assert_close(lengths, torch.tensor([[1.0, 1, 0], [1, 1, 1]]))  # zeros in the padding
    assert not found["head.bias"].any()
    assert torch.equal(found["conv1.weight"][0], bench.generic["conv1.weight"])
    assert (class_accuracies(bench.tina.blueprint, found, world, UNSEEN).nanmean(1) > 0.5).all()


def test_of_the_whole_network_every_other_answer_is_something_else(bench: Workbench, world: World) -> None:
    pictures = torch.from_numpy(world.batch("test", ["clock", "pear", "tractor", "apple", "kite"])[0])
    said = bench.tina.blueprint.forward(bench.generic, bench.tina.blueprint.scale(pictures)).argmax(1)
    places = {name: k for k, members in enumerate(ELSE[0].values()) for name in members}
    expected = [places.get(bench.tina.names[i], NONE) for i in said]
    assert whole_generic(bench, ELSE)([0], pictures[None])[0].tolist() == expected


# -- something else ---------------------------------------------------------------------------------------------------
def test_what_is_not_sure_enough_is_something_else(bench: Workbench, world: World) -> None:
    """Above every probability all is that, below all nothing is; the classes keep their places around it."""
    pictures = torch.from_numpy(world.batch("test", ["apple", "bicycle", "pear"])[0])
    twice = torch.stack([pictures, pictures])
    for sure, known in ((0.0, True), (1.1, False)):
        for task, said in zip(ELSE, tina_if_confident(sure)(bench, ELSE)([0, 1], twice), strict=True):
            assert ((said != list(task).index(SOMETHING_ELSE)) == known).all()
    named = [{label: names for label, names in task.items() if label != SOMETHING_ELSE} for task in ELSE]
    weights = answer(bench, "tina", named)
    logits = bench.tina.blueprint.forward_many(weights, bench.tina.blueprint.scale(twice))
    assert torch.equal(tina_if_confident(0.0)(bench, ELSE)([0, 1], twice), logits.argmax(2) + torch.tensor([[0], [1]]))


# -- the encoder ------------------------------------------------------------------------------------------------------
def test_the_encoder_names_the_class_whose_vector_is_nearest(bench: Workbench, world: World) -> None:
    pictures = torch.from_numpy(world.batch("test", ["cherry", "bus"])[0])
    seen = bench.tina.encoder.encode_images(list(pictures.numpy()))
    for name, how in (("encoder", {}), ("encoder 5 pictures", {"kind": "pictures", "shots": 5})):
        vectors, _ = bench.vectors(UNSEEN, **how)
        expected = (seen @ vectors[1].T).argmax(1)
        assert torch.equal(answer(bench, name, UNSEEN)([1], pictures[None])[0], expected)


def test_padding_is_never_the_encoders_answer(bench: Workbench, world: World) -> None:
    pictures = torch.from_numpy(world.batch("test", world.unseen)[0])
    assert answer(bench, "encoder", UNSEEN)([0, 1], pictures.expand(2, *pictures.shape)).max(1).values[0] <= 1


def test_a_picture_is_looked_at_once_however_many_tasks_show_it(
    bench: Workbench, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, encode = [], Encoder.encode_images
    monkeypatch.setattr(Encoder, "encode_images", lambda self, p: looked.append(len(p)) or encode(self, p))
    pictures = torch.from_numpy(world.batch("test", ["apple", "pear"])[0])
    once, twice = Workbench(bench.tina, world, None).encoder_features, torch.cat([pictures, pictures])
    found = once(twice[None])
    assert sum(looked) == len(pictures)
    assert torch.equal(found[0, : len(pictures)], found[0, len(pictures) :])
    torch.testing.assert_close(once(pictures[:3]), encode(bench.tina.encoder, list(pictures[:3].numpy())))
    assert sum(looked) == len(pictures)


def test_all_who_are_shown_pictures_are_shown_the_same(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Tina, "write", lambda self, vectors, *_: asked.append(vectors))
    METHODS["tina name + 5 pictures"].make(bench, UNSEEN)
    again, _ = bench.vectors(UNSEEN, "both", 5)
    assert torch.equal(asked[0], again)


# -- the mixture of experts -------------------------------------------------------------------------------------------
def test_what_is_called_alike_is_in_one_cluster() -> None:
    centres = torch.eye(3)[[0, 1, 2, 0, 1, 2, 2]]
    vectors = torch.nn.functional.normalize(centres + 0.2 * torch.rand(7, 3, generator=torch.manual_seed(0)), dim=1)
    found = cluster(vectors, 3).tolist()
    assert found[0] == found[3]
    assert found[1] == found[4]
    assert found[2] == found[5] == found[6]
    assert set(found) == {0, 1, 2}
    assert cluster(vectors[:1].expand(4, 3), 2).tolist() == [0, 0, 0, 0]  # no cluster is empty


def test_an_expert_has_other_rows_for_its_own_classes_alone(bench: Workbench) -> None:
    mixture = fit(bench, TrainSchedule(steps=3), TrainSchedule(steps=1))
    changed = torch.stack(
        [(expert["head.weight"] != bench.generic["head.weight"]).any(1) for expert in mixture.experts]
    )
    assert len(mixture.experts) > 1
    assert (changed.sum(0) == 1).all()  # every class is somebody's
    assert not torch.equal(mixture.experts[0]["conv1.weight"], mixture.experts[1]["conv1.weight"])


def test_a_mixture_has_as_much_of_each_expert_as_the_mixer_says(bench: Workbench) -> None:
    mixture = fit(bench, TrainSchedule(steps=3), TrainSchedule(steps=1))
    vectors, mask = bench.vectors(SEEN)
    shares = mixture.shares(vectors, mask)
    torch.testing.assert_close(shares.sum(1), torch.ones(3))
    only = torch.eye(len(mixture.experts))[1].expand(3, -1)
    found = mixture.mixed(SEEN, only)
    assert torch.equal(found["conv2.weight"][0], mixture.experts[1]["conv2.weight"])
    at = bench.tina.names.index("apple")
    assert torch.equal(found["head.weight"][0, 1], mixture.experts[1]["head.weight"][at])
    parts = torch.stack([expert["conv2.weight"] for expert in mixture.experts])
    expected = torch.einsum("e,e...->...", shares[0], parts)
    torch.testing.assert_close(mixture.mixed(SEEN, shares)["conv2.weight"][0], expected)


def test_the_mixer_learns_what_works_for_the_zoos_tasks(bench: Workbench, world: World) -> None:
    """It moves away from equal shares, not for all prompts in the same way, and its classifiers work."""
    mixture = fit(bench, TrainSchedule(steps=20, batch=8), TrainSchedule(steps=30, batch=8, rate=0.1))
    vectors, mask = bench.vectors(bench.zoo.tasks)
    shares = mixture.shares(vectors, mask)
    assert (shares.mean(0) - 1 / len(mixture.experts)).abs().max() > 0.02
    assert shares.std(0).max() > 0.01
    assert not mixture.mixer.requires_grad
    mixed = mixture.mixed(bench.zoo.tasks, shares)
    found = class_accuracies(bench.tina.blueprint, mixed, world, bench.zoo.tasks).nanmean(1)
    assert found.mean() > 0.8


# -- the zoo ----------------------------------------------------------------------------------------------------------
def test_the_average_is_of_all_kernels_and_of_the_rows_as_they_stand(bench: Workbench, zoo: Zoo) -> None:
    found, weights = zoo_average(bench, SEEN), zoo.weights()
    torch.testing.assert_close(found["conv2.weight"][1], weights["conv2.weight"].mean(0))
    for k in range(3):
        standing = [n for n, task in enumerate(zoo.tasks) if len(task) > k]
        torch.testing.assert_close(found["head.weight"][0, k], weights["head.weight"][standing, k].mean(0))


def test_the_class_average_is_of_a_classs_own_rows(bench: Workbench, zoo: Zoo) -> None:
    weights = zoo.weights()
    head = torch.cat([weights["head.weight"], weights["head.bias"][..., None]], -1)
    head = centre(head, zoo.mask)
    own = [head[n, list(task).index("kite")] for n, task in enumerate(zoo.tasks) if "kite" in task]
    found = answer(bench, "zoo class average", SEEN)
    torch.testing.assert_close(found["head.weight"][0, 0], torch.stack(own).mean(0)[:-1], atol=1e-6, rtol=1e-5)
    assert len(own) == 3


def test_the_nearest_to_a_zoo_task_is_its_own_classifier(bench: Workbench, zoo: Zoo) -> None:
    found, weights = zoo_nearest(bench, zoo.tasks), zoo.weights()
    for n, task in enumerate(zoo.tasks):
        for key, weight in weights.items():
            own = slice(len(task)) if key in HEAD else slice(None)
            assert torch.equal(found[key][n][own], weight[n][own])


def test_noise_is_a_share_of_what_weights_vary_by(bench: Workbench) -> None:
    near, noisy = zoo_nearest(bench, SEEN), zoo_noisy(bench, SEEN)
    again = zoo_noisy(bench, SEEN)
    assert all(torch.equal(noisy[key], again[key]) for key in noisy)
    change = (noisy["head.weight"] - near["head.weight"]) / bench.tina.closed_form.normaliser.class_scale[:-1]
    assert change.std() == pytest.approx(0.3, abs=0.05)


def test_without_a_zoo_it_says_what_is_wanted(tina: Tina, world: World) -> None:
    with pytest.raises(UserError, match="--zoo FOLDER"):
        METHODS["ridge"].make(Workbench(tina, world, None), SEEN)
    answer(Workbench(tina, world, None), "slice", SEEN)


def test_without_a_network_that_had_no_teacher_it_says_what_is_wanted(tina: Tina, world: World, zoo: Zoo) -> None:
    for name in ("label-only", "tuned label-only"):
        with pytest.raises(UserError, match="--label-only FOLDER"):
            METHODS[name].make(Workbench(tina, world, zoo), SEEN)


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"teacher": "embedded"}, "had a teacher: embedded"),
        ({"blueprint": "tiny-5k"}, "another blueprint"),
        ({"names": ["kite", "apple"]}, "knows other classes"),
    ],
)
def test_a_network_that_is_not_that_one_is_not_taken_for_it(
    tina: Tina, world: World, zoo: Zoo, tmp_path: Path, about: dict, says: str
) -> None:
    other = label_only_network(tina, world, tmp_path, **about)
    with pytest.raises(UserError, match=says):
        METHODS["label-only"].make(Workbench(tina, world, zoo, label_only=other), SEEN)


# -- ridge regression -------------------------------------------------------------------------------------------------
def linear(noise: float) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    slope, shift = torch.randn(6, 4, generator=draw), torch.tensor([1.0, -2.0, 3.0, 0.0])
    x = torch.randn(300, 6, generator=draw) + 5
    y = x @ slope + shift + noise * torch.randn(300, 4, generator=draw)
    return x[:200], y[:200], x[200:250], y[200:250], x[250:], (x @ slope + shift)[250:]


def test_ridge_finds_a_linear_relation() -> None:
    x, y, x_held, y_held, new, expected = linear(noise=0.0)
    torch.testing.assert_close(_fitted(x, y, x_held, y_held)(new), expected, atol=0.01, rtol=0)


def test_ridge_is_as_strong_as_the_noise_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three noisy examples in six dimensions, more than the least strength is chosen, and errs less."""
    x, y, x_held, y_held, new, expected = linear(noise=20.0)
    chosen = _fitted(x[:8], y[:8], x_held, y_held)(new)
    monkeypatch.setattr("tina.research.judge.of_zoo.RIDGES", (0.01,))
    least = _fitted(x[:8], y[:8], x_held, y_held)(new)
    assert (chosen - expected).square().mean() < 0.5 * (least - expected).square().mean()


# -- fine-tuning, and Tina --------------------------------------------------------------------------------------------
def test_really_fine_tuned_classifiers_work_on_unseen_classes_too(bench: Workbench, world: World) -> None:
    blueprint = bench.tina.blueprint
    for tasks in (SEEN, UNSEEN, MIXED):
        weights = tuned(bench, tasks, TrainSchedule(steps=60), together=2)
        assert (class_accuracies(blueprint, weights, world, tasks).nanmean(1) > 0.85).all()


def test_of_a_fine_tuned_head_everything_else_is_the_generic_network(bench: Workbench, world: World) -> None:
    for tasks in (SEEN, UNSEEN, MIXED):
        weights = tuned_head(bench, tasks, TrainSchedule(steps=120), together=2)
        for name in bench.tina.blueprint.shapes:
            assert all(torch.equal(weight, bench.generic[name]) for weight in weights[name])
        assert (class_accuracies(bench.tina.blueprint, weights, world, tasks).nanmean(1) > 0.6).all()


def test_fine_tuning_starts_with_the_rows_there_are_and_zeros_for_the_rest(bench: Workbench) -> None:
    found = tuned(bench, MIXED, TrainSchedule(steps=0))
    kite = bench.generic["head.weight"][bench.tina.names.index("kite")]
    assert torch.equal(found["head.weight"][0, 1], kite)
    assert not found["head.weight"][0, 0].any()
    assert not found["head.bias"][1, 1:].any()


def test_what_had_no_teacher_is_sliced_and_fine_tuned_likewise(bench: Workbench) -> None:
    """Nothing of the checkpoint's own generic network is in it."""
    for name, make in (("slice", slice_generic), ("tuned", partial(tuned, schedule=TrainSchedule(steps=0)))):
        found = make(bench, SEEN)
        none = TrainSchedule(steps=0)
        other = tuned_label_only(bench, SEEN, none) if name == "tuned" else answer(bench, "label-only", SEEN)
        for m, task in enumerate(SEEN):
            for key, weight in found.items():
                here = (m, slice(len(task))) if key in HEAD else m
                torch.testing.assert_close(other[key][here], weight[here] + 0.1)


def test_tina_is_asked_as_the_table_says(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        Tina, "write", lambda self, vectors, mask, seeds, pictured, **how: asked.append((vectors, seeds, how))
    )
    for name in ("tina", "tina 5 steps", "tina ddpm 1000", "tina descriptions"):
        METHODS[name].make(bench, SEEN)
    hows = [how for _, _, how in asked]
    assert hows == [{}, {"steps": 5}, {"steps": 1000, "sampler": "ddpm", "temperature": 1.0}, {}]
    assert all(seeds == [0, 1, 2] for _, seeds, _ in asked)
    assert torch.equal(asked[0][0], bench.prompt_sampler.sample(SEEN, "names"))
    assert torch.equal(asked[1][0], asked[0][0])
    assert not torch.equal(asked[3][0], asked[0][0])


@pytest.mark.parametrize(
    ("name", "pictured"),
    [("tina", 0), ("tina 5 steps", 0), ("tina descriptions", 0), ("tina 5 pictures", 1), ("tina name + 5 pictures", 1)],
)
def test_the_closed_form_is_told_which_prompts_are_of_pictures(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, name: str, pictured: int
) -> None:
    """Of every class, and of no padding: transfer counts pictures and words on scales of their own."""
    given, transfer = [], Transfer.replace_unfamiliar
    monkeypatch.setattr(
        Transfer, "replace_unfamiliar", lambda self, *parts: given.append(parts[4]) or transfer(self, *parts)
    )
    METHODS[name].make(bench, UNSEEN)
    (from_pictures,) = given
    assert from_pictures.tolist() == [[pictured, pictured, 0], [pictured, pictured, pictured]]


def test_ridge_is_fitted_to_the_kind_of_words_it_is_asked_with(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, vectors = [], Workbench.vectors
    monkeypatch.setattr(Workbench, "vectors", lambda self, tasks, *how: drawn.append(how) or vectors(self, tasks, *how))
    METHODS["ridge name + 2 pictures"].make(bench, UNSEEN)
    assert drawn == [("both", 2)] * 2  # the zoo's, and the tasks'


def test_who_can_be_asked_in_words_and_pictures_is_asked_in_all_of_them() -> None:
    ways = [*(f" {words}" for words in PROMPT_KINDS), ""]
    assert {f"{rival}{words}" for rival in PROMPTED for words in ways} <= set(METHODS)
    kinds = {"synonyms", "descriptions", *(f"{way}{n}" for way in ("", "name + ") for n in PICTURES)}
    assert set(PROMPT_KINDS) == kinds
    for words in PROMPT_KINDS:
        splits = {METHODS[f"{rival} {words}"].splits for rival in PROMPTED}
        assert len(splits) == 1  # the same for all, to be compared


def test_lifted_classifiers_name_unseen_classes_more_often(bench: Workbench) -> None:
    """In mixed tasks, and only if they are asked for: how much is chosen elsewhere."""
    plain, lifted = answer(bench, "ridge", MIXED), answer(bench, "ridge lifted 1.5", MIXED)
    assert torch.equal(lifted["head.weight"], plain["head.weight"])
    torch.testing.assert_close(lifted["head.bias"] - plain["head.bias"], torch.tensor([[1.5, 0, 0], [0, 1.5, 1.5]]))
    for method in (method for name, method in METHODS.items() if " lifted " in name):
        assert (method.splits, method.default) == (("mixed",), False)


def test_unseen_classes_are_for_all_who_need_no_rows_of_theirs() -> None:
    without = {name for name, method in METHODS.items() if not {"unseen", "mixed", "else"} & set(method.splits)}
    assert without == {"zoo class average", "experts", "label-only", "tuned label-only"}
    assert not {"unseen", "mixed"} & set(METHODS["slice"].splits)


def test_every_method_has_a_sentence_of_its_own() -> None:
    assert all(isinstance(method, Method) and method.title for method in METHODS.values())
    assert len({method.title for method in METHODS.values()}) == len(METHODS)

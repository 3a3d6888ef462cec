"""How a Tina on a tower is made: the whitening, rows from words, tasks, the training, the temperature."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.generator.tower.conftest import TEXTS, make_tina, unit
from tina.blueprints.tower import AXES
from tina.generator.tower.reading import read
from tina.generator.tower.tina import TowerTina
from tina.generator.tower.words import KINDS, Said
from tina.training.tower.calibrate import calibrate
from tina.training.tower.data import FeatureSet, TaskSource, class_means
from tina.training.tower.fit import POWER, TextRegression, fit_axes, fit_features, own_rows
from tina.training.tower.tasks import TESTED, TaskSampler
from tina.training.tower.train import TowerTraining, logits_of, tokens_of, train

WIDTH = AXES + 8


def feature_set(name: str = "things", width: int = WIDTH, noise: float = 0.05, seed: int = 0) -> FeatureSet:
    """Six classes around means of their own, and every picture moved along one direction that says nothing."""
    draw = torch.Generator().manual_seed(seed)
    means, labels = torch.rand(6, width, generator=draw), torch.arange(6).repeat_interleave(14)
    loud = torch.randn(len(labels), 1, generator=draw) * F.normalize(torch.ones(width), dim=0)
    x = (means[labels] + noise * torch.randn(len(labels), width, generator=draw) + loud).clamp(min=0)
    return FeatureSet(name, name, tuple(f"{name} {k}" for k in range(6)), labels, x, x)


def said(classes: int, width: int, seed: int = 0) -> Said:
    sizes = torch.rand(3, classes, generator=torch.Generator().manual_seed(seed))
    rows = (unit(classes, of, seed=seed + i) for i, of in enumerate((width, width, TEXTS)))
    kinds = torch.rand(classes, KINDS, generator=torch.Generator().manual_seed(seed))
    return Said(*rows, *sizes.unbind(0), kinds, torch.ones(classes))


@pytest.fixture(scope="module")
def data() -> FeatureSet:
    return feature_set()


def source(data: FeatureSet, width: int, seed: int = 0, named: bool = True) -> TaskSource:
    """z of given features as they are, for a Tina of another width."""
    z = F.normalize(data.middle[:, :width] - data.middle[:, :width].mean(0), dim=1)
    return TaskSource(data.name, data.group, z, z, data.of_class, said(len(data.names), width, seed), named)


# -- what is fitted ---------------------------------------------------------------------------------------------------
def test_the_whitening_quiets_what_pictures_of_a_class_differ_in(data: FeatureSet) -> None:
    features = fit_features([data], data)
    assert float(features.power) == pytest.approx(POWER)
    torch.testing.assert_close(features.axes.mT @ features.axes, torch.eye(AXES), atol=1e-4, rtol=0)
    assert (features.shrink >= -1e-4).all()
    assert (features.shrink < 1).all()
    x = data.middle.clamp_min(0) ** POWER - features.middle_mean

    def between(of: Tensor) -> float:
        """How far classes' means are apart, in units of how pictures of a class differ."""
        of = F.normalize(of, dim=1)
        means = class_means(of, data.labels)
        return float((means - means.mean(0)).norm() / (of - means[data.labels]).norm())

    assert between(features.whiten(data.middle)) > 1.2 * between(x)
    z, u = features(data.whole, data.middle).chunk(2, dim=1)
    assert z.norm(dim=1).allclose(torch.ones(1))
    torch.testing.assert_close(u, F.normalize(data.whole - data.whole.mean(0), dim=1))


def test_own_rows_are_the_last_layers_and_what_all_classes_pictures_say_of_them() -> None:
    head, z = torch.randn(40, 12), unit(39, 12, seed=2)
    labels = torch.cat([torch.arange(20), torch.arange(21, 40)])  # there is no picture of class 20
    own = own_rows(head, z, labels)
    plain, row = own.chunk(2, dim=1)
    centred = head - head[labels].mean(0)
    torch.testing.assert_close(plain, centred / centred.norm(dim=1).mean())  # as long beside each other as there
    assert row.norm(dim=1).allclose(torch.ones(1))
    other = z.clone()
    other[0] = unit(1, 12, seed=9)[0]
    assert not torch.allclose(own_rows(head, other, labels)[20], own[20])  # ... its row comes from the others'


def test_words_are_mapped_to_rows_and_unknown_ones_to_those_of_their_neighbours() -> None:
    vectors, own = unit(30, 16, seed=1), unit(10, 2 * 6, seed=2)
    shares = F.one_hot(torch.arange(30) % 10).float()
    regression = TextRegression(vectors, shares, torch.full((30,), 0.01), radius=0.3)
    weights, basis = regression.fit(own, rank=12)
    kernel = ((vectors @ vectors.T - 1) / 0.3).exp()
    centred = own - own.mean(0)
    predicted = kernel @ weights @ basis
    assert (F.normalize(predicted, dim=1) @ F.normalize(centred, dim=1).T).argmax(1).equal(torch.arange(30) % 10)
    all_weights, everything = regression.fit(own)
    torch.testing.assert_close(all_weights @ everything, weights @ basis, atol=1e-3, rtol=1e-3)
    targets = shares / shares.sum(1, keepdim=True) @ centred
    solved = torch.linalg.solve(kernel + 0.01 * torch.eye(30), targets)
    torch.testing.assert_close(all_weights @ everything, solved, atol=1e-3, rtol=1e-3)
    fewer, smaller = regression.fit(own, rank=4)
    assert fewer.shape == (30, 4)
    assert smaller.shape == (4, 12)
    hidden = shares.clone()
    hidden[:, 3] = 0
    hidden[:, 4] += shares[:, 3]  # nothing is known of class 3: its row is in no target
    moved = own.clone()
    moved[3] = 9.0
    torch.testing.assert_close(
        TextRegression(vectors, hidden, torch.ones(30), 0.3).fit(moved, 12)[0].abs(),
        TextRegression(vectors, hidden, torch.ones(30), 0.3).fit(own, 12)[0].abs(),
        atol=1e-3,
        rtol=1e-3,
    )


def test_axes_are_those_in_which_classes_differ() -> None:
    own = torch.zeros(8, 2 * 5)
    own[:, 5:8] = torch.randn(8, 3)
    axes = fit_axes(own, [(torch.eye(5)[[0, 1, 0, 1]], torch.tensor([0, 1, 0, 1]))], axes=3)
    torch.testing.assert_close(axes @ axes.mT, torch.eye(3), atol=1e-5, rtol=0)
    assert axes[:, 3:].norm() < 1e-5


# -- tasks ------------------------------------------------------------------------------------------------------------
def test_tasks_test_other_pictures_than_they_show(data: FeatureSet) -> None:
    sampler = TaskSampler([source(data, 24)], [1.0], seed=3)
    counts, named = set(), set()
    for _ in range(60):
        batch = sampler.batch()
        shown, (z, u) = batch.shown, batch.tested
        ways = shown.mask.shape[1]
        assert z.shape == u.shape == (6, ways * TESTED, 24)
        assert batch.labels[0].tolist() == [k for k in range(ways) for _ in range(TESTED)]
        counts |= set(shown.counts.flatten().tolist())
        named.add(bool(shown.named.all()))
        assert shown.named.all() or not shown.named.any()
        for m in range(6):
            pictures = shown.pictures[m][shown.shown[m]]
            if len(pictures):
                assert float((pictures @ z[m].T).max()) < 1 - 1e-6
            assert bool(shown.named[m].any()) or len(pictures)
        torch.testing.assert_close(batch.means.norm(dim=2) < 1, torch.ones(6, ways, dtype=torch.bool))
    assert {0, 1, 2, 5, 10} <= counts
    assert counts & {3, 4, 6, 7, 8, 9}  # some classes have fewer pictures than others
    assert named == {True, False}


def test_a_set_whose_names_say_nothing_is_never_asked_for_by_name_alone(data: FeatureSet) -> None:
    mute = feature_set("scans", seed=5)
    sampler = TaskSampler([source(data, 24), source(mute, 24, named=False)], [0.01, 0.99], seed=1)
    of_mute = {tuple(row.tolist()) for row in source(mute, 24).z}
    asked = [batch for batch in (sampler.batch() for _ in range(60)) if not bool(batch.shown.pictured.any())]
    assert asked
    for batch in asked:
        assert not any(tuple(row.tolist()) in of_mute for row in batch.tested[0].flatten(0, 1))


def test_large_tasks_are_of_sets_that_have_so_many_classes(data: FeatureSet) -> None:
    """A set with few classes makes no other task smaller."""
    few = FeatureSet("few", "few", ("a", "b", "c"), data.labels % 3, data.whole, data.middle)
    sampler = TaskSampler([source(data, 24), source(few, 24)], [0.1, 0.9], seed=2)
    sizes = [sampler.batch().shown.mask.shape[1] for _ in range(40)]
    assert set(sizes) == {3, 4, 5, 6}


def test_the_same_seed_draws_the_same_tasks(data: FeatureSet) -> None:
    one, other, third = (TaskSampler([source(data, 24)], [1.0], seed=seed).batch() for seed in (1, 1, 2))
    assert torch.equal(one.tested[0], other.tested[0])
    assert one.tested[0].shape != third.tested[0].shape or not torch.equal(one.tested[0], third.tested[0])


# -- training ---------------------------------------------------------------------------------------------------------
def test_the_tokens_are_what_is_missing_from_closed_forms_rows(data: FeatureSet) -> None:
    tina = make_tina()
    batch = next(b for b in iter(TaskSampler([source(data, 24)], [1.0], seed=0).batch, None) if b.shown.pictured.any())
    reading = read(batch.shown, tina.settings)
    tina.reader.axes = torch.eye(24)  # so that nothing is left out
    tokens = tokens_of(tina, reading, batch.means)
    rows = F.normalize(reading.rows, dim=2) + tokens / tina.settings.difference_scale
    torch.testing.assert_close(rows, F.normalize(batch.means - reading.centre[:, None], dim=2), atol=1e-5, rtol=1e-5)


@pytest.fixture(scope="module")
def hard() -> TaskSource:
    """Pictures of its classes are hard to tell apart."""
    return source(feature_set(noise=0.5), 24)


@torch.no_grad()
def loss(tina: TowerTina, hard: TaskSource) -> float:
    """The cross-entropy of finished classifiers on a few tasks."""
    sampler, total = TaskSampler([hard], [1.0], seed=7), 0.0
    for _ in range(12):
        batch = sampler.batch()
        reading = read(batch.shown, tina.settings)
        difference = tina.denoise(batch.shown, reading, [0] * len(batch.labels), tina.sampling(temperature=0.0))
        rows = tina.fit_shown(tina.add_difference(difference, batch.shown, reading), batch.shown, reading)
        heat = tina.temperature(batch.shown, reading).exp()[:, None, None]
        logits = heat * logits_of(tina, rows, reading, batch.shown.pictured, batch.tested)
        total += float(F.cross_entropy(logits.flatten(0, 1), batch.labels.flatten())) / 12
    return total


def untrained() -> TowerTina:
    """As a training begins: nothing is written, and no prompt is surer than another."""
    tina = make_tina()
    for layer in (tina.network.class_out.weight, tina.network.class_out.bias, tina.temperature.weights):
        torch.nn.init.zeros_(layer)
    return tina


def test_training_learns_what_closed_form_misses_and_is_the_same_again(hard: TaskSource) -> None:
    def trained(seed: int = 0) -> tuple[TowerTina, list[float]]:
        tina = untrained()
        how = TowerTraining(rate=5e-3, together=4, small=0.0)
        with torch.no_grad():  # as whoever measures with it may be
            return tina, train(tina, [hard], [1.0], seconds=1.0, how=how, seed=seed, steps=60)

    tina, losses = trained()
    assert len(losses) == 60
    assert loss(tina, hard) < 0.95 * loss(untrained(), hard)
    assert not tina.training
    again, same = trained()
    assert same == losses
    assert torch.equal(again.network.class_out.weight, tina.network.class_out.weight)
    assert trained(seed=1)[1] != losses


def test_a_temperature_makes_classifiers_no_surer_than_they_are_right(hard: TaskSource) -> None:
    tina = untrained()
    tina.settings = replace(tina.settings, picture_heat=6.0)  # much too sure
    too_sure = loss(tina, hard)
    calibrate(tina, [hard], batches=12)
    assert loss(tina, hard) < 0.8 * too_sure
    assert tina.temperature.weights[:-1].any()  # it hangs on the prompt


def test_pictures_of_other_things_are_something_else_and_those_of_the_classes_are_not(data: FeatureSet) -> None:
    tina = untrained()
    sources = [source(data, 24), source(feature_set("others", seed=8), 24, seed=1)]
    calibrate(tina, sources, batches=60)
    share = {"tested": 0.0, "others": 0.0}
    sampler, (_, second) = TaskSampler(sources[:1], [1.0], seed=11), sources
    batches = [batch for batch in (sampler.batch() for _ in range(120)) if int(batch.shown.counts.min()) >= 2]
    assert len(batches) > 5
    for batch in batches:
        reading = read(batch.shown, tina.settings)
        nothing = torch.zeros(6, reading.rows.shape[1], 8)
        rows = tina.fit_shown(tina.add_difference(nothing, batch.shown, reading), batch.shown, reading)
        level = tina.other_level(batch.shown, reading)[:, None] * tina.settings.heat
        others = (second.z[None].expand(6, -1, -1), second.u[None].expand(6, -1, -1))
        for kind, pictures in (("tested", batch.tested), ("others", others)):
            found = logits_of(tina, rows, reading, batch.shown.pictured, pictures).amax(2)
            share[kind] += float((found > level).float().mean()) / len(batches)
    assert share["tested"] > 0.75
    assert share["others"] < 0.25

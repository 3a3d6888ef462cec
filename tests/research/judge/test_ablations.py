"""A part that is switched off is off in a copy: what is left is what the table says, and Tina is as she was."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from tina.blueprints import Weights
from tina.generator.tina import Tina
from tina.research.judge import ablations
from tina.research.judge.ablations import ABLATIONS, Guided, modified
from tina.research.judge.by_tina import tina_with
from tina.research.judge.workbench import Workbench
from tina.training.zoo.store import Zoo
from tina.worlds import World
from tina.worlds.task import Task, plain_task

TASKS: list[Task] = [plain_task(["kite", "apple", "bicycle"]), plain_task(["cherry", "kite"])]


@pytest.fixture
def bench(tina: Tina, world: World, zoo: Zoo) -> Workbench:
    """With a Tina to whom all is somewhat familiar, and who has something to transfer."""
    changed = modified(tina)
    familiarity, transfer = changed.closed_form.familiarity, changed.closed_form.transfer
    width, features = transfer.projection.shape
    draw = torch.Generator().manual_seed(0)
    familiarity.texts = tina.encoder.encode_texts_cached(["kite", "apple"])
    familiarity.image_means, familiarity.other_texts = torch.zeros(2, width), torch.zeros(1, width)
    familiarity.gate[0] = 1.0  # log odds of everything
    transfer.projection = torch.randn(width, features, generator=draw)
    transfer.precision, transfer.radius = torch.eye(features), torch.tensor(1.0)
    transfer.reference = torch.randn(4, features, generator=draw)
    return Workbench(changed, world, zoo)


def equal(first: Weights, second: Weights) -> bool:
    return all(torch.equal(weight, second[name]) for name, weight in first.items())


def with_another_network(bench: Workbench) -> Workbench:
    other = modified(bench.tina)
    other.network = type(bench.tina.network)(bench.tina.network.config)
    return Workbench(other, bench.world, bench.zoo)


@pytest.mark.parametrize("name", ["closed form", "prior alone"])
def test_without_the_transformer_it_does_not_matter_which_it_is(bench: Workbench, name: str) -> None:
    other = with_another_network(bench)
    assert equal(ABLATIONS[name].make(bench, TASKS), ABLATIONS[name].make(other, TASKS))
    assert not equal(tina_with()(bench, TASKS), tina_with()(other, TASKS))


def test_without_transfer_every_row_is_the_written_one(bench: Workbench) -> None:
    alone, whole = ABLATIONS["generator alone"].make(bench, TASKS), tina_with()(bench, TASKS)
    assert not torch.allclose(alone["head.weight"], whole["head.weight"])
    other = modified(bench.tina)
    other.closed_form.transfer.projection.zero_()
    assert equal(alone, ABLATIONS["generator alone"].make(Workbench(other, bench.world, bench.zoo), TASKS))


def test_without_bias_offsets_rows_are_the_same_and_biases_are_not(bench: Workbench) -> None:
    still, moved = ABLATIONS["no bias offsets"].make(bench, TASKS), tina_with()(bench, TASKS)
    assert torch.equal(still["head.weight"], moved["head.weight"])
    assert not torch.allclose(still["head.bias"], moved["head.bias"])


def test_without_feedback_each_class_is_as_familiar_as_alone(bench: Workbench) -> None:
    once = ablations.without_feedback(bench.tina).closed_form.familiarity
    vectors, mask = bench.vectors(TASKS)
    torch.testing.assert_close(once(vectors, mask)[mask], torch.full((5,), 1.0).sigmoid())
    assert (bench.tina.closed_form.familiarity(vectors, mask)[mask] > 0.75).all()


def test_guidance_goes_from_what_is_predicted_without_the_prompt_through_what_is_predicted_with_it(
    bench: Workbench,
) -> None:
    """Strength 0 withholds the prompt, 1 is no guidance, 2 goes as far again."""
    network = bench.tina.network
    vectors, mask = bench.vectors(TASKS)
    config, draw = network.config, torch.Generator().manual_seed(0)
    shared = torch.randn(2, config.shared, config.shared_width, generator=draw)
    classes = torch.randn(2, mask.shape[1], config.class_width, generator=draw)
    inputs = (shared, classes, torch.tensor([300, 900]), vectors, mask)
    with torch.no_grad():
        given, without = network(*inputs), network(*inputs, torch.ones(2, dtype=torch.bool))
        guided = {strength: Guided(network, strength)(*inputs) for strength in (0.0, 1.0, 2.0)}
    for part in (0, 1):  # kernels and rows
        assert not torch.allclose(given[part], without[part], atol=1e-3)
        torch.testing.assert_close(guided[0.0][part], without[part])
        torch.testing.assert_close(guided[1.0][part], given[part])
        torch.testing.assert_close(guided[2.0][part], 2 * given[part] - without[part])


def test_pictures_are_pictures_to_the_closed_form_alone(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ablation is told what its prompts are made of, as Tina is."""
    told = []
    assemble = Tina.assemble_weights

    def noted(self, tokens, vectors, mask, from_pictures=None):
        told.append(from_pictures)
        return assemble(self, tokens, vectors, mask, from_pictures)

    monkeypatch.setattr(Tina, "assemble_weights", noted)
    for name in ("closed form", "closed form 5 pictures", "closed form name + 5 pictures"):
        ABLATIONS[name].make(bench, TASKS)
    assert [float(given.sum()) for given in told] == [0, 5, 5]


def test_tina_is_as_she_was(bench: Workbench) -> None:
    before = {name: tensor.clone() for name, tensor in bench.tina.state_dict().items()}
    for method in ABLATIONS.values():
        method.make(bench, TASKS)
    after = bench.tina.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


def test_names_are_no_pictures_and_each_kind_of_prompt_has_its_ablations() -> None:
    def splits(names: Sequence[str]) -> set[tuple[str, ...]]:
        return {ABLATIONS[name].splits for name in names}

    by_pictures = [name for name in ABLATIONS if name.endswith("5 pictures")]
    assert len(by_pictures) == 2 * len(ablations.BY_PROMPT_KIND)
    assert splits(by_pictures) == {("ood", "unseen", "mixed")}
    assert not any(method.default for method in ABLATIONS.values())

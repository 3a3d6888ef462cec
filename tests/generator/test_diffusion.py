"""Noise goes on as the schedule says and comes off again, from the noisiest time to the clean, by the right way."""

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from torch import Tensor

from tina.errors import UserError
from tina.generator.diffusion import (
    SAMPLERS,
    SCHEDULES,
    NoiseSchedule,
    Tokens,
    sample_steps,
    seeded_noise,
)

SHARED, CLASSES = (3, 5), (4, 6)
COUNTS = (1, 2, 5, 7, 10, 50, 1000)
SEEDS = (7, 8)
TRUTH = seeded_noise([1, 2], 0, SHARED, CLASSES)
TRUTH = (TRUTH[0] * 5 + 3, TRUTH[1] * 5 - 3)  # far outside ±1, where clipping would show


class Oracle:
    """Knows the truth, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Tokens, Tensor]] = []

    def __call__(self, noisy: Tokens, t: Tensor) -> Tokens:
        self.asked.append((noisy, t))
        return TRUTH


def learner(noisy: Tokens, t: Tensor) -> Tokens:
    """Stands for a network: what it says hangs on the tokens, each by itself, and on the time."""
    shared, classes = (torch.tanh(x) * (1 + t[:, None, None] / 1000) for x in noisy)
    return shared, classes


def sample(*args, **options) -> Tokens:
    """The answer: the last step's estimate."""
    *_, last = sample_steps(*args, **options)
    return last.estimate


def signal(noise: NoiseSchedule, t: int) -> Tensor:
    """The share of the truth at a time, by the schedule's own definition."""
    return DDPMScheduler(1000, beta_schedule=SCHEDULES[noise.schedule]).alphas_cumprod[t]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("count", COUNTS)
def test_who_knows_the_truth_arrives_there(sampler: str, count: int, schedule: str) -> None:
    oracle = Oracle()
    noise = NoiseSchedule(schedule=schedule)
    start, *steps = sample_steps(oracle, noise, SHARED, CLASSES, SEEDS, steps=count, sampler=sampler)
    assert (start.number, start.t) == (0, 1000)
    times = [step.t for step in steps]
    assert [step.number for step in steps] == list(range(1, count + 1))
    assert times[0] == 999
    assert times == sorted(set(times), reverse=True)
    assert min(times) >= 0
    assert [t.tolist() for _, t in oracle.asked] == [[t, t] for t in times]
    for found, truth in zip(steps[-1].estimate, TRUTH, strict=True):
        torch.testing.assert_close(found, truth, atol=1e-4, rtol=0)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("count", COUNTS)
def test_the_step_after_the_last_would_be_the_clean_itself(sampler: str, count: int) -> None:
    solver = NoiseSchedule().solver(sampler, count)
    x = torch.randn(1, 9, generator=torch.Generator().manual_seed(0))
    clean = 100 * x.flip(1)
    for t in solver.timesteps.tolist():
        x = solver.step(clean, t, x, variance_noise=torch.ones(1, 9)).prev_sample
    assert torch.equal(x, clean)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("sampler", ["ddim", "dpm"])
@pytest.mark.parametrize("count", COUNTS)
def test_no_step_goes_to_a_wrong_time(sampler: str, count: int, schedule: str) -> None:
    """Towards a known truth the noise stays what it was at first: its share at each time shows which time it is."""
    noise, oracle = NoiseSchedule(schedule=schedule), Oracle()
    sample(oracle, noise, SHARED, CLASSES, SEEDS, steps=count, sampler=sampler)
    first = signal(noise, 999)
    for (noisy, _), t in zip(oracle.asked, noise.timesteps(count), strict=True):
        now = signal(noise, t)
        for x, start, truth in zip(noisy, oracle.asked[0][0], TRUTH, strict=True):
            e = (start - first.sqrt() * truth) / (1 - first).sqrt()
            torch.testing.assert_close(x, now.sqrt() * truth + (1 - now).sqrt() * e, atol=2e-3, rtol=0)


@pytest.mark.parametrize("count", [7, 50])
def test_with_fresh_noise_each_time_has_as_much_as_it_should(count: int) -> None:
    noise, many, asked = NoiseSchedule(), (100, 100), []

    def zero(noisy: Tokens, t: Tensor) -> Tokens:
        asked.append(noisy[0])
        return torch.zeros_like(noisy[0]), torch.zeros_like(noisy[1])

    sample(zero, noise, many, CLASSES, [1], steps=count, sampler="ddpm")
    for x, t in zip(asked, noise.timesteps(count), strict=True):
        assert float(x.var()) == pytest.approx(float(1 - signal(noise, t)), rel=0.1)
    assert abs(float((asked[0] * asked[-1]).mean())) < 0.1 * float(asked[-1].std())  # the first noise is gone


@pytest.mark.parametrize("sampler", ["ddim", "ddpm"])
def test_our_samplers_are_the_ones_of_that_name(sampler: str) -> None:
    """Where diffusers' own are right (steps that divide 1000, trailing, unclipped), theirs and ours are the same."""
    noise, count = NoiseSchedule(), 10
    theirs = {"ddim": DDIMScheduler, "ddpm": DDPMScheduler}[sampler](
        clip_sample=False, prediction_type="sample", timestep_spacing="trailing"
    )
    theirs.set_timesteps(count)
    ours = noise.solver(sampler, count)
    assert theirs.timesteps.tolist() == ours.timesteps.tolist()
    x = y = torch.randn(1, 50, generator=torch.Generator().manual_seed(0))
    for i, t in enumerate(ours.timesteps.tolist()):
        draw = torch.randn(1, 50, generator=torch.Generator().manual_seed(i))
        y = theirs.step(torch.tanh(y), t, y, generator=torch.Generator().manual_seed(i)).prev_sample
        x = ours.step(torch.tanh(x), t, x, variance_noise=draw).prev_sample
        torch.testing.assert_close(x, y, atol=1e-4, rtol=0)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_batch_gives_bit_for_bit_what_one_by_one_gives(sampler: str) -> None:
    mask = torch.tensor([[True, True, False, False], [True] * 4, [True, False, False, False]])
    together = sample(learner, NoiseSchedule(), SHARED, CLASSES, [5, 6, 7], mask=mask, steps=7, sampler=sampler)
    for i, count in enumerate(mask.sum(1).tolist()):
        alone = sample(learner, NoiseSchedule(), SHARED, (count, 6), [5 + i], steps=7, sampler=sampler)
        assert torch.equal(together[0][i], alone[0][0])
        assert torch.equal(together[1][i, :count], alone[1][0])
        assert not together[1][i, count:].any()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_more_class_leaves_the_noise_of_the_others(sampler: str) -> None:
    few, more = (sample(learner, NoiseSchedule(), SHARED, (k, 6), [3], steps=5, sampler=sampler) for k in (4, 5))
    assert torch.equal(few[0], more[0])
    assert torch.equal(few[1], more[1][:, :4])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_call_remembers_another(sampler: str) -> None:
    noise = NoiseSchedule()

    def ask() -> Tokens:
        return sample(learner, noise, SHARED, CLASSES, SEEDS, steps=6, sampler=sampler)

    before = ask()
    abandoned = sample_steps(learner, noise, SHARED, CLASSES, [99, 98], steps=9, sampler=sampler)
    next(abandoned)
    next(abandoned)
    torch.manual_seed(123)
    after = ask()
    assert all(torch.equal(x, y) for x, y in zip(before, after, strict=True))


def test_every_seed_draw_and_class_has_noise_of_its_own() -> None:
    rows = [row for draw in (0, 1) for row in seeded_noise([1, 2], draw, (1, 6), (3, 6))]
    rows = torch.cat([part.flatten(0, 1) for part in rows])
    assert len(torch.unique(rows, dim=0)) == len(rows) == 2 * 2 * (1 + 3)
    shared, _ = seeded_noise(range(50), 0, (20, 20), (1, 1))
    assert float(shared.mean()) == pytest.approx(0, abs=0.05)
    assert float(shared.std()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_noise_is_added_to_each_element_at_its_own_time(schedule: str) -> None:
    noise, e = NoiseSchedule(schedule=schedule), seeded_noise([3, 4], 0, SHARED, CLASSES)
    noisy = noise.add_noise(TRUTH, e, torch.tensor([0, 700]))
    for x, truth, part in zip(noisy, TRUTH, e, strict=True):
        for i, t in enumerate((0, 700)):
            share = signal(noise, t)
            torch.testing.assert_close(x[i], share.sqrt() * truth[i] + (1 - share).sqrt() * part[i])
    at_most = noise.add_noise(TRUTH, e, torch.tensor([999, 999]))
    assert (at_most[0] - e[0]).abs().max() < 0.2


def test_training_times_are_one_for_each_element() -> None:
    times = NoiseSchedule().times(20_000, torch.Generator().manual_seed(0))
    assert times.shape == (20_000,)
    assert (int(times.min()), int(times.max())) == (0, 999)
    assert len(times.unique()) == 1000


def test_what_is_sampled_can_be_trained_on() -> None:
    found = sample(learner, NoiseSchedule(), SHARED, CLASSES, SEEDS, steps=2)[0]
    weight = torch.ones((), requires_grad=True)
    (weight * found).sum().backward()
    assert weight.grad is not None
    assert torch.is_grad_enabled()


def test_what_cannot_be_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="no noise schedule 'zigzag'"):
        NoiseSchedule(schedule="zigzag")
    with pytest.raises(UserError, match="no sampler 'euler'"):
        sample(learner, NoiseSchedule(), SHARED, CLASSES, SEEDS, sampler="euler")
    with pytest.raises(UserError, match="no sampler 'euler'"):
        sample(learner, NoiseSchedule(), SHARED, CLASSES, SEEDS, sampler="euler", steps=1)
    for steps in (0, 1001):
        with pytest.raises(UserError, match=f"from 1 to 1000 steps, not {steps}"):
            sample(learner, NoiseSchedule(), SHARED, CLASSES, SEEDS, steps=steps)


def test_the_colder_the_noise_the_less_seeds_differ() -> None:
    def apart(temperature: float) -> float:
        shared, _ = sample(learner, NoiseSchedule(), SHARED, CLASSES, SEEDS, steps=5, temperature=temperature)
        return float((shared[0] - shared[1]).abs().mean())

    assert apart(0.0) == 0.0
    assert 0.0 < apart(0.3) < apart(1.0)
    oracle = Oracle()
    sample(oracle, NoiseSchedule(), SHARED, CLASSES, SEEDS, steps=1, temperature=0.25)
    torch.testing.assert_close(oracle.asked[0][0][0], 0.25 * seeded_noise(SEEDS, 0, SHARED, CLASSES)[0])

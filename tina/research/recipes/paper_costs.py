"""What the stages of a paper's recipe take: a unit of each is done here, on made-up data.

    costs = measured_costs("encoder-head", False, (("size", "S"), ...), 0, 10)
    costs.of(generic=600, classifiers=1000 * 100)       # a Cost: seconds here, and on one GPU

Where there is a GPU, its seconds are those measured. Otherwise they are computed: the operations and the arithmetic of
a unit are counted, and a GPU is taken to need GPU_START for each operation or to do GPU_SPEED, whichever is longer.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from tina import compat
from tina.blueprints import Blueprint, Tokens
from tina.blueprints.slicing import slice_rows
from tina.generator.transformer import SetTransformer, TransformerConfig
from tina.research.recipes.paper_stand import WIDTH, Stand, made_up_bank, stand_of
from tina.training.memory import keep_memory
from tina.training.schedule import TrainSchedule
from tina.training.threads import use_threads
from tina.training.zoo.bank import Bank
from tina.training.zoo.build import GENERIC
from tina.training.zoo.finetune import compute_dtype, losses_many, training_steps
from tina.worlds.pictures import open_picture, square
from tina.worlds.task import plain_task

GPU_START = 10e-6  # seconds to begin an operation; from Python that is usual, whatever the GPU
GPU_SPEED = 10e12  # operations on numbers a second: a part of what data-centre GPUs of the last years do
TOGETHER = {"cpu": 8, "cuda": 64}  # classifiers that tina.zoo trains at once
AT_ONCE = {"cpu": 4, "cuda": 20}  # pictures that a tower looks at
ROUNDS, ENOUGH = 10, 0.5  # of measuring: so many, unless they have taken so many seconds


@dataclass(frozen=True)
class Part:
    """A unit of work."""

    title: str
    here: float  # seconds
    gpu: float


@dataclass(frozen=True)
class Cost:
    """So many units of each part."""

    units: tuple[tuple[float, Part], ...]

    @property
    def here(self) -> float:
        """Seconds on this machine."""
        return sum(count * part.here for count, part in self.units)

    @property
    def gpu(self) -> float:
        """Seconds on a machine with one GPU."""
        return sum(count * part.gpu for count, part in self.units)


@dataclass(frozen=True)
class Costs:
    """What was measured."""

    parts: dict[str, Part]
    parameters: int  # of the generator

    def of(self, **units: float) -> Cost:
        """A stage, as the number of units of its parts."""
        return Cost(tuple((count, self.parts[name]) for name, count in units.items() if count))


@lru_cache
def measured_costs(kind: str, on_resnet: bool, generator: tuple, move: int, ways: int) -> Costs:
    """Measures everything but the decoding of pictures.

    Args:
        kind: the blueprint's id, without its encoder's.
        on_resnet: the tower is a ResNet-18 and not CLIP's.
        generator: options of tina.train, as pairs.
        move: augmentation of the zoo's pictures.
        ways: the most classes of a classifier.
    """
    device, options = torch.device(compat.usual_device()), dict(generator)
    keep_memory()
    if device.type == "cpu":
        use_threads(1)
    stand = stand_of(kind, on_resnet)
    bank = made_up_bank(stand.top, device)
    whole = bank if stand.whole is stand.top else made_up_bank(stand.whole, device)
    tasks = [plain_task(list(bank.places)[:ways])] * TOGETHER[device.type]
    tuning = TrainSchedule(move=move)
    generic = TrainSchedule(batch=GENERIC.batch, move=move)
    step, parameters = _generator_step(stand, bank, options, ways, device)
    parts = {
        "prompts": _looking("a picture for the encoder of prompts", stand.clip, 224, device),
        "generic": _part(
            f"a step of the generic network, {GENERIC.batch} pictures",
            _training(stand.whole, whole, [plain_task(list(whole.places))], generic),
        ),
        "classifiers": _part(
            f"a step of a classifier of the zoo, {len(tasks)} trained together",
            _training(stand.top, bank, tasks, tuning),
            share=len(tasks),
            one=_training(stand.top, bank, tasks[:1], tuning),
            at_once=TOGETHER["cuda"],
        ),
        "generator": _part("a step of the generator", step),
    }
    if stand.tower is not None:
        parts["tower"] = _looking("a picture for the frozen tower", stand.tower, stand.size, device)
    return Costs(parts, parameters)


@lru_cache
def decoding(edges: tuple[int, int], size: int) -> Part:
    """Of a picture as large as the archive's, on the CPU."""
    pixels = np.random.default_rng(0).integers(0, 255, (edges[1] // 8 + 1, edges[0] // 8 + 1, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize(edges).save(file, "JPEG", quality=90)
    seconds = _seconds(lambda: square(open_picture(file.getvalue(), "a picture"), size))
    return Part(f"a picture of {edges[0]} x {edges[1]} to decode", seconds, seconds)


def device_title() -> str:
    """What was measured on."""
    if compat.usual_device() == "cuda":
        return torch.cuda.get_device_name()
    return f"{torch.get_num_threads()} thread of this CPU"


# -- a unit of each ----------------------------------------------------------------------------------------------------
def _part(
    title: str, work: Callable[[], Any], share: int = 1, one: Callable[[], Any] | None = None, at_once: int = 1
) -> Part:
    """Timed, and counted where there is no GPU.

    Args:
        title: of the unit.
        work: does `share` units at once.
        share: as said.
        one: does one unit; by default `work`.
        at_once: units that a GPU does together.
    """
    operations = _Operations()
    with FlopCounterMode(display=False) as arithmetic, operations:
        (one or work)()  # as it is done for the first time: others are faster, and are timed
    here = _seconds(work) / share
    if compat.usual_device() == "cuda":
        return Part(title, here, here)
    gpu = max(operations.count * GPU_START / at_once, arithmetic.get_total_flops() / GPU_SPEED)
    return Part(title, here, gpu)


class _Operations(TorchDispatchMode):
    """Counts what a GPU would be asked to begin."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def _seconds(work: Callable[[], Any]) -> float:
    """The shortest of some rounds, which last half a second together."""
    seconds: list[float] = []
    while not seconds or (sum(seconds) < ENOUGH and len(seconds) < ROUNDS):
        begin = time.perf_counter()
        work()
        if compat.usual_device() == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def _training(blueprint: Blueprint, bank: Bank, tasks: list, schedule: TrainSchedule) -> Callable[[], Any]:
    """A step of training some classifiers, and the next one whenever it is called again."""
    names = list(bank.places)
    init = blueprint.init(len(names), torch.Generator().manual_seed(0))
    start = slice_rows(blueprint, {name: weight.to(bank.device) for name, weight in init.items()}, names, tasks)
    steps = training_steps(blueprint, start, tasks, bank, schedule, seed=0)
    next(steps)
    return lambda: next(steps)


def _looking(title: str, tower: nn.Module, size: int, device: torch.device) -> Part:
    """Of some pictures at once."""
    tower.to(device).eval()
    count = AT_ONCE[device.type]
    pictures = torch.zeros(count, 3, size, size, device=device)

    def look(some: Tensor) -> None:
        with torch.inference_mode():
            tower(some)

    return _part(title, lambda: look(pictures), count, lambda: look(pictures[:1]), AT_ONCE["cuda"])


def _generator_step(
    stand: Stand, bank: Bank, options: dict[str, Any], ways: int, device: torch.device
) -> tuple[Callable[[], None], int]:
    """Noise through the network, the classifiers it writes on pictures, and all the way back."""
    blueprint, tasks = stand.top, options["tasks"]
    count = options["batch"] + tasks
    config = TransformerConfig.sized(
        options["size"],
        shared=blueprint.shared_tokens,
        shared_width=blueprint.token_length,
        class_width=blueprint.class_width,
        prompt_width=WIDTH,
    )
    network = SetTransformer(config).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, fused=True)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()  # its own numbers are there from now on
    optimizer.zero_grad()
    shared = torch.randn(count, config.shared, config.shared_width, device=device)
    classes = torch.randn(count, ways, config.class_width, device=device)
    prompts = nn.functional.normalize(torch.randn(count, ways, WIDTH, device=device), dim=-1)
    mask = torch.ones(count, ways, dtype=torch.bool, device=device)
    given: tuple[Tensor, ...] = (shared, classes, torch.zeros(count, dtype=torch.long, device=device), prompts, mask)
    targets = bank.targets([plain_task(list(bank.places)[:ways])] * tasks)
    draw = torch.Generator(device).manual_seed(0)
    pictures, labels = bank.draw(targets, options["pictures"], draw, options.get("move", 0))
    fast = compute_dtype(device) == torch.bfloat16

    def step() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=fast):
            with torch.no_grad():
                network(*(part[: tasks // 2] for part in given))
            written = network(*given)
        tokens = Tokens(*(part[-tasks:].float() for part in written))
        weights = blueprint.from_tokens(tokens, prompts[-tasks:])
        loss = losses_many(blueprint, weights, pictures, labels, mask[-tasks:]).mean()
        (loss + sum(part.float().square().sum() for part in written)).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step, sum(parameter.numel() for parameter in network.parameters())

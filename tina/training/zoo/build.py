"""Builds a zoo: the generic network first, then thousands of classifiers from it, many at once.

    python -m tina.zoo --world sketchbook --blueprint cnn-5k --out runs/sketchbook/zoo --classifiers 2048
    accelerate launch -m tina.zoo ...                            # the shards are divided among the processes

Stopped and started again with the same words, it goes on where it was. The generic network trains on `train` pictures,
the classifiers on `train` and `zoo` ones; but on a frozen backbone, which may have memorised the former, on `zoo` ones
alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from tqdm.auto import tqdm

from tina.blueprints import HEAD, Blueprint, Weights, get_blueprint
from tina.blueprints.slicing import pad_rows, slice_rows
from tina.encoder.encoder import Encoder
from tina.options import number, seed, whole
from tina.storage import check_place
from tina.training.memory import keep_memory
from tina.training.resume import delete_state
from tina.training.schedule import TrainSchedule
from tina.training.threads import use_threads
from tina.training.zoo.bank import Bank, finetuning_data, pretraining_data
from tina.training.zoo.finetune import train_many
from tina.training.zoo.store import Zoo
from tina.training.zoo.tasks import zoo_tasks
from tina.training.zoo.teacher import Teacher
from tina.worlds import World, load_world
from tina.worlds.task import plain_task

GENERIC = TrainSchedule(steps=80_000, batch=128, rate=4e-3)
PASSES, FEWEST_STEPS = 160, 1_000  # over a small world's pictures, and steps all the same


@dataclass(frozen=True)
class Plan:
    world: str = "sketchbook"
    blueprint: str = "cnn-5k"
    classifiers: int = 2048
    seed: int = 0
    shard: int = 64
    sizes: tuple[int, int] | None = None  # the fewest and the most classes of a classifier, if not as usual
    teacher: str = ""  # an encoder that the generic network learns from before it does from labels
    generic: TrainSchedule = GENERIC
    tuning: TrainSchedule = field(default_factory=TrainSchedule)


def generic_steps(world: World) -> int:
    """How long the generic network is trained: 80,000 steps on a world as large as the Sketchbook, and on a smaller one
    until it has seen each picture as often. Of a world whose pictures are still to be fetched nothing is known.

    Args:
        world: its pictures are counted, and none is kept.
    """
    counts = world.counts()
    pictures = counts.get("train", 0) + counts.get("zoo", 0)
    return min(GENERIC.steps, max(FEWEST_STEPS, PASSES * pictures // GENERIC.batch)) if counts else GENERIC.steps


def train_generic(
    blueprint: Blueprint,
    bank: Bank,
    names: list[str],
    schedule: TrainSchedule,
    seed: int,
    teacher: Teacher | None = None,
    state: Path | None = None,
) -> Weights:
    """One network for all the seen classes, from nothing."""
    init = blueprint.init(len(names), torch.Generator().manual_seed(seed))
    task = plain_task(names)
    start = slice_rows(blueprint, init, names, [task])
    with tqdm(total=schedule.steps, desc="the generic network", unit=" steps", mininterval=5) as bar:

        def watch(step: int, _: Weights) -> None:
            bar.update(step - bar.n)

        stack = train_many(blueprint, start, [task], bank, schedule, seed, watch, teacher, state)
    return {name: weight[0].cpu() for name, weight in stack.items()}


def build_zoo(plan: Plan, folder: Path, together: int | None = None) -> Zoo:
    """The whole zoo, or this process's part of it; `together` classifiers are trained at once."""
    from accelerate import PartialState

    state = PartialState(cpu=not torch.cuda.is_available())
    keep_memory()
    use_threads(1)
    together = together or (8 if state.device.type == "cpu" else plan.shard)
    blueprint = get_blueprint(plan.blueprint)
    world = load_world(plan.world, blueprint.size)
    zoo = _planned(plan, world, folder) if state.is_main_process else None
    state.wait_for_everyone()
    zoo = zoo or Zoo(folder)
    if not zoo.has_generic or zoo.missing:
        if not zoo.has_generic and state.is_main_process:
            start, bank = pretraining_data(blueprint, world, world.seen, state.device)
            teacher = Teacher.of(bank, Encoder(plan.teacher, state.device)) if plan.teacher else None
            begun = folder / "generic-begun.safetensors"
            zoo.save_generic(train_generic(start, bank, world.seen, plan.generic, plan.seed, teacher, begun))
            delete_state(begun)
        state.wait_for_everyone()
        blueprint, bank = finetuning_data(zoo.blueprint(state.device), world, world.seen, state.device)
        mine = [number for number in zoo.missing if number % state.num_processes == state.process_index]
        for number in tqdm(mine, desc=f"classifiers, {plan.shard} at a time", disable=not state.is_main_process):
            zoo.save(number, _shard(plan, zoo, number, blueprint, bank, together))
    state.wait_for_everyone()
    return zoo


def _planned(plan: Plan, world: World, folder: Path) -> Zoo:
    tasks = zoo_tasks(world, plan.classifiers, plan.seed, plan.sizes)
    about = {key: value for key, value in asdict(plan).items() if key != "classifiers" and value not in ("", None)}
    about["world"] = world.id  # by which it is found from any directory
    return Zoo.plan(folder, tasks, names=world.seen, **about)


def _shard(plan: Plan, zoo: Zoo, number: int, blueprint: Blueprint, bank: Bank, together: int) -> Weights:
    """The classifiers of a shard, those of about the same size together: less padding."""
    numbers = sorted(zoo.shards[number], key=lambda n: len(zoo.tasks[n]))
    most = max(len(zoo.tasks[n]) for n in numbers)
    generic = {name: weight.to(bank.device) for name, weight in zoo.generic.items()}
    done: dict[int, Weights] = {}
    for at in range(0, len(numbers), together):
        part = numbers[at : at + together]
        tasks = [zoo.tasks[n] for n in part]
        start = slice_rows(blueprint, generic, zoo.manifest["names"], tasks)
        stack = train_many(blueprint, start, tasks, bank, plan.tuning, seed=plan.seed + 1 + part[0])
        stack |= {name: pad_rows(stack[name], most) for name in HEAD}
        done |= {n: {name: weight[i] for name, weight in stack.items()} for i, n in enumerate(part)}
    return {name: torch.stack([done[n][name] for n in zoo.shards[number]]) for name in done[numbers[0]]}


def main(argv: list[str] | None = None) -> None:
    """The program: python -m tina.zoo."""
    plan = Plan()
    top = argparse.ArgumentParser(prog="python -m tina.zoo", description=__doc__.split("\n")[0])
    top.add_argument("--world", default=plan.world)
    top.add_argument("--blueprint", default=plan.blueprint)
    top.add_argument("--out", type=Path, required=True, help="the zoo's folder")
    top.add_argument("--classifiers", type=whole("--classifiers"), default=plan.classifiers, help="0: none")
    top.add_argument("--steps", type=whole("--steps", 1), default=plan.tuning.steps, help="of fine-tuning a classifier")
    top.add_argument(
        "--rate", type=number("--rate", above=0), default=plan.tuning.rate, help="of fine-tuning a classifier"
    )
    top.add_argument(
        "--generic-steps",
        type=whole("--generic-steps", 1),
        default=0,
        help="of the generic network (default: by the number of pictures, up to 80,000)",
    )
    top.add_argument("--generic-rate", type=number("--generic-rate", above=0), default=plan.generic.rate)
    top.add_argument(
        "--move", type=whole("--move"), default=0, help="pictures are mirrored, and shifted by up to so many pixels"
    )
    top.add_argument(
        "--sharpen",
        type=number("--sharpen"),
        default=0.0,
        help="and their finest detail is made fainter or stronger, by up to e to the power of this",
    )
    top.add_argument(
        "--teacher",
        default="",
        metavar="ENCODER",
        help="an encoder that the generic network learns from first: embedded, or any open_clip model",
    )
    top.add_argument(
        "--sizes",
        nargs=2,
        type=whole("--sizes", 2),
        metavar=("FEWEST", "MOST"),
        help="classes of a classifier (default: 2 to 16, a fourth of them ten)",
    )
    top.add_argument("--seed", type=seed(), default=plan.seed)
    args = top.parse_args(argv)
    check_place(args.out, folder=True)
    shown = {"move": args.move, "sharpen": args.sharpen}
    plan = Plan(
        args.world,
        args.blueprint,
        args.classifiers,
        args.seed,
        sizes=tuple(args.sizes) if args.sizes else None,
        teacher=args.teacher,
        generic=replace(
            plan.generic,
            steps=args.generic_steps or generic_steps(load_world(args.world)),
            rate=args.generic_rate,
            **shown,
        ),
        tuning=replace(plan.tuning, steps=args.steps, rate=args.rate, **shown),
    )
    begin = time.monotonic()
    zoo = build_zoo(plan, args.out)
    size = sum(file.stat().st_size for file in args.out.glob("*"))
    seconds = time.monotonic() - begin
    print(f"{len(zoo.tasks):,} classifiers, {size / 1e6:.1f} MB, {seconds:.0f} s in this run", file=sys.stderr)

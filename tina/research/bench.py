"""How fast it is on this machine: python -m tina bench. Medians; run it on an idle machine.

warm    a prompt of ten classes to a classifier, everything loaded
cold    `python -m tina generate`, from the start of the process to the zip, with its accuracy
tower   the image tower `everyday`: milliseconds a picture, one alone and in batches, and one by timm's own network
zoo     classifiers fine-tuned a second: many at once, and one at a time as one would without this project
rows    of a checkpoint on a tower in place of that: what there is to compute beside the encoder and the tower
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from tina.blueprints import Blueprint, Weights
from tina.blueprints.slicing import slice_rows
from tina.blueprints.tower import TOGETHER as LOOKED_AT
from tina.classifier.classifier import as_array
from tina.encoder.everyday import open_tower
from tina.encoder.packaged import PACKAGES
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.prompts.parsing import parse
from tina.research.timing import median_seconds
from tina.training.memory import keep_memory
from tina.training.schedule import TrainSchedule, set_rate
from tina.training.zoo.bank import Bank, finetuning_data
from tina.training.zoo.finetune import train_many
from tina.training.zoo.tasks import draw_task, seen_families
from tina.worlds.task import Task

PROMPT = "apple, sailboat, snail, lighthouse, piano, key, owl, mug, bus, cactus"
TOGETHER, STEPS = 8, 40


def bench(checkpoint: str, rounds: int = 5) -> dict:
    keep_memory()
    tina = Tina.from_pretrained(checkpoint)
    tina.generate(PROMPT)
    warm = median_seconds(lambda: tina.generate(PROMPT), rounds)
    one_step = median_seconds(lambda: tina.generate(PROMPT, steps=1), rounds)
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "out.zip")
        command = [sys.executable, "-m", "tina", "generate", PROMPT, "--checkpoint", checkpoint, "--out", out]
        cold = median_seconds(lambda: subprocess.run(command, check=True, capture_output=True), rounds)
    of_kind = {"rows": rows_speed(tina, rounds)} if isinstance(tina, TowerTina) else {"zoo": zoo_speed(tina, rounds)}
    return {
        "checkpoint": checkpoint,
        "threads": torch.get_num_threads(),
        "rounds": rounds,
        "classes": 10,
        "warm_ms": 1000 * warm,
        "warm_one_step_ms": 1000 * one_step,
        "cold_s": cold,
        "tower": tower_speed(rounds),
        **of_kind,
    }


def tower_speed(rounds: int = 5, id: str = "everyday", batch: int = 16) -> dict:
    """Milliseconds that a packaged tower takes for a picture that is prepared already."""
    tower, plain = open_tower(id), PACKAGES[id].load()
    pictures = torch.rand(batch, 3, tower.size, tower.size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        tower(pictures[:1]), plain.forward_features(pictures[:1])
        one = 1000 * median_seconds(lambda: tower(pictures[:1]), rounds)
        batched = 1000 * median_seconds(lambda: tower(pictures), rounds) / batch
        unfolded = 1000 * median_seconds(lambda: plain.forward_features(pictures[:1]), rounds)
    speed = {"one_ms": one, "batched_ms": batched, "batch": batch, "unfolded_ms": unfolded}
    return speed | {"times": unfolded / one}


def rows_speed(tina: TowerTina, rounds: int = 5, pictures: int = 5) -> dict:
    """Of ten classes: milliseconds from names to a classifier beyond encoding the names; and how many times the tower's
    own time it takes from pictures to a classifier, and from one picture to its answer."""
    prompt, size = parse(PROMPT), tina.blueprint.size
    texts = [text for one in prompt.classes for text in one.texts]
    draw = np.random.default_rng(0)
    shown = {label: list(draw.integers(0, 256, (pictures, size, size, 3), np.uint8)) for label in prompt.labels}
    by_pictures = parse("", shown)
    every = [picture for some in shown.values() for picture in some]
    x = tina.blueprint.prepare(np.stack([as_array(picture, tina.blueprint) for picture in every]))
    tower = tina.blueprint.backbone.tower
    classifier = tina.generate(by_pictures)

    def own() -> None:
        with torch.inference_mode():
            for part in x.split(LOOKED_AT):
                tower(part)

    def alone() -> None:
        with torch.inference_mode():
            tower(x[:1])

    seconds = {
        "names": median_seconds(lambda: tina.generate(prompt), rounds),
        "texts": median_seconds(lambda: tina.encoder.encode_texts(texts), rounds),
        "pictures": median_seconds(lambda: tina.generate(by_pictures), rounds),
        "own": median_seconds(own, rounds),
        "answer": median_seconds(lambda: classifier.predict(every[0]), rounds),
        "alone": median_seconds(alone, rounds),
    }
    return {
        "names_ms": 1000 * (seconds["names"] - seconds["texts"]),
        "pictures_times": seconds["pictures"] / seconds["own"],
        "answer_times": seconds["answer"] / seconds["alone"],
    }


def zoo_speed(tina: Tina, rounds: int = 5) -> dict:
    """Fine-tuning steps a second over all classifiers; the same tasks, pictures and optimizer in both cases."""
    world = tina.world
    blueprint, bank = finetuning_data(tina.blueprint, world, world.seen, tina.device)
    rng = np.random.default_rng(0)
    tasks = [draw_task(world.seen, seen_families(world), rng, 10) for _ in range(TOGETHER)]
    generic = {name: weight.to(tina.device) for name, weight in tina.generic.state_dict().items()}
    start = slice_rows(blueprint, generic, tina.names, tasks)
    schedule = TrainSchedule(steps=STEPS)
    together = median_seconds(lambda: train_many(blueprint, start, tasks, bank, schedule, seed=0), rounds)

    def one_by_one() -> None:
        for m in range(2):
            _train_module(blueprint, {name: weight[m] for name, weight in start.items()}, tasks[m], bank, schedule)

    alone = median_seconds(one_by_one, rounds)
    per_second, per_second_alone = TOGETHER * STEPS / together, 2 * STEPS / alone
    return {"steps_a_second": per_second, "one_at_a_time": per_second_alone, "times": per_second / per_second_alone}


def _train_module(blueprint: Blueprint, start: Weights, task: Task, bank: Bank, schedule: TrainSchedule) -> None:
    """One classifier as an ordinary module in an ordinary loop."""
    module = blueprint.module(start).train().to(bank.device)
    optimizer = torch.optim.AdamW(module.parameters(), lr=schedule.rate, weight_decay=schedule.decay)
    generator, targets = torch.Generator(bank.device).manual_seed(0), bank.targets([task])
    for step in range(schedule.steps):
        set_rate(optimizer, schedule.at(step))
        pictures, labels = bank.draw(targets, schedule.batch, generator)
        loss = F.cross_entropy(module(blueprint.scale(pictures[0]).contiguous()), labels[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

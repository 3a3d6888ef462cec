"""From a folder of photographs to a Tina of its classes.

    plan = plan_for("my/pictures", Path("runs/mine"))    # looks, measures, and changes nothing
    print(plan.text())
    make(plan, print)

Stopped at any time and called again, it goes on: what the tower saw, the zoo and the transformer's training are kept as
they go. Held-out pictures (a fourth, by a hash of their content) are looked at, and learnt from by nothing.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from tina.encoder.everyday import PhotoTower, open_tower
from tina.errors import UserError
from tina.generator.tower.learnt import learnt_rows
from tina.generator.tower.tina import TowerTina
from tina.storage import check_place, load_json, save_json
from tina.training import processes
from tina.training.own.card import card
from tina.training.own.course import Course, Stage, Tell
from tina.training.own.photos import FEWEST, OwnSet, kept_features, look
from tina.training.own.plan import STAGES, Plan
from tina.training.own.rows import fit_learnt
from tina.training.own.table import measure
from tina.training.own.work import FOLDS, HOW, STATE, TABLE_TASKS, Work, words_of
from tina.training.own.zoo import SHARD, subsets, zoo_rows
from tina.training.resume import delete_state, read_progress
from tina.training.threads import use_threads
from tina.training.tower.data import TaskSource
from tina.training.tower.train import train
from tina.worlds.folder import portable
from tina.worlds.own_photos import PREFIX, list_photos

STEPS, OF_A_CLASS, MOST_STEPS = 100, 10, 400  # of training: for a world, and for each class more


def steps_for(classes: int) -> int:
    """Steps of training for a world of so many classes."""
    return min(MOST_STEPS, STEPS + OF_A_CLASS * classes)


def plan_for(
    folder: str | Path,
    out: Path,
    base: str = "everyday",
    seed: int = 0,
    steps: int | None = None,
    spoken: tuple[str, str] = ("", ""),
    threads: int | None = None,
) -> Plan:
    """Looks at what there is, and measures how long the rest takes.

    Args:
        folder: one sub-folder of pictures per class, or a zip or tar of that.
        out: the result's folder.
        base: a Tina on a tower.
        seed: of everything that is drawn.
        steps: of training; by default they follow the number of classes.
        spoken: what everything made calls folder and result, where not by their paths.
        threads: that look at pictures; by default one a core.
    """
    check_place(out, folder=True)
    path = Path(str(folder).removeprefix(PREFIX)).expanduser()
    photos, refused = list_photos(path)
    names = list(dict.fromkeys(photo.class_name for photo in photos))
    if len(names) < 2:
        raise UserError(f"{path}: a world has two classes or more, one sub-folder of pictures for each.")
    for name in names:
        if (count := sum(photo.class_name == name for photo in photos)) < FEWEST:
            raise UserError(f"{path}: the class {name!r} has {count} pictures, and it takes {FEWEST} or more.")
    plan = Plan(portable(path), out, base, photos, refused, seed, steps or steps_for(len(names)), (), spoken, threads)
    needed = sum(plan.disk.values())
    place = next(parent for parent in (out.absolute(), *out.absolute().parents) if parent.exists())
    if shutil.disk_usage(place).free < needed:
        raise UserError(f"{out}: {needed / 1e6:.0f} MB are needed, and there is less room on that disk.")
    return replace(plan, stages=tuple(_measured(plan)))


def made(out: Path) -> dict[str, Any]:
    """What a finished folder says of how it was made; nothing where none is finished there."""
    file = out / "recipe.json"
    return load_json(file) if file.is_file() and (out / "model.safetensors").is_file() else {}


def make(plan: Plan, tell: Tell) -> Path:
    """Do what the plan says.

    Args:
        plan: from `plan_for`.
        tell: is told how far it is; may raise to stop it, and it can be gone on with.

    Returns:
        The folder of the checkpoint.
    """
    processes.begin()
    base, out = open_base(plan.base), plan.out
    about = {"pictures": plan.digest, "seed": plan.seed, "steps": plan.steps, "base": base.hash}
    before = made(out)
    if before and {key: before.get(key) for key in about} != about:
        raise UserError(f"{out} holds a Tina of other pictures or settings: take another folder, or delete it.")
    if before:
        processes.end()
        return out
    out.mkdir(parents=True, exist_ok=True)
    course = Course(plan.stages, tell if processes.is_main() else lambda state: None)
    course.begin(0)
    use_threads(plan.threads)
    data, broken = look(plan.photos, _tower(base), out, course.advance)
    use_threads(1)
    work = Work(plan, base, data)
    course.begin(1)
    work.fit(course.advance)
    course.begin(2)
    added = work.build_zoo(about, course.advance)
    course.begin(3)
    work.train(added, course.advance)
    course.begin(4)
    if processes.is_main():
        table = work.table(course.advance)
        work.tina.save_pretrained(out)
        save_json(table | {"command": plan.command}, out / "table.json")
        save_json({"command": plan.command} | about, out / "recipe.json")
        (out / "README.md").write_text(card(work.tina, plan, data, table, len(plan.refused) + len(broken)), "utf-8")
        delete_state(out / STATE)
    processes.end()
    return out


def open_base(name: str) -> TowerTina:
    """The Tina that it begins with."""
    from tina.generator.tina import Tina

    base = Tina.from_pretrained(name)
    if not isinstance(base, TowerTina):
        raise UserError(f"{name} stands on no image tower: begin with `everyday`, or with one that `adopt` made.")
    return base


def _tower(base: TowerTina) -> PhotoTower:
    return open_tower(base.tower_id)


def _measured(plan: Plan) -> list[Stage]:
    """What is still to do, and the seconds that a unit of it takes here: each is tried once, on made-up features."""
    base = open_base(plan.base)
    tower = _tower(base)
    here = kept_features(plan.out, tower)
    missing = sum(photo.digest not in here for photo in plan.photos)
    use_threads(plan.threads)
    blank = torch.zeros(8, 3, tower.size, tower.size)
    with torch.inference_mode():
        tower(blank[:1])
        picture = _seconds(lambda: tower(blank)) / 8 * 1.25  # and a fourth for reading it
    use_threads(1)
    kept, held_out = subsets(len(plan.names), plan.seed)
    count = {name: [p.split != "test" for p in plan.photos if p.class_name == name] for name in plan.names}
    labels = torch.cat([torch.full((2 * len(of),), k) for k, of in enumerate(count.values())])
    draw = torch.Generator().manual_seed(0)
    data = OwnSet(
        tuple(plan.names),
        labels,
        torch.arange(len(labels)) % 2 == 0,
        torch.randn(len(labels), base.features.width, generator=draw),
        torch.rand(len(labels), base.features.width, generator=draw),
    )
    work = Work(plan, base, data)
    z, settings = work.z, base.settings
    closed = 10 * _seconds(lambda: fit_learnt(z, work.labels, len(plan.names), settings, 5))
    one = _seconds(lambda: zoo_rows(kept[0], z, work.labels, work.learnt.rows, settings))
    work.sources = [_made_up(work, data)]
    tasks, step = work.tasks([torch.zeros(len(subset), z.shape[1]) for subset in kept]), 0.0
    if tasks is not None:

        def some_steps(count: int) -> None:
            train(work.tina, [], [], 0, HOW, 0, count, lambda share: None, tasks)

        some_steps(1)
        step = _seconds(lambda: some_steps(4)) / 4
    tasks_of_table = (held_out or kept)[:TABLE_TASKS]
    table = _seconds(lambda: measure(work.tina, base, data, tasks_of_table[:1], 0)) / 2
    ready = len(list((plan.out / "zoo").glob("shard-*"))) * SHARD
    done = read_progress(plan.out / STATE).step
    units = (
        missing,
        1 + FOLDS,
        max(0, len(kept) - ready),
        max(0, plan.steps - done) if tasks else 0,
        len(tasks_of_table) + 1,
    )
    return [Stage(*stage) for stage in zip(STAGES, units, (picture, closed, one, step, table), strict=True)]


def _made_up(work: Work, data: OwnSet) -> TaskSource:
    of_class = [(work.labels == k).nonzero()[:, 0] for k in range(len(data.names))]
    said = learnt_rows(words_of(work.base, data.names), work.learnt.rows)
    return TaskSource("", "", work.z, work.u, of_class, said, True, work.learnt.means + 1e-3)


def _seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin

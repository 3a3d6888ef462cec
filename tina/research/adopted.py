"""What adopting an encoder gives, beside what it can do by itself: the nearest name, and the nearest mean of pictures.

    TINA_DATA=FOLDER python -m tina.research.adopted runs/better-eyes --sets caltech photo art cartoon

Ten classes at a time, the tasks of tina/research/judge/photo_tasks.py. The encoder by itself is the cosine with the
names' vectors, or with the shown pictures' mean; nothing else of these pictures is known to either side.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tina.encoder.everyday import everyday_square, open_tower
from tina.generator.tina import Tina
from tina.generator.tower.tina import TowerTina
from tina.options import whole
from tina.research.judge.calibration import calibration_error
from tina.research.judge.photo_features import Features
from tina.research.judge.photo_rivals import PhotoBench, Words
from tina.research.judge.photo_tasks import Shots, Task, draw
from tina.research.judge.photo_tina import as_shown, prior_alone

PROMPTS = {  # title: (named, pictures of a class)
    "names": (True, 0),
    "1 picture": (False, 1),
    "5 pictures": (False, 5),
    "name + 1 picture": (True, 1),
    "name + 5 pictures": (True, 5),
}
METHODS = ("encoder", "prior alone", "tina")


@torch.no_grad()
def measure(tina: TowerTina, sets: Sequence[str], tasks: int) -> dict[str, dict[str, dict[str, list[Tensor]]]]:
    """Set -> prompt -> method -> of every task's pictures whether the answer is right, and how sure it is: (2, T)."""
    tower = open_tower(tina.tower_id)
    nothing = torch.zeros(0, tower.width)  # it has no last layer
    words = Words(tina.encoder.encode_texts_cached, nothing, nothing[:, 0])
    bench = PhotoBench(tower, partial(everyday_square, size=tower.size), words)
    found: dict[str, dict[str, dict[str, list[Tensor]]]] = {}
    for id in sets:
        photos, features = bench.load(id)
        names = list(photos.names.values())
        rows: dict[str, dict[str, list[Tensor]]] = {title: {name: [] for name in METHODS} for title in PROMPTS}
        for number in range(tasks):
            task = draw(photos, "10", number)
            for title, (named, count) in PROMPTS.items():
                logits = _logits(tina, bench, features, names, task, named, count)
                for name, answer in zip(METHODS, logits, strict=True):
                    sure, said = answer.softmax(1).max(1)
                    rows[title][name].append(torch.stack([(said == task.labels).float(), sure]))
        found[id] = rows
    return found


def _logits(
    tina: TowerTina, bench: PhotoBench, features: Features, names: list[str], task: Task, named: bool, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """T x K of each method: the encoder adds up cosines with a name and with a mean of pictures."""
    texts = [names[k] for k in task.classes] if named else None
    shots = Shots(texts, features.at(task.shown[:, :count]), features.at(task.tested))
    rows = torch.zeros(len(task.classes), shots.tested.f.shape[1])
    if count:
        rows = F.normalize(shots.shown.f.mean(1), dim=1)
    if texts:
        rows = rows + bench.encode(texts)
    prompt, x = as_shown(tina, bench, shots), tina.features(shots.tested.f, shots.tested.g)
    prior, both = (
        tina.top.forward_many(weights, x)[0] for weights in (prior_alone(tina, prompt), tina.write(prompt, [0]))
    )
    return shots.tested.f @ rows.T, prior, both


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tina.research.adopted", description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--sets", nargs="+", default=["caltech", "photo", "art", "cartoon"], help="of photo_sets.py")
    parser.add_argument("--tasks", type=whole("--tasks", 1), default=40, help="of each set")
    args = parser.parse_args(arguments)
    tina: Any = Tina.from_pretrained(args.checkpoint)
    found = measure(tina, args.sets, args.tasks)
    print(
        "| set | prompt | "
        + " | ".join(METHODS)
        + " | its calibration error |\n|---|---|"
        + "---|" * (len(METHODS) + 1)
    )
    for id, rows in found.items():
        for title, of in rows.items():
            accuracy = [100 * np.array([float(task[0].mean()) for task in tasks]) for tasks in of.values()]
            cells = (f"{v.mean():.1f} ± {1.96 * v.std(ddof=1) / len(v) ** 0.5:.1f}" for v in accuracy)
            print(f"| {id} | {title} | {' | '.join(cells)} | {_error(of['tina']):.1f} |")
    for title in PROMPTS:
        of_all = {
            name: np.array([float(t[0].mean()) for r in found.values() for t in r[title][name]]) for name in METHODS
        }
        gain = 100 * (of_all["tina"] - of_all["prior alone"])
        error = np.mean([_error(rows[title]["tina"]) for rows in found.values()])
        cells = (f"{100 * of_all[name].mean():.1f}" for name in METHODS)
        print(f"| all | {title} | {' | '.join(cells)} | {error:.1f} |")
        print(f"  what the transformer adds: {gain.mean():+.2f} ± {1.96 * gain.std(ddof=1) / len(gain) ** 0.5:.2f}")


def _error(answers: Sequence[Tensor]) -> float:
    """Expected calibration error in points, of tasks' (2, T): whether each answer is right, and how sure it is."""
    right, sure = torch.cat(list(answers), 1)
    return 100 * calibration_error(sure, right)


if __name__ == "__main__":
    main()

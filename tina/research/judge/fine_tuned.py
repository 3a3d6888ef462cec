"""Really fine-tuned for the task, from the generic network: what a classifier that is written has to be measured by.

Classes that the generic network does not know start with rows of zeros and learn from their own training pictures,
which nothing else here may look at.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from tina.blueprints import HEAD, Blueprint, Weights
from tina.blueprints.heads import Heads, NetworkHeads
from tina.blueprints.network import Network
from tina.blueprints.residual import Residual
from tina.research.judge.of_generic import untaught
from tina.research.judge.workbench import Bench
from tina.training.zoo.bank import Bank, finetuning_data
from tina.training.zoo.finetune import Schedule, slice_rows, train_many
from tina.worlds.task import Task, members

TUNING = Schedule(steps=2000, batch=32, rate=1e-2)  # longer gains next to nothing
OF_PHOTOS = Schedule(steps=2000, batch=32, rate=3e-3, move=2, sharpen=1.0)  # as its generic network was trained
OF_ROWS = Schedule(steps=100, batch=32, rate=1e-3)  # on a backbone; longer, they learn their few pictures by heart


def tuning_of(blueprint: Blueprint) -> Schedule:
    """What is best for classifiers of a kind, judged by pictures of seen classes that they were not trained on."""
    if isinstance(blueprint, Heads):
        return OF_ROWS
    return OF_PHOTOS if isinstance(blueprint, Residual) else TUNING


def tuned(
    bench: Bench,
    tasks: Sequence[Task],
    schedule: Schedule | None = None,
    together: int = 8,
    generic: Weights | None = None,
) -> Weights:
    """All that is generated: the whole network, or rows where only these are; from the checkpoint's generic network, or
    from another one."""
    schedule = schedule or tuning_of(bench.tina.blueprint)
    blueprint, bank = finetuning_data(bench.tina.blueprint, bench.world, members(tasks), bench.tina.device)
    return _tuned(bench, blueprint, bank, tasks, schedule, together, generic or bench.generic)


def tuned_untaught(bench: Bench, tasks: Sequence[Task], schedule: Schedule | None = None) -> Weights:
    return tuned(bench, tasks, schedule, generic=untaught(bench))


def tuned_head(bench: Bench, tasks: Sequence[Task], schedule: Schedule | None = None, together: int = 8) -> Weights:
    """Rows alone, on the generic network as it is. They are shown the same pictures as the whole network is, which is
    fair to rows on a network so small that it has learnt no picture by heart."""
    whole = bench.tina.blueprint
    if not isinstance(whole, Network):  # there is nothing but rows
        return tuned(bench, tasks, schedule, together)
    heads = NetworkHeads(whole.id, whole).on(bench.tina.generic)
    bank = Bank(bench.world, members(tasks), ("train", "zoo"), bench.tina.device).seen_by(heads)
    rows = _tuned(bench, heads.top, bank, tasks, schedule or TUNING, together, bench.generic)
    return {name: bench.generic[name].expand(len(tasks), *shape) for name, shape in whole.shapes.items()} | rows


def _tuned(
    bench: Bench,
    blueprint: Blueprint,
    bank: Bank,
    tasks: Sequence[Task],
    schedule: Schedule,
    together: int,
    generic: Weights,
) -> Weights:
    parts = []
    for at in range(0, len(tasks), together):
        part = list(tasks[at : at + together])
        start = slice_rows(blueprint, generic, bench.tina.names, part)
        parts.append(train_many(blueprint, start, part, bank, schedule, seed=bench.seed + at))
    ways = max(map(len, tasks))
    for part in parts:
        for name in HEAD:
            missing = ways - part[name].shape[1]
            part[name] = F.pad(part[name], (0, 0, 0, missing) if part[name].ndim == 3 else (0, missing))
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}

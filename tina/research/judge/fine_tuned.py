"""Really fine-tuned for the task, from the generic network: what a classifier that is written has to be measured by.

Classes that the generic network does not know start with rows of zeros and learn from their own training pictures,
which nothing else here may look at.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from tina.blueprints import HEAD, Blueprint, Weights
from tina.blueprints.heads import NetworkHeads
from tina.blueprints.network import Network
from tina.blueprints.slicing import slice_rows
from tina.research.judge.of_generic import label_only_network
from tina.research.judge.workbench import Workbench
from tina.training.schedule import TrainSchedule
from tina.training.zoo.bank import Bank, finetuning_data
from tina.training.zoo.finetune import NETWORKS, finetune_schedule, train_many
from tina.worlds.task import Task, members


def tuned(
    bench: Workbench,
    tasks: Sequence[Task],
    schedule: TrainSchedule | None = None,
    together: int = 8,
    generic: Weights | None = None,
) -> Weights:
    """All that is generated: the whole network, or rows where only these are; from the checkpoint's generic network, or
    from another one."""
    schedule = schedule or finetune_schedule(bench.tina.blueprint)
    blueprint, bank = finetuning_data(bench.tina.blueprint, bench.world, members(tasks), bench.tina.device)
    return _tuned(bench, blueprint, bank, tasks, schedule, together, generic or bench.generic)


def tuned_label_only(bench: Workbench, tasks: Sequence[Task], schedule: TrainSchedule | None = None) -> Weights:
    return tuned(bench, tasks, schedule, generic=label_only_network(bench))


def tuned_head(
    bench: Workbench, tasks: Sequence[Task], schedule: TrainSchedule | None = None, together: int = 8
) -> Weights:
    """Rows alone, on the generic network as it is, trained on the same pictures as the whole network: which is fair to
    rows on a network so small that it has memorised no picture."""
    whole = bench.tina.blueprint
    if not isinstance(whole, Network):  # there is nothing but rows
        return tuned(bench, tasks, schedule, together)
    heads = NetworkHeads(whole.id, whole).on(bench.tina.generic)
    bank = Bank(bench.world, members(tasks), ("train", "zoo"), bench.tina.device).features_of(heads)
    rows = _tuned(bench, heads.top, bank, tasks, schedule or NETWORKS, together, bench.generic)
    return {name: bench.generic[name].expand(len(tasks), *shape) for name, shape in whole.shapes.items()} | rows


def _tuned(
    bench: Workbench,
    blueprint: Blueprint,
    bank: Bank,
    tasks: Sequence[Task],
    schedule: TrainSchedule,
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

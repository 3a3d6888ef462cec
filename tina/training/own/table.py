"""How good a Tina of one's own classes is on held-out pictures, beside what else one could do with the same pictures.

Every method gets the same tasks: sets of classes that no classifier of the zoo has, and all classes at once.

    tina        by name
    prior       the same without what the transformer writes: closed form
    shown       the Tina that it was made from, shown 16 training pictures of each class, with their names
    named       that Tina by name alone
    trained     logistic regression on the tower's features of all training pictures, for each task anew, as Teachable
                Machine does it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tina.classifier.score import wilson
from tina.generator.tower.learnt import learnt_rows
from tina.generator.tower.reading import read
from tina.generator.tower.tina import TowerTina
from tina.training.own.photos import OwnSet
from tina.training.own.zoo import Subset
from tina.training.tower.tasks import by_name

SHOWN = 16
METHODS = {
    "tina": "Tina, by name",
    "prior": "closed form alone, by name",
    "shown": f"{{base}}, shown {SHOWN} pictures a class",
    "trained": "logistic regression on all pictures, for each task (Teachable Machine’s way)",
    "named": "{base}, by name",
}
SPLITS = {"tasks": "some of the classes", "all": "all classes at once"}


def measure(
    tina: TowerTina,
    base: TowerTina,
    data: OwnSet,
    tasks: Sequence[Subset],
    seed: int,
    tell: Callable[[int], None] = lambda units: None,
) -> dict[str, Any]:
    """The table.

    Args:
        tina: who is measured.
        base: whom she was made from.
        data: her classes' pictures.
        tasks: sets of classes.
        seed: of the pictures that are shown.
        tell: is told of every task that is done.
    """
    bench = Bench(tina, base, data, seed)
    right: dict[str, list[Tensor]] = {name: [] for name in METHODS}
    for task in [*tasks, tuple(range(len(data.names)))]:
        for method, found in bench.run(task).items():
            right[method].append(found)
        tell(1)
    rows: list[dict[str, Any]] = []
    for method, answers in right.items():
        shares = [float(one.mean()) for one in answers[:-1]]
        if shares:
            mean = sum(shares) / len(shares)
            spread = (sum((s - mean) ** 2 for s in shares) / max(1, len(shares) - 1)) ** 0.5
            half = 1.96 * spread / len(shares) ** 0.5
            interval = [max(0.0, mean - half), min(1.0, mean + half)]
            rows.append(
                {"method": method, "split": "tasks", "accuracy": mean, "interval": interval} | {"tasks": len(shares)}
            )
        last = answers[-1]
        interval = list(wilson(int(last.sum()), len(last)))
        rows.append(
            {"method": method, "split": "all", "accuracy": float(last.mean()), "interval": interval}
            | {"tasks": 1, "pictures": len(last)}
        )
    base_name = "everyday" if base.folder is None else base.folder.name
    titles = {"methods": {id: title.format(base=base_name) for id, title in METHODS.items()}, "splits": SPLITS}
    return {"rows": rows, "titles": titles, "seed": seed}


class Bench:
    """Features, words and every method."""

    def __init__(self, tina: TowerTina, base: TowerTina, data: OwnSet, seed: int):
        self.tina, self.base, self.data = tina, base, data
        self.features = tina.features(data.whole, data.middle)
        self.plain = data.whole - data.whole[~data.tested].mean(0)
        self.plain = self.plain / self.plain[~data.tested].std()
        names = list(data.names)
        self.said = base.words([[name] for name in names], base.encoder.encode_texts(names).split(1))
        assert tina.learnt is not None
        self.learnt_said, self.means = learnt_rows(self.said, tina.learnt.rows), tina.learnt.means
        draw = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(data.labels), generator=draw)
        order = order[~data.tested[order]]
        self.learnt = [order[data.labels[order] == k] for k in range(len(data.names))]

    @torch.no_grad()
    def run(self, task: Subset) -> dict[str, Tensor]:
        """Of each method, whether it is right about each held-out picture of the task's classes."""
        data = self.data
        at = torch.cat([(data.tested & (data.labels == k)).nonzero()[:, 0] for k in task])
        number = {k: i for i, k in enumerate(task)}
        labels = torch.tensor([number[int(k)] for k in data.labels[at]])
        width = self.tina.features.width
        own, named = by_name(self.learnt_said, task, self.means), by_name(self.said, task)
        most = max(min(SHOWN, len(self.learnt[k])) for k in task)
        pictures = torch.zeros(1, len(task), most, width)
        flags = torch.zeros(1, len(task), most, dtype=torch.bool)
        for i, k in enumerate(task):
            some = self.learnt[k][:SHOWN]
            pictures[0, i, : len(some)], flags[0, i, : len(some)] = self.features[some, :width], True
        shown = replace(named, pictures=pictures, shown=flags)
        nothing = torch.zeros(1, len(task), self.tina.network.config.class_width)
        found = {
            "tina": self._logits(self.tina, self.tina.write(own, [0]), at),
            "prior": self._logits(
                self.tina, self.tina.assemble_weights(nothing, own, read(own, self.tina.settings)), at
            ),
            "shown": self._logits(self.base, self.base.write(shown, [0]), at),
            "trained": self._trained(task, at),
            "named": self._logits(self.base, self.base.write(named, [0]), at),
        }
        return {method: (logits.argmax(1) == labels).float() for method, logits in found.items()}

    def _logits(self, tina: TowerTina, weights: dict[str, Tensor], at: Tensor) -> Tensor:
        return tina.top.forward_many(weights, self.features[at][None])[0]

    def _trained(self, task: Subset, at: Tensor) -> Tensor:
        some = [self.learnt[k] for k in task]
        labels = torch.repeat_interleave(torch.arange(len(task)), torch.tensor([len(one) for one in some]))
        weight, bias = logistic(self.plain[torch.cat(some)], labels, len(task))
        return self.plain[at] @ weight.mT + bias


@torch.enable_grad()
def logistic(x: Tensor, labels: Tensor, ways: int, decay: float = 1e-3, rounds: int = 60) -> tuple[Tensor, Tensor]:
    """Weights (K, F) and biases (K,) of a regression from zero."""
    weight = torch.zeros(ways, x.shape[1], requires_grad=True)
    bias = torch.zeros(ways, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=rounds, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = F.cross_entropy(x @ weight.mT + bias, labels) + decay * weight.square().sum()
        found.backward()
        return found

    optimizer.step(loss)
    return weight.detach(), bias.detach()


def markdown(table: dict[str, Any]) -> str:
    """The table as text: percent right, with 95% intervals."""
    cells = {(row["method"], row["split"]): row for row in table["rows"]}
    splits = [split for split in SPLITS if ("tina", split) in cells]
    lines = ["| | " + " | ".join(SPLITS[split] for split in splits) + " |", "|---" * (len(splits) + 1) + "|"]
    for method, title in table["titles"]["methods"].items():
        found = [cells[method, split] for split in splits]
        shown = [
            f"{100 * r['accuracy']:.1f} ({100 * r['interval'][0]:.0f}-{100 * r['interval'][1]:.0f})" for r in found
        ]
        lines.append(f"| {title} | " + " | ".join(shown) + " |")
    return "\n".join(lines)

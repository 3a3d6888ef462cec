"""The stages of making a Tina of one's own photographs, on pictures that the tower has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from tina.generator.tower.learnt import LearntClasses, learnt_rows
from tina.generator.tower.reading import read
from tina.generator.tower.tina import TowerTina
from tina.generator.tower.words import Said
from tina.training import processes
from tina.training.own.photos import OwnSet
from tina.training.own.plan import Plan
from tina.training.own.rows import fit_learnt, fit_sureness, folds_of
from tina.training.own.table import measure
from tina.training.own.zoo import Subset, ZooTasks, begun, build, rows_of, subsets, zoo_rows
from tina.training.resume import read_progress
from tina.training.tower.data import TaskSource
from tina.training.tower.tasks import by_name
from tina.training.tower.train import TowerTraining, logits_of, train

FOLDS = 3  # closed form is fitted without each of them, for the transformer to learn what is missing
HOW = TowerTraining(rate=3e-4, small=0.3, denoising=0.2)
SURE_TASKS = 40  # tasks that the temperature is fitted on
LOUDNESS = (0.0, 0.25, 0.5, 1.0)  # of what the transformer writes for learnt names: by the last fold's cross-entropy,
LITTLE = 0.03  # of which so much is no reason to be louder
TABLE_TASKS = 30
STATE = "training.safetensors"


class Work:
    """What is made, stage by stage."""

    def __init__(self, plan: Plan, base: TowerTina, data: OwnSet):
        self.plan, self.base, self.data = plan, base, data
        torch.manual_seed(plan.seed)
        config = base.config() | {"world": plan.named, "learnt": list(data.names)}
        config.pop("kind")
        self.tina = TowerTina(**config)
        state = {name: tensor for name, tensor in base.state_dict().items() if not name.startswith("learnt.")}
        self.tina.load_state_dict(state, strict=False)
        self.learnt: LearntClasses = self.tina.learnt  # type: ignore[assignment]
        known = ~data.tested
        self.z, self.u = base.features(data.whole[known], data.middle[known]).chunk(2, dim=1)
        self.labels = data.labels[known]
        self.kept, self.held_out = subsets(len(data.names), plan.seed)
        self.sources: list[TaskSource] = []

    def fit(self, tell: Callable[[int], None]) -> None:
        """Closed form: of all training pictures, and without each third of them."""
        classes = len(self.data.names)
        rows, means = fit_learnt(self.z, self.labels, classes, self.tina.settings)
        self.learnt.rows.copy_(rows)
        self.learnt.means.copy_(means)
        tell(1)
        said, fold = words_of(self.base, self.data.names), folds_of(self.labels, FOLDS)
        for number in range(FOLDS):
            inside = fold == number
            rows, means = fit_learnt(self.z[~inside], self.labels[~inside], classes, self.tina.settings)
            of_class = [(self.labels[inside] == k).nonzero()[:, 0] for k in range(classes)]
            z, u = self.z[inside], self.u[inside]
            self.sources.append(
                TaskSource(f"fold {number}", str(number), z, u, of_class, learnt_rows(said, rows), True, means)
            )
            tell(1)

    def build_zoo(self, about: dict[str, Any], tell: Callable[[int], None]) -> list[Tensor]:
        """What each of the zoo's classifiers added to closed form."""
        settings = self.tina.settings

        def one(subset: Subset) -> tuple[Tensor, Tensor]:
            return zoo_rows(subset, self.z, self.labels, self.learnt.rows, settings)

        place, tower = self.plan.out / "zoo", self.tina.tower_id
        named = {"world": self.plan.world} | about
        zoo = build(place, self.data.names, self.kept, one, settings.heat, tower, named, tell)
        pairs = zip(rows_of(zoo), self.kept, strict=True)
        return [rows - begun(self.learnt.rows, subset) for rows, subset in pairs]

    def train(self, added: list[Tensor], tell: Callable[[int], None]) -> None:
        """The transformer, on all folds but the last; by that, how loud it is and how sure classifiers are."""
        if tasks := self.tasks(added):
            self._train(tasks, tell)
        else:  # so few pictures that the transformer would only learn them by heart
            self.learnt.loudness.fill_(0.0)
        heat, found = self.tina.settings.heat, {}
        for loudness in LOUDNESS if tasks else (0.0,):
            self.learnt.loudness.fill_(loudness)
            found[loudness] = fit_sureness(self.learnt, self._answers(), heat)
        best = min(found.values())
        self.learnt.loudness.fill_(next(one for one in found if found[one] <= (1 + LITTLE) * best))
        fit_sureness(self.learnt, self._answers(), heat)

    def tasks(self, added: Sequence[Tensor]) -> ZooTasks | None:
        """What the transformer is trained on; None where classes have too few pictures for that."""
        together = max(HOW.together, processes.count())
        found = ZooTasks(self.sources[: max(1, FOLDS - 1)], self.kept, added, self.plan.seed, together)
        return found if found.possible else None

    def _train(self, tasks: ZooTasks, tell: Callable[[int], None]) -> None:
        keep = self.plan.out / STATE
        done = read_progress(keep).step

        def progress(share: float) -> None:
            nonlocal done
            now = round(share * self.plan.steps)
            tell(now - done)
            done = now

        train(self.tina, [], [], 0, HOW, self.plan.seed, self.plan.steps, progress, tasks, keep)

    @torch.no_grad()
    def _answers(self) -> list[tuple[Tensor, Tensor]]:
        """Logits and labels of tasks by name, of pictures that neither closed form nor the transformer has seen."""
        source, answers = self.sources[-1], []
        for subset in self.kept[:SURE_TASKS]:
            at = [source.of_class[k] for k in subset]
            shown = by_name(source.said, subset, source.remembered)
            reading = read(shown, self.tina.settings)
            written = self.tina.denoise(shown, reading, [self.plan.seed], self.tina.usual_sampling)
            rows = self.tina.add_difference(written, shown, reading)
            tested = torch.cat(at)
            z, u = source.z[tested][None], source.u[tested][None]
            labels = torch.repeat_interleave(torch.arange(len(at)), torch.tensor([len(of) for of in at]))
            answers.append((logits_of(self.tina, rows, reading, shown.pictured, (z, u))[0], labels))
        return answers

    def table(self, tell: Callable[[int], None]) -> dict[str, Any]:
        """On held-out pictures."""
        tasks = (self.held_out or self.kept)[:TABLE_TASKS]
        found = measure(self.tina.eval(), self.base, self.data, tasks, self.plan.seed, tell)
        return found | {"held_out_tasks": bool(self.held_out)}


def words_of(base: TowerTina, names: tuple[str, ...]) -> Said:
    """What the names say to the Tina that it begins with, (C, ...)."""
    return base.words([[name] for name in names], base.encoder.encode_texts(list(names)).split(1))

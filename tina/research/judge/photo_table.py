"""The table of the everyday tower: every rival on sets of photographs that nothing it uses has learnt from.

    python -m tina table everyday

Rivals' settings are chosen on the nine sets less the group of the set that is reported (other tasks, the same prompts
and number of classes), and what they learn comes from other groups, too. A table that was interrupted goes on where it
was.

A row has the accuracy with its 95% interval over tasks (the set is fixed), every task's accuracy for comparisons task
by task, the expected calibration error over all answers, and two AUROC of the largest logit: against pictures of the
set's other classes, and of sets of other groups. Of rivals that say so, it has which shares of the classes' pictures
and of these two are said to be of none of the classes.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tina.errors import UserError
from tina.research.judge.calibration import auroc, best_heat, calibration_error
from tina.research.judge.intervals import format_row, rounded, summarise
from tina.research.judge.photo_features import Features
from tina.research.judge.photo_rivals import RIVALS, LeftOut, PhotoBench, PhotoMethod, Rival, Setting
from tina.research.judge.photo_sets import NINE, SETS, PhotoSet
from tina.research.judge.photo_tasks import (
    COUNT,
    PROMPTS,
    WAYS,
    Prompt,
    Shots,
    Task,
    draw,
    has,
    texts_of,
    ways_of,
)
from tina.storage import load_json, save_json

FORMAT = 1
CHOICE = {"10": 20, "half": 20, "all": 2}  # tasks of a set that settings are chosen by
CHOICE_SEED = 10_000  # beside the seed of the tasks that are reported
FAR = 12  # pictures of each set of another group


def measure(
    bench: PhotoBench,
    rivals: Mapping[str, Rival] = RIVALS,
    sets: Sequence[str] = SETS,
    prompts: Sequence[str] = tuple(PROMPTS),
    ways: Sequence[str] = ("10",),
    count: int = COUNT,
    seed: int = 0,
    out: Path | None = None,
) -> dict[str, Any]:
    """A row for every rival, set, prompt and number of classes that makes sense, written to `out` as rows come.

    sets: ids of photo_sets, or folder:PATH.
    prompts: keys of PROMPTS; ways: keys of WAYS.
    count: tasks of each set; a tenth of it, at least two, with all classes.
    """
    for kind, named, known in (("prompt", prompts, PROMPTS), ("number of classes", ways, WAYS)):
        if wrong := [name for name in named if name not in known]:
            raise UserError(f"There is no {kind} {wrong[0]!r}: it is one of {', '.join(known)}.")
    judge = _Judge(bench, rivals, seed)
    loaded = {id: bench.load(id)[0] for id in sets}
    table: dict[str, Any] = {"format": FORMAT, "tower": bench.tower.hash, "seed": seed}
    about = {id: _about(photos) for id, photos in loaded.items()}
    earlier = _earlier(out, table, about, rivals)
    table |= {"sets": earlier["sets"] | about}
    table |= {"titles": earlier["titles"] | {name: rival.title for name, rival in rivals.items()}}
    rows: list[dict[str, Any]] = earlier["rows"]
    for of_ways in ways:
        for id, photos in loaded.items():
            if of_ways == "all" and ways_of(photos, "all") == ways_of(photos, "10"):
                continue  # measured as "10"
            tasks = (max(2, count // 10) if of_ways == "all" else count) * photos.times
            for name, prompt in ((name, PROMPTS[name]) for name in prompts if has(photos, PROMPTS[name])):
                for method, rival in rivals.items():
                    key = {"method": method, "set": id, "ways": of_ways, "prompt": name}
                    if not _takes(rival, prompt, photos) or _is_measured(rows, key, tasks):
                        continue
                    begin = time.monotonic()
                    row = key | judge.row(method, photos, of_ways, prompt, tasks)
                    row |= {"version": rival.version} if rival.version else {}
                    rows[:] = [r for r in rows if any(r[k] != v for k, v in key.items())] + [row]
                    line = f"{of_ways:4} {id:16} {name:18} {method:14} {format_row(row)}"
                    print(f"{line}  {time.monotonic() - begin:.1f} s", file=sys.stderr)
                if out:
                    save_json(rounded(table | {"rows": rows}), out, separators=(",", ":"))
    return table | {"rows": rows}


def _about(photos: PhotoSet) -> dict[str, Any]:
    ways = {name: ways_of(photos, name) for name in WAYS}
    return {"title": photos.title, "group": photos.group, "ways": ways, "pictures": len(photos.pictures)}


def _earlier(out: Path | None, table: dict, about: dict, rivals: Mapping[str, Rival]) -> dict[str, Any]:
    """What an earlier run of the same table had done: rows whose set and rival are as they were."""
    nothing: dict[str, Any] = {"sets": {}, "titles": {}, "rows": []}
    if out is None or not out.is_file():
        return nothing
    before = load_json(out)
    if any(before.get(key) != value for key, value in table.items()):
        return nothing
    changed = {id for id in about if before["sets"].get(id, about[id]) != about[id]}
    old = {name for name, rival in rivals.items()}
    rows = [
        row
        for row in before["rows"]
        if row["set"] not in changed
        and (row["method"] not in old or row.get("version", "") == rivals[row["method"]].version)
    ]
    return before | {"rows": rows}


def _takes(rival: Rival, prompt: Prompt, photos: PhotoSet) -> bool:
    kind = "both" if prompt.texts and prompt.shots else "words" if prompt.texts else "pictures"
    if rival.thousand_only and (photos.group != "imagenet" or prompt.texts != "names"):
        return False
    return kind in rival.takes


def _is_measured(rows: Sequence[dict], key: Mapping[str, str], tasks: int) -> bool:
    """Whether there is a row of as many tasks or of more, these among them."""
    return any(all(row[k] == v for k, v in key.items()) and row["tasks"] >= tasks for row in rows)


@dataclass
class _Judge:
    """Runs rivals on tasks, with settings chosen on other groups' sets."""

    bench: PhotoBench
    rivals: Mapping[str, Rival]
    seed: int
    made: dict[Any, PhotoMethod] = field(default_factory=dict)
    tried: dict[Any, tuple[list[Tensor], list[Tensor]]] = field(default_factory=dict)
    chosen: dict[Any, tuple[Setting, float]] = field(default_factory=dict)

    def row(self, method: str, photos: PhotoSet, ways: str, prompt: Prompt, count: int) -> dict[str, Any]:
        accuracies, confidences, hits, none = [], [], [], []
        others: list[float] = []
        far: list[float] = []
        for number in range(count):
            task = draw(photos, ways, number, self.seed)
            setting, heat = self.choose(method, task.left_out, ways, prompt)
            strangers = self._strangers(photos, number)
            logits = heat * self.answer(method, frozenset({task.left_out}), setting, photos, task, prompt, strangers)
            kinds = [len(task.tested), len(task.others), len(strangers)]
            if self.rivals[method].levelled:
                logits, level = logits[:, :-1], logits[:, -1]
                below = (logits.amax(1) <= level).float().split(kinds)
                none.append([float(part.mean()) for part in below if len(part)])
            known, of_set, of_others = logits.split(kinds)
            confidence, answer = known.softmax(1).max(1)
            right = answer == task.labels
            accuracies.append(round(float(right.float().mean()), 4))
            confidences.append(confidence)
            hits.append(right)
            score = known.amax(1)
            far.append(auroc(score, of_others.amax(1)))
            if len(of_set):
                others.append(auroc(score, of_set.amax(1)))
        row = summarise(accuracies) | {"accuracies": accuracies}
        row |= {"ece": calibration_error(torch.cat(confidences), torch.cat(hits))}
        row |= {"auroc classes": float(np.mean(others))} if others else {}
        row |= {"auroc sets": float(np.mean(far))}
        if none:  # shares that are said to be of none of the classes
            of = ("known", "classes", "sets") if others else ("known", "sets")
            row |= {f"none {kind}": float(rate) for kind, rate in zip(of, np.mean(none, axis=0), strict=True)}
        return row | ({"setting": dict(setting)} if setting else {}) | ({"heat": heat} if heat != 1 else {})

    def choose(self, method: str, group: str, ways: str, prompt: Prompt) -> tuple[Setting, float]:
        """The setting with the highest mean accuracy over sets of other groups, and the heat of its logits with the
        least cross-entropy there."""
        rival, key = self.rivals[method], (method, group, ways, prompt)
        if len(rival.settings) == 1 and rival.calibrated:
            return rival.settings[0], 1.0
        if key not in self.chosen:
            ids = [id for id in NINE if self.bench.load(id)[0].group != group and has(self.bench.load(id)[0], prompt)]
            best: tuple[float, Setting, float] | None = None
            for setting in rival.settings:
                results = [self._try(method, group, id, ways, prompt, setting) for id in ids]
                accuracy = float(np.mean([_accuracy(*result) for result in results]))
                if best is None or accuracy > best[0]:
                    logits, labels = ([x for result in results for x in result[part]] for part in (0, 1))
                    best = accuracy, setting, 1.0 if rival.calibrated else best_heat(logits, labels)
            assert best is not None
            self.chosen[key] = best[1:]
        return self.chosen[key]

    def _try(
        self, method: str, group: str, id: str, ways: str, prompt: Prompt, setting: Setting
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Logits and labels on tasks that are not reported; what is learnt there comes from neither this set's group
        nor the one that the setting is chosen for."""
        photos = self.bench.load(id)[0]
        left_out = frozenset({group, photos.group}) if self.rivals[method].learns else frozenset()
        key = (method, left_out, id, ways, prompt, tuple(setting.items()))
        if key not in self.tried:
            tasks = [draw(photos, ways, number, self.seed + CHOICE_SEED) for number in range(CHOICE[ways])]
            logits = [
                self.answer(method, left_out, setting, photos, task, prompt)[: len(task.tested)] for task in tasks
            ]
            self.tried[key] = logits, [task.labels for task in tasks]
        return self.tried[key]

    @torch.no_grad()
    def answer(
        self,
        method: str,
        left_out: LeftOut,
        setting: Setting,
        photos: PhotoSet,
        task: Task,
        prompt: Prompt,
        strangers: Features | None = None,
    ) -> Tensor:
        """Logits of the tested pictures, then of the set's other classes, then of strangers."""
        key = (method, left_out if self.rivals[method].learns else frozenset(), tuple(setting.items()))
        if key not in self.made:
            self.made[key] = self.rivals[method].make(self.bench, left_out, setting)
        features = self.bench.load(photos.id)[1]
        tested = features.at(torch.cat([task.tested, task.others]))
        if strangers is not None:
            tested = Features.joined([tested, strangers])
        shown = features.at(task.shown[:, : prompt.shots])
        return self.made[key](Shots(texts_of(photos, task.classes, prompt.texts), shown, tested))

    def _strangers(self, photos: PhotoSet, number: int) -> Features:
        """Pictures of sets of other groups."""
        rng = np.random.default_rng([self.seed, zlib.crc32(photos.id.encode()), number])
        found = []
        for id in (id for id in NINE if id != "grocery-coarse"):
            other, features = self.bench.load(id)
            if other.group != photos.group:
                found.append(features.at(torch.from_numpy(rng.permutation(len(other.pictures))[:FAR])))
        return Features.joined(found)


def _accuracy(logits: Sequence[Tensor], labels: Sequence[Tensor]) -> float:
    pairs = zip(logits, labels, strict=True)
    return float(np.mean([float((one.argmax(1) == label).float().mean()) for one, label in pairs]))

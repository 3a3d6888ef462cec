"""Our figures beside what the two papers report, in one page: python -m tina.research.results > assets/RESULTS.md

Every number comes from the files beside the checkpoints that ship: `table.json`, `curves.json`, `trials.json`; and, for
a single one of the papers' sets of pictures, from `assets/worlds/`. What has not been measured is said to be missing,
and nothing stands in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tina.paths import CHECKPOINTS
from tina.research.judge.methods import FIVE, METHODS, SHOTS
from tina.research.judge.table import markdown, mean_interval, told

HEAD = """# Results beside the papers

**Tina** is “Text-to-Model” (Li, Gao & Wu, [arXiv 2405.14132](https://arxiv.org/abs/2405.14132)), **T2W** is
“Text2Weight” (Tian et al., [arXiv 2508.13633](https://arxiv.org/abs/2508.13633)). Their networks, pictures and encoders
are others than ours (CIFAR-100, Mini-ImageNet, Caltech, Tiny-ImageNet; CLIP), so accuracies cannot be compared number
by number. What can be compared is what each claims, and what of it holds here, with rivals of ours that get the same
care. In percent on held-out pictures, with 95% intervals over tasks.

This page is made by `python -m tina.research.results > assets/RESULTS.md` from the files beside the checkpoints. A Tina
of a single one of the papers' sets of pictures (rows on the encoder's tower) does not ship: `python -m tina recipe
assets/worlds/tiny-imagenet --out runs/tiny` makes it, and `python -m tina table runs/tiny/stage-1 --zoo runs/tiny/zoo
--out assets/worlds/tiny-imagenet/table.json` measures it.
"""
EARLIER = "\n\nMeasured with an earlier version of generator and encoder."
ONE_WORLD = CHECKPOINTS.parent / "assets" / "worlds"


@dataclass(frozen=True)
class Question:
    title: str
    they: str  # what the papers report
    differs: str  # how our way is another, and why the outcome may be
    found: Callable[[dict], str]  # what of a checkpoint's files answers it, or nothing


def _rows(methods: Sequence[str], splits: Sequence[str]) -> Callable[[dict], str]:
    def of(files: dict) -> str:
        rows = [r for r in files["table"]["rows"] if r["method"] in methods and r["split"] in splits]
        return markdown({"rows": rows}) if any(r["method"].startswith("tina") for r in rows) else ""

    return of


def _curve(name: str, columns: dict[str, str], only: str = "") -> Callable[[dict], str]:
    def of(files: dict) -> str:
        curves = files.get("curves", {})
        rows = [row for row in curves.get(name, []) if not only or row["setting"] == only]
        earlier = curves.get("checkpoint") != files["table"].get("checkpoint")
        return _lines(rows, columns) + (EARLIER if rows and earlier else "")

    return of


def _trial(question: str) -> Callable[[dict], str]:
    def of(files: dict) -> str:
        rows = files.get("trials", {}).get("rows", [])
        return _lines([row for row in rows if row["question"] == question], TRIED)

    return of


def _gains(files: dict) -> str:
    """Points over sliced rows, task by task: Tina's, and a really fine-tuned classifier's where there is one."""
    found = {row["method"]: row.get("accuracies") for row in files["table"]["rows"] if row["split"] == "ood"}

    def over(base: str, method: str, tasks: int | None = None) -> dict:
        gains = [a - b for a, b in zip(found[method][:tasks], found[base], strict=False)]
        return {"accuracy": sum(gains) / len(gains), "interval": mean_interval(gains)}

    rows = []
    for base, tuned in TUNED.items():
        if all(found.get(method) for method in (base, "tina", tuned)):
            tasks, best = len(found[tuned]), over(base, tuned)
            row = {"over": METHODS[base].says, "all": over(base, "tina"), "tasks": tasks, "best": best}
            row["tina"] = over(base, "tina", tasks)
            real = best["interval"] is not None and best["interval"][0] > 0
            row["share"] = f"{row['tina']['accuracy'] / best['accuracy']:.0%}" if real else "-"
            rows.append(row)
    return _lines(rows, GAINED)


def _lines(rows: Sequence[dict], columns: dict[str, str]) -> str:
    """Rows as a table: first a name, then numbers."""
    if not rows:
        return ""
    head = ["| " + " | ".join(columns.values()) + " |", "|" + "---|" * len(columns)]
    return "\n".join([*head, *("| " + " | ".join(_cell(row, key) for key in columns) + " |" for row in rows)])


def _cell(row: dict, key: str) -> str:
    value = row.get(key)
    if key == "accuracy":
        return told(row)
    if isinstance(value, dict):
        return told(value)
    if isinstance(value, list):
        return ", ".join(f"{100 * accuracy:.1f}" for accuracy in value)
    return f"{value:.3g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


TRIED = {"trial": "", "size": "generator", "classifiers": "zoo", "minutes": "minutes", "steps": "steps of training"}
TRIED |= {"1 step": "1 step", "3 steps": "3 steps", "5 pictures": "shown 5"}
BY_STEP = {"method": "begun from", "steps": "steps", "accuracy": "accuracy"}
RIVALS = (
    *("slice", "untaught", "zoo average", "zoo class average", "zoo nearest", "zoo noisy", "experts", "ridge", "tina"),
    *("tuned", "tuned untaught"),
)
TUNED = {"slice": "tuned", "untaught": "tuned untaught"}  # sliced rows, and what was fine-tuned from the same network
GAINED = {"over": "points, over", "all": "Tina, all tasks", "tasks": "tasks fine-tuned for", "tina": "Tina, on these"}
GAINED |= {"best": "really fine-tuned", "share": "of which Tina has"}
STEPS = ("tina 1 step", "tina 2 steps", "tina", "tina 5 steps", "tina 10 steps", "tina 50 steps", "tina ddpm 1000")
OTHERWISE = ("tina", "tina synonyms", "tina descriptions", *(f"tina {shown}" for shown in SHOTS), f"tina {FIVE[1]}")
FIRM = ("transfer", "ridge", "encoder", "tina")
UNSEEN = ("nearest row", *(f"{who} {words}".strip() for words in ("", *FIVE) for who in FIRM))
QUESTIONS = (
    Question(
        "Does a class set that was not in the zoo get a classifier as good?",
        "Tina: yes, with about 1,000 personalised models to learn from, and better than selecting or mixing models.",
        "The zoo's nearest classifier is what selection can do: it knows its own class sets and no others. Slicing\n"
        "the generic network's rows needs no zoo and is the rival to beat; the upper bound is really fine-tuned.",
        _rows(RIVALS, ("id", "ood")),
    ),
    Question(
        "What is it worth to be made for its classes?",
        "Tina: its classifiers are better than the generic model.",
        "Points over sliced rows, task by task on new class sets, beside what fine-tuning gains on as many of these.\n"
        "No share is told where fine-tuning gains nothing that stands out from chance.",
        _gains,
    ),
    Question(
        "How many steps does sampling take?",
        "Tina: 1,000 steps of DDPM.",
        "Ours predicts the clean weights around a prior in closed form, and is trained to be right from pure noise on.",
        _rows(STEPS, ("ood",)),
    ),
    Question(
        "Do pictures and descriptions work in the place of names?",
        "Tina: prompted with one picture or a few through CLIP, and with descriptions in natural language, yes.",
        "Our small encoder's texts and pictures lie further apart than CLIP's, so training mixes all kinds of prompts.",
        _rows(OTHERWISE, ("ood",)),
    ),
    Question(
        "And classes that nothing was trained on?",
        "Tina: unseen entities are predicted. T2W: weights for unseen tasks.",
        "Better than chance is easily reached: the row of the nearest seen class is there already. Transferred rows\n"
        "and the encoder by itself are given the same names and pictures.",
        _rows(UNSEEN, ("unseen",)),
    ),
    Question(
        "How many classes can one generator serve?",
        "Tina: up to those it was trained for (2 to 10), by padding the prompt's sequence. T2W: 8 to 32.",
        "A class is a token of a set here: any number, in any order, without padding to a longest.",
        _curve("ways", {"method": "", "ways": "classes", "accuracy": "accuracy"}),
    ),
    Question(
        "Does a set do better than chunks?",
        "Tina and T2W: the flat weights are cut into chunks.",
        "The same transformer, the same minutes, the denoising loss alone. In a few minutes on one core that hardly\n"
        "leaves the prior in closed form, which both have.",
        _trial("layout"),
    ),
    Question(
        "Do more classifiers to learn from help?",
        "Tina: yes.",
        "The same minutes each, the denoising loss alone; the prior in closed form is fitted to as many, too.",
        _trial("zoo"),
    ),
    Question(
        "Does a larger generator help?",
        "Tina: yes, up to 2,048 wide and 12 deep.",
        "The same few minutes on a CPU each, which favours small ones: a larger one sees fewer examples.",
        _trial("size"),
    ),
    Question(
        "Is it learnt faster from texts or from pictures?",
        "Tina: both are tried as prompts to train with.",
        "The same minutes each, then asked by name and shown five pictures.",
        _trial("asked"),
    ),
    Question(
        "What is denoising worth, and what that the classifiers have to work?",
        "Tina: denoising alone. T2W: with adversarial training in weight space beside it.",
        "The same minutes each; “working” is the classifiers' own loss, sent back through the written weights.",
        _trial("loss"),
    ),
    Question(
        "Does it remember its zoo?",
        "Not asked in this form.",
        "The distance of kernels to the nearest zoo classifier's, in units of what each weight varies by over the zoo.",
        _curve("memory", {"method": "", "distance": "distance to the nearest of the zoo"}),
    ),
    Question(
        "How much hangs on the seed?",
        "Not told.",
        "The same recipe with three seeds, of zoo, networks and training; the same tasks for all. For a class that\n"
        "nothing was trained on, rows on the encoder's own tower are the prompt's own vector, whatever the seed.",
        _curve("seeds", {"method": "", "split": "", "accuracies": "accuracy by seed", "tasks": "tasks"}),
    ),
    Question(
        "Are generated weights a good place to begin training?",
        "T2W: a better one than initialisations by optimisation.",
        "Classes never seen, five pictures each to learn from, the same schedule and pictures for every start.",
        _curve("starts", BY_STEP, "unseen, 5 pictures"),
    ),
)


def page(folders: Sequence[Path]) -> str:
    checkpoints = {folder.name: _files(folder) for folder in folders}
    parts, missing = [HEAD], []
    for question in QUESTIONS:
        answers = {name: question.found(files) for name, files in checkpoints.items()}
        answers = {name: answer for name, answer in answers.items() if answer}
        if not answers:
            missing.append(question.title)
            continue
        parts.append(f"## {question.title}\n\n*They.* {question.they}\n\n*Here.* {question.differs}\n")
        parts += [f"`{name}`\n\n{answer}\n" for name, answer in answers.items()]
    if missing:
        parts.append("## Not measured yet\n\n" + "\n".join(f"- {title}" for title in missing) + "\n")
    return "\n".join(parts)


def _files(folder: Path) -> dict:
    found = {}
    for part in ("table", "curves", "trials"):
        if (folder / f"{part}.json").is_file():
            found[part] = json.loads((folder / f"{part}.json").read_text("utf-8"))
    return found


def main() -> None:
    tables = [file for folder in (CHECKPOINTS, ONE_WORLD) for file in sorted(folder.glob("*/table.json"))]
    print(page([file.parent for file in tables]), end="")


if __name__ == "__main__":
    main()

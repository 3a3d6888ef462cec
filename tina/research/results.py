"""Our figures beside what the two papers report, in one page: python -m tina.research.results > docs/results.md

Every number comes from the files beside the checkpoints that ship (`table.json`, `curves.json`, `trials.json`) and, for
a single one of the papers' sets of pictures, from `assets/worlds/`. What has not been measured is said to be missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tina.paths import CHECKPOINTS, shipped
from tina.research.judge.intervals import format_row, paired
from tina.research.judge.method import FIVE, SHOTS
from tina.research.judge.methods import TITLES
from tina.research.judge.report import markdown, table_lines, without_parts

HEAD = """# Results beside the papers

**Tina** is “Text-to-Model” (Li, Gao & Wu, [arXiv 2405.14132](https://arxiv.org/abs/2405.14132)), **T2W** is
“Text2Weight” (Tian et al., [arXiv 2508.13633](https://arxiv.org/abs/2508.13633)). They use other networks, pictures and
encoders, so their accuracies and ours cannot be compared. What can be compared is what each claims and what of it holds
here. Numbers are percent on held-out pictures with 95% intervals over tasks.

Made by `python -m tina.research.results > docs/results.md` from the files beside the checkpoints. Tinas of a single one
of the papers' sets of pictures do not ship. For example: `python -m tina recipe assets/worlds/tiny-imagenet --out
runs/tiny` makes one, and `python -m tina table runs/tiny/stage-1 --zoo runs/tiny/zoo --out
assets/worlds/tiny-imagenet/table.json` measures it.
"""
EARLIER = "\n\nMeasured with an earlier version of generator and encoder."
ONE_WORLD = CHECKPOINTS.parent / "assets" / "worlds"


@dataclass(frozen=True)
class Question:
    title: str
    papers: str  # what the papers report
    here: str  # what differs here
    answer: Callable[[dict], str]  # what a checkpoint's files say, as markdown; empty if nothing
    papers_worlds: bool = False  # whether Tinas of a single one of the papers' sets of pictures answer, too


def _rows(methods: Sequence[str], splits: Sequence[str]) -> Callable[[dict], str]:
    def of(files: dict) -> str:
        rows = [r for r in files["table"]["rows"] if r["method"] in methods and r["split"] in splits]
        return markdown({"rows": rows}) if any(r["method"].startswith("tina") for r in rows) else ""

    return of


def _curve(name: str, columns: dict[str, str], only: str = "", steps: Sequence[int] = ()) -> Callable[[dict], str]:
    """Rows of a curve, all or those of a setting and of some steps."""

    def of(files: dict) -> str:
        curves = files.get("curves", {})
        rows = [row for row in curves.get(name, []) if not only or row["setting"] == only]
        rows = [row for row in rows if not steps or row["steps"] in steps]
        earlier = curves.get("checkpoint") != files["table"].get("checkpoint")
        return _table(rows, columns) + (EARLIER if rows and earlier else "")

    return of


def _trial(question: str) -> Callable[[dict], str]:
    def of(files: dict) -> str:
        rows = files.get("trials", {}).get("rows", [])
        return _table([row for row in rows if row["question"] == question], TRIED)

    return of


def _gains(files: dict) -> str:
    """Points over sliced rows, task by task: Tina's, and a really fine-tuned classifier's where there is one."""
    by_method = {row["method"]: row.get("accuracies") for row in files["table"]["rows"] if row["split"] == "ood"}
    rows = []
    for base, tuned in TUNED.items():
        best = paired(by_method.get(tuned), by_method.get(base))
        everywhere = paired(by_method.get("tina"), by_method.get(base))
        if best and everywhere:
            row = {"over": TITLES[base], "all": everywhere, "tasks": best["tasks"], "best": best}
            row["tina"] = paired(by_method["tina"][: best["tasks"]], by_method[base])
            real = best["interval"] is not None and best["interval"][0] > 0
            row["share"] = f"{row['tina']['accuracy'] / best['accuracy']:.0%}" if real else "-"
            rows.append(row)
    return _table(rows, GAINED)


def _table(rows: Sequence[dict], columns: dict[str, str]) -> str:
    """Rows as a table: first a name, then numbers."""
    corner, *titles = columns.values()
    first, *others = columns
    lines = [(_cell(row, first), [_cell(row, key) for key in others]) for row in rows]
    return table_lines(titles, lines, corner) if lines else ""


def _cell(row: dict, key: str) -> str:
    value = row.get(key)
    if key == "accuracy":
        return format_row(row)
    if isinstance(value, dict):
        return format_row(value)
    if isinstance(value, list):
        return ", ".join(f"{100 * accuracy:.1f}" for accuracy in value)
    return f"{value:.3g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


TRIED = {"trial": "", "classifiers": "zoo", "minutes": "minutes", "steps": "steps of training"}
TRIED |= {"1 step": "1 step", "3 steps": "3 steps", "5 pictures": "5 pictures"}
BY_STEP = {"method": "begun from", "steps": "steps", "accuracy": "accuracy"}
RIVALS = (
    *("slice", "label-only", "zoo class average", "zoo nearest", "experts", "ridge", "closed form", "tina"),
    *("tuned", "tuned label-only"),
)
TUNED = {"slice": "tuned", "label-only": "tuned label-only"}  # sliced rows, and what was tuned from the same network
GAINED = {"over": "points, over", "all": "Tina, all tasks", "tasks": "tasks fine-tuned for", "tina": "Tina, on these"}
GAINED |= {"best": "really fine-tuned", "share": "of which Tina has"}
STEPS = ("tina 1 step", "tina", "tina 10 steps", "tina 50 steps", "tina ddpm 1000")
OTHER_PROMPTS = ("tina", "tina synonyms", "tina descriptions", *(f"tina {key}" for key in SHOTS), f"tina {FIVE[1]}")
UNSEEN = ("nearest row", *(f"{who} {key}".strip() for key in ("", *FIVE) for who in ("transfer", "encoder", "tina")))
QUESTIONS = (
    Question(
        "Does a class set that was not in the zoo get a classifier as good?",
        "Tina: yes, with about 1,000 models to learn from, and better than selecting or mixing models.",
        "Selecting is the zoo's nearest classifier. Slicing the generic network's rows needs no zoo and is the rival\n"
        "to beat. Really fine-tuned is the upper bound.",
        _rows(RIVALS, ("id", "ood")),
        papers_worlds=True,
    ),
    Question(
        "What is it worth to be made for its classes?",
        "Tina: its classifiers are better than the generic model.",
        "Points over sliced rows, task by task on new class sets. A share is given where fine-tuning gains anything.",
        _gains,
    ),
    Question(
        "Which part of Tina is it?",
        "Not asked in this form.",
        "One part switched off, on the same tasks: points beside Tina as she is (tasks). Negative: the part pays.",
        lambda files: without_parts(files["table"]),
    ),
    Question(
        "How many steps does sampling take?",
        "Tina: 1,000 steps of DDPM.",
        "Ours predicts clean weights around a prior in closed form, and is trained to be right from pure noise on.",
        _rows(STEPS, ("ood",)),
    ),
    Question(
        "Do pictures and descriptions work in the place of names?",
        "Tina: yes, through CLIP.",
        "Our encoder is much smaller than CLIP. Training mixes all kinds of prompts.",
        _rows(OTHER_PROMPTS, ("ood",)),
    ),
    Question(
        "And classes that nothing was trained on?",
        "Tina: unseen entities are predicted. T2W: weights for unseen tasks.",
        "Better than chance says little: the row of the nearest seen class is that. Transferred rows and the encoder\n"
        "by itself get the same names and pictures.",
        _rows(UNSEEN, ("unseen",)),
        papers_worlds=True,
    ),
    Question(
        "How many classes can one generator serve?",
        "Tina: up to those it was trained for (2 to 10). T2W: 8 to 32.",
        "A class is a token of a set: any number, in any order.",
        _curve("ways", {"method": "", "ways": "classes", "accuracy": "accuracy"}),
    ),
    Question(
        "Does a set do better than chunks?",
        "Tina and T2W: the flat weights are cut into chunks.",
        "The same transformer and minutes, denoising alone.",
        _trial("layout"),
    ),
    Question(
        "Do more classifiers to learn from help?",
        "Tina: yes.",
        "The same minutes each, denoising alone. The prior is fitted to as many, too.",
        _trial("zoo"),
    ),
    Question(
        "Does a larger generator help?",
        "Tina: yes, up to 2,048 wide and 12 deep.",
        "The same few minutes on a CPU each: a larger one sees fewer examples.",
        _trial("size"),
    ),
    Question(
        "Is it learnt faster from texts or from pictures?",
        "Tina: both are tried as prompts to train with.",
        "The same minutes each, then prompted with names and with five pictures.",
        _trial("prompts"),
    ),
    Question(
        "What is denoising worth, and what that the classifiers have to work?",
        "Tina: denoising alone. T2W: with adversarial training in weight space beside it.",
        "The same minutes each. “Working” is the classifiers' own loss, sent back through the written weights.",
        _trial("loss"),
    ),
    Question(
        "Are its classifiers copies of the zoo's?",
        "Not asked in this form.",
        "The distance of kernels to the nearest zoo classifier's, in units of what each weight varies by in the zoo.\n"
        "Copies would be nearer than really fine-tuned ones are. More it does not say.",
        _curve("memory", {"method": "", "distance": "distance to the nearest of the zoo"}),
    ),
    Question(
        "How much hangs on the seed?",
        "No answer.",
        "The same recipe with three seeds, of zoo, networks and training; the same tasks for all.",
        _curve("seeds", {"method": "", "split": "", "accuracies": "accuracy by seed", "tasks": "tasks"}),
    ),
    Question(
        "Are generated weights a good place to begin training?",
        "T2W: a better one than initialisations by optimisation.",
        "Classes never seen, five pictures each to learn from, the same schedule and pictures for every start.",
        _curve("starts", BY_STEP, "unseen, 5 pictures", (0, 10, 30, 300)),
    ),
)


def page(folders: Sequence[Path]) -> str:
    """The page, from folders of checkpoints and of tables of single worlds."""
    checkpoints = {folder: _files(folder) for folder in folders}
    parts, missing = [HEAD], []
    for question in QUESTIONS:
        answering = [folder for folder in folders if question.papers_worlds or folder.parent != ONE_WORLD]
        answers = {folder.name: question.answer(checkpoints[folder]) for folder in answering}
        answers = {name: answer for name, answer in answers.items() if answer}
        if not answers:
            missing.append(question.title)
            continue
        parts.append(f"## {question.title}\n\n*Papers.* {question.papers}\n\n*Here.* {question.here}\n")
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
    of_one_world = [file.parent for file in sorted(ONE_WORLD.glob("*/table.json"))]
    print(page([*(CHECKPOINTS / name for name in sorted(shipped("zoo"))), *of_one_world]), end="")


if __name__ == "__main__":
    main()

"""Verbs of classifiers: written, asked, scored and exported."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tina.errors import UserError
from tina.verbs.result import Result

if TYPE_CHECKING:
    from tina.classifier.score import Score

UNTESTED = (
    "untested: no pictures of all these classes to test this on: add some (python -m tina score ZIP --images DIR)"
)


def generate(args: argparse.Namespace) -> Result:
    """Write the classifier for a prompt into a zip."""
    import time

    from tina.generator.best_of import PICTURE_NEEDED, TO_CHOOSE, leave_one_out
    from tina.generator.guess import guess
    from tina.generator.tina import Tina
    from tina.prompts.readings import DESCRIBED, READ_AS, UNKNOWN
    from tina.storage import check_place

    check_place(args.out)
    tina = Tina.from_pretrained(args.checkpoint)
    tina.schedule.timesteps(tina.sampling(steps=args.steps).steps)  # wrong options come before wrong words
    if args.best_of and not args.image:
        raise UserError(PICTURE_NEEDED.format(purpose=TO_CHOOSE))
    prompt = tina.understand(args.prompt, _pictures_by_label(args.image), _name_tags(args.name_tag, args.word))
    begin = time.perf_counter()
    how = {} if args.steps is None else {"steps": args.steps}
    seed = args.seed or 0
    if args.best_of:
        seed += int(leave_one_out(tina, prompt, range(seed, seed + args.best_of), **how).argmax())
    classifier = tina.generate(prompt, seed=seed, **how)
    seconds = time.perf_counter() - begin
    scored = classifier.score_on(tina.world)
    classifier.save(args.out)
    guessed = None if scored else guess(tina, prompt)
    for note in prompt.notes:
        print(note, file=sys.stderr)
    if not args.json:
        print(f"{', '.join(classifier.labels)}: {classifier.parameters:,} weights in {1000 * seconds:.0f} ms")
        if tags := [one.label for one in prompt.classes if tina.is_name_tag(one)]:
            print(f"only labels, of which the pictures say what they are: {', '.join(tags)}")
        for one in prompt.classes:
            if (reading := tina.reading(one)).kind in (READ_AS, DESCRIBED, UNKNOWN):
                print(f"{one.label}: {reading}")
        print(_accuracy(scored) if scored else UNTESTED + (f"\na guess, of ten classes: {guessed}" if guessed else ""))
        print(f"saved: {args.out}")
    return {
        "labels": classifier.labels,
        "classes": tina.heard(prompt),
        "checkpoint": str(args.checkpoint),
        "blueprint": classifier.blueprint.id,
        "parameters": classifier.parameters,
        "steps": classifier.origin.steps,
        "seed": classifier.origin.seed,
        "seconds": seconds,
        "accuracy": scored and scored.accuracy,
        "interval": scored and list(scored.interval),
        "pictures": scored.pictures if scored else 0,
        "out": str(args.out),
    } | ({"guess": str(guessed)} if guessed else {})


def classify(args: argparse.Namespace) -> Result:
    """Say what is on pictures."""
    from tina.classifier.classifier import Classifier

    classifier = Classifier.load(args.classifier)
    answers = dict(zip(args.pictures, classifier.predict(args.pictures), strict=True))
    if not args.json:
        for picture, answer in answers.items():
            print(f"{picture}: " + ", ".join(f"{label} {p:.0%}" for label, p in list(answer.items())[:5]))
    return answers


def export(args: argparse.Namespace) -> Result:
    """Write a classifier as one HTML file, as ONNX, or in C."""
    from tina.classifier.c_source import to_c
    from tina.classifier.classifier import Classifier
    from tina.classifier.webpage import to_webpage
    from tina.storage import write_atomically

    classifier = Classifier.load(args.classifier)
    if args.to == "c":
        header, program = to_c(classifier, args.out.stem)
        files = {args.out.with_suffix(".h"): header.encode(), args.out.with_suffix(".c"): program.encode()}
    elif args.to == "html":
        files = {args.out: to_webpage(classifier, args.bits).encode()}
    else:
        files = {args.out: classifier.to_onnx()}
    for file, content in files.items():
        with write_atomically(file) as temporary:
            temporary.write_bytes(content)
        if not args.json:
            print(f"saved: {file} ({len(content) / 1e6:.2f} MB)")
    return {"files": [str(file) for file in files], "bytes": [len(content) for content in files.values()]}


def score(args: argparse.Namespace) -> Result:
    """Score a classifier on a folder of pictures, or on its world's held-out ones."""
    from tina.classifier.classifier import Classifier
    from tina.worlds import WORLDS, load_world

    classifier = Classifier.load(args.classifier)
    if args.images:
        scored = classifier.score(_folder_by_label(args.images, classifier.labels))
    else:
        world = classifier.origin.world
        # A file does not decide which folder is read: a world that it names is one of ours, or only a name
        held_out = classifier.score_on(load_world(world)) if world in WORLDS else None
        if held_out is None:
            raise UserError(
                "There are no held-out pictures of all its classes here: say --images DIR, a folder per label."
            )
        scored = held_out
    if not args.json:
        print(_accuracy(scored))
        for label, share in scored.per_class.items():
            print(f"  {label:30} " + ("-" if share is None else f"{share:.1%}"))
    return scored.to_dict()


def _accuracy(scored: Score) -> str:
    low, high = scored.interval
    return f"accuracy {scored.accuracy:.1%} ({low:.1%} to {high:.1%}) on {scored.pictures:,} held-out pictures"


def _pictures_by_label(given: list[str]) -> dict[str, list[str]]:
    pictures: dict[str, list[str]] = {}
    for pair in given:
        label, _, path = pair.partition("=")
        if not label or not path:
            raise UserError(f"--image wants LABEL=PATH, and not {pair!r}.")
        pictures.setdefault(label, []).append(path)
    return pictures


def _name_tags(tags: list[str], words: list[str]) -> dict[str, bool]:
    if both := sorted({*tags} & {*words}):
        raise UserError(f"{both[0]!r} is said to be only a label, and to say what is seen: which of them?")
    return dict.fromkeys(tags, True) | dict.fromkeys(words, False)


def _folder_by_label(folder: Path, labels: list[str]) -> dict[str, list[Path]]:
    from tina.worlds.pictures import is_picture_name

    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder.")
    found = {
        label: sorted(file for file in (folder / label).glob("*") if is_picture_name(file.name)) for label in labels
    }
    if not any(found.values()):
        raise UserError(f"{folder} has no pictures in folders named {', '.join(labels)}.")
    return {label: files for label, files in found.items() if files}

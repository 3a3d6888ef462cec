"""What is shown after a guess: figures and sentences, which follow from the numbers of `runs.py` and say no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from tina.classifier.score import Score
from tina.ui.charts import weights_view
from tina.ui.charts.bars import Bar
from tina.ui.learn import lesson, runs
from tina.ui.learn.languages import Words
from tina.ui.markup import data_url, picture
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation
from tina.ui.templates import render

NINE_OF_TEN = 0.9


@dataclass(frozen=True)
class Answer:
    """What one step shows."""

    right: tuple[int, ...]  # choices that are right; empty where that cannot be said
    html: Markup
    data: dict[str, Any] = field(default_factory=dict)  # for a slider in the browser


def story(checkpoint: LoadedCheckpoint, street: LoadedCheckpoint, step: str, words: Words) -> str:
    """What is told before the question, with numbers that give nothing away."""
    world, classes = checkpoint.world, lesson.classes_of(checkpoint.world)
    values: dict[str, object] = {}
    if step == "inside":
        values = {"weights": checkpoint.blueprint.parameters(len(classes)), "ways": len(classes)}
    elif step == "steps":
        values = {"steps": runs.first(checkpoint).options.steps}
    elif step == "words":
        values = {"made_up": ", ".join(lesson.NONSENSE[:2]), "never": words.things(lesson.never(world)[:2])}
    elif step == "unknown":
        others = lesson.others_of(world)
        values = {"known": words.things(classes), "count": len(others) * runs.TESTED, "others": words.things(others)}
    elif step == "light":
        values = {
            "shown": runs.SHOWN,
            "things": words.things(lesson.STREET),
            "subject": words.thing(lesson.STREET[0]),
            "day": words.percent(runs.light(street).by_day.day[lesson.STREET[0]]),
        }
    return words(f"steps.{step}.story", **values)


def answer(checkpoint: LoadedCheckpoint, street: LoadedCheckpoint, title: str, step: str, words: Words) -> Answer:
    """What a step shows after the guess. `street` tells the story of the lorry, and `title` is what she is called."""
    if step == "inside":
        return inside(checkpoint, words)
    if step == "seeds":
        return seeds(checkpoint, words)
    if step == "light":
        return light(street, title, words)
    if step == "mend":
        return mend(street, words)
    if runs.first(checkpoint).score is None:
        return Answer((), _note(words("answers.unscored")))
    if step == "noise":
        return noise(runs.first(checkpoint), words)
    if step == "steps":
        return steps(checkpoint, runs.first(checkpoint), words)
    if step == "words":
        return ways(runs.ways(checkpoint), words)
    found = runs.unknown(checkpoint)
    return unknown(found, words) if found else Answer((), _note(words("answers.unscored")))


# -- how it works -----------------------------------------------------------------------------------------------------
def weights(checkpoint: LoadedCheckpoint, generation: Generation, words: Words) -> Markup:
    """All weights of the finished classifier."""
    finished = checkpoint.drawn(generation.steps[-1].weights)
    drawn = weights_view.class_rows(finished, checkpoint.scales["head.weight"])
    labels = list(map(words.thing, generation.labels))
    rows = [weights_view.Row(label, picture(row, label), None, False) for label, row in zip(labels, drawn, strict=True)]
    kernels = [picture(part.pixels, "Kernel") for part in weights_view.parts(finished, checkpoint.scales)]
    return render("lesson_weights.html", rows=rows, folded=drawn.shape[1] > 1, kernels=kernels)


def inside(checkpoint: LoadedCheckpoint, words: Words) -> Answer:
    """One more row."""
    blueprint, shapes = checkpoint.blueprint, checkpoint.blueprint.shapes
    row = blueprint.parameters(3) - blueprint.parameters(2)
    windows = [shape for shape in shapes.values() if len(shape) == 4]
    if not windows:
        return Answer((1,), _note(words("answers.inside_rows", row=row)))
    kernels = blueprint.parameters(2) - 2 * row
    return Answer((1,), _note(words("answers.inside", row=row, kernels=f"{kernels}", side=windows[0][-1])))


def noise(generation: Generation, words: Words) -> Answer:
    """Whether the start is as good as guessing."""
    score, chance = generation.steps[0].score, generation.held_out.chance
    low, high = score.interval
    said = "same" if low <= chance <= high else "more" if score.accuracy > chance else "less"
    levels = (0.0, chance, 0.5, 0.95)
    right = 1 if said == "same" else min(range(4), key=lambda i: abs(levels[i] - score.accuracy))
    text = words(
        "answers.noise",
        accuracy=words.percent(score.accuracy),
        ways=len(generation.labels),
        chance=words.percent(chance),
    )
    shown = [Bar("tina", words("answers.step", **_step(generation, 0, words)), score)]
    shown.insert(0, Bar("chance", words("present.chance"), chance))
    return Answer((right,), _note(f"{text} {words(f'answers.noise_{said}')}") + _bars(shown, words))


def steps(checkpoint: LoadedCheckpoint, generation: Generation, words: Words) -> Answer:
    """The classifier after every step, and who wrote it."""
    accuracies, count = [step.score.accuracy for step in generation.steps], generation.options.steps
    reached = next((i for i, share in enumerate(accuracies) if share >= NINE_OF_TEN), None)
    jump = max(range(1, len(accuracies)), key=lambda i: accuracies[i] - accuracies[i - 1])
    if reached is None:
        right, text = 3, words("answers.steps_never", best=words.percent(max(accuracies)))
    else:
        right = 0 if reached <= count / 5 else 1 if reached <= count / 2 else 2
        text = words("answers.steps", step=reached, steps=count)
    before, after = map(words.percent, (accuracies[jump - 1], accuracies[jump]))
    text += " " + words("answers.steps_jump", step=jump, before=before, after=after)
    shares = generation.provenance or {}
    writers = [(part, words(f"answers.writers.{part}"), share) for part, share in shares.items()]
    who = render("lesson_wrote.html", who=words("answers.wrote"), parts=writers, percent=words.percent)
    drawn = [
        weights_view.class_rows(checkpoint.drawn(step.weights), checkpoint.scales["head.weight"])
        for step in generation.steps
    ]
    frames = [
        {
            "accuracy": share,
            "text": words("answers.step", **_step(generation, i, words)),
            "rows": list(map(data_url, one)),
        }
        for i, (share, one) in enumerate(zip(accuracies, drawn, strict=True))
    ]
    labels = list(map(words.thing, generation.labels))
    data = {"frames": frames, "labels": labels, "chance": generation.held_out.chance}
    return Answer((right,), _note(text) + render("lesson_film.html", words=words, last=len(frames) - 1) + who, data)


def _step(generation: Generation, i: int, words: Words) -> dict[str, object]:
    accuracy = words.percent(generation.steps[i].score.accuracy)
    return {"step": i, "steps": generation.options.steps, "accuracy": accuracy}


def seeds(checkpoint: LoadedCheckpoint, words: Words) -> Answer:
    """How alike four classifiers of the same prompt are."""
    found = runs.seeds(checkpoint)
    value = float(found.correlation)
    right = 0 if value < 0.3 else 1 if value < 0.9 else 2
    samples = [
        (
            words("answers.seed", seed=seed),
            picture(_rows(checkpoint, one), words("answers.seed_rows", seed=seed)),
            score,
        )
        for seed, one, score in zip(lesson.SEEDS, found.weights, found.scores, strict=True)
    ]
    scores = [score.accuracy for score in found.scores if score]
    if not scores:
        return Answer((right,), _note(words("answers.unscored")))
    key = "seeds" if checkpoint.blueprint.rows_by is None else "seeds_adapters"
    low, high = words.percent(min(scores)), words.percent(max(scores))
    text = words(f"answers.{key}", correlation=words.number(value, 3), low=low, high=high)
    said = words(f"answers.seeds_{('different', 'half', 'same')[right]}")
    shown = render("lesson_seeds.html", samples=samples, percent=words.percent)
    return Answer((right,), shown + _note(f"{text} {said}"))


def _rows(checkpoint: LoadedCheckpoint, weights: dict) -> Any:
    rows = weights_view.class_rows(checkpoint.drawn(weights), checkpoint.scales["head.weight"])
    return rows.reshape(-1, *rows.shape[2:])


def ways(found: Sequence[runs.Way], words: Words) -> Answer:
    """Every way of asking, and which of them is the worst."""
    scores = {way.name: way.score for way in found if way.score}
    names = ("another order", "synonyms", "descriptions", "made-up words", "never seen, names")
    candidates = {i: scores[name] for i, name in enumerate(names) if name in scores}
    worst = min(candidates, key=lambda i: candidates[i].accuracy)
    limit = candidates[worst].interval[1]
    right = tuple(i for i, score in candidates.items() if i == worst or score.interval[0] <= limit)
    chance = 1 / len(found[0].texts)
    said = [words("answers.words")] + [words("answers.words_close")] * (len(right) > 1)
    said.append(_order(scores["names"], scores["another order"], words))
    said.append(_made_up(scores["made-up words"], chance, words))
    if len(new := [score for name, score in scores.items() if name.startswith("never")]) == 3:
        helps = new[2].interval[0] > new[0].interval[1]
        values = dict(zip(("name", "one", "five"), (words.percent(score.accuracy) for score in new), strict=True))
        said.append(words("answers.pictures_help" if helps else "answers.pictures_little", **values))
    rows = [Bar("tina", words.part("ways")[way.name], way.score, ", ".join(way.texts)) for way in found if way.score]
    rows.append(Bar("chance", words("present.chance"), chance))
    closing = [words("answers.meant"), words("lesson.numbers", pictures=scores["names"].pictures)]
    return Answer(right, _bars(rows, words) + Markup().join(map(_note, [*said, " ".join(closing)])))


def _order(before: Score, after: Score, words: Words) -> str:
    low, high = before.interval
    if low <= after.accuracy <= high:
        return words("answers.order_same")
    return words("answers.order_other", before=words.percent(before.accuracy), after=words.percent(after.accuracy))


def _made_up(score: Score, chance: float, words: Words) -> str:
    low, high = score.interval
    said = "same" if low <= chance <= high else "more" if low > chance else "less"
    return words(f"answers.made_up_{said}", accuracy=words.percent(score.accuracy), chance=words.percent(chance))


# -- when it fails ----------------------------------------------------------------------------------------------------
def unknown(found: runs.Unknown, words: Words) -> Answer:
    """How sure it is of what it does not know, and what a threshold does."""
    hundred = 100 * found.share
    right = sum(hundred >= edge for edge in (5, 25)) + (hundred > 60)
    text = words("answers.unknown", sure=f"{hundred:.0f}")
    data = {
        "sure": [round(share, 3) for share in found.sure],
        "right": [int(flag) for flag in found.right],
        "others": [round(share, 3) for share in found.others],
        "percent": words("percent"),
        "now": words("answers.threshold_now"),
    }
    shown = render("lesson_threshold.html", words=words)
    return Answer((right,), _note(text) + shown + _note(words("answers.threshold_ask")), data)


def light(street: LoadedCheckpoint, title: str, words: Words) -> Answer:
    """One thing seen by day only, tested in both lights."""
    found, subject = runs.light(street).by_day, lesson.STREET[0]
    day, night = found.day[subject], found.night[subject]
    right = 0 if night >= 0.8 * day else 1 if night >= day / 3 else 2
    values = {"night": words.percent(night), "average": words.percent(found.average), "subject": words.thing(subject)}
    said = [words("answers.light_same" if right == 0 else "answers.light", **values)]
    said += [words("answers.light_hurt")] * (right > 0)
    said.append(words("answers.light_made", shown=runs.SHOWN, pictures=runs.TESTED, tina=title))
    rows = [
        Bar("tina" if name == subject else "baseline", words(f"answers.{when}", thing=words.thing(name)), shares[name])
        for name in lesson.STREET
        for when, shares in (("day", found.day), ("night", found.night))
    ]
    return Answer((right,), _both_lights(street, words) + _bars(rows, words) + Markup().join(map(_note, said)))


def _both_lights(street: LoadedCheckpoint, words: Words) -> Markup:
    """A few of the pictures that are counted on, in both lights."""
    shown = [street.world.pictures("test", name, 1)[0] for name in lesson.STREET]
    names = list(map(words.thing, lesson.STREET))
    pairs = [
        (
            picture(one, words("answers.day", thing=name)),
            picture(runs.by_night(one), words("answers.night", thing=name)),
        )
        for one, name in zip(shown, names, strict=True)
    ]
    return render("lesson_lights.html", pairs=pairs)


def mend(street: LoadedCheckpoint, words: Words) -> Answer:
    """Which of three ways helps by night; and how Tina herself does."""
    found, subject = runs.light(street), lesson.STREET[0]
    shares = {
        "first": found.by_day.night[subject],
        "more": found.more.night[subject],
        "mixed": found.mixed.night[subject],
        "sure": found.by_day.sure,
    }
    best = max(("more", "mixed", "sure"), key=lambda name: shares[name])
    right = ("more", "mixed", "sure").index(best)
    said = [words("answers.mend", **{name: words.percent(share) for name, share in shares.items()})]
    said.append(words("answers.mend_mixed" if best == "mixed" else "answers.mend_other"))
    worst = min(found.tina.night, key=lambda name: found.tina.night[name])
    values = {
        "day": words.percent(_mean(found.tina.day)),
        "night": words.percent(_mean(found.tina.night)),
        "worst": words.thing(worst),
        "least": words.percent(found.tina.night[worst]),
    }
    said.append(words("answers.tina", counted=found.counted, dark=found.dark, **values))
    said.append(words("answers.hurt"))
    names = {"first": "before"}
    rows = [
        Bar("tina" if name == best else "baseline", words(f"answers.{names.get(name, name)}"), share)
        for name, share in shares.items()
    ]
    return Answer((right,), _bars(rows, words) + Markup().join(map(_note, said)))


def _bars(rows: Sequence[Bar], words: Words) -> Markup:
    return render("lesson_bars.html", bars=rows, percent=words.percent)


def _mean(shares: dict[str, float]) -> float:
    return sum(shares.values()) / len(shares)


def _note(text: str) -> Markup:
    return render("note.html", kind="said", sentence=text)

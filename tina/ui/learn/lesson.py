"""The lesson's six steps: each a question before its answer, each answer made by the same Tina as everywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tina.prompts.prompt import ClassPrompt, Prompt
from tina.ui.charts import plots, weights_view
from tina.ui.markup import note, percent, text
from tina.ui.panes import watch
from tina.ui.server.studio import Studio
from tina.ui.state import How, Run
from tina.worlds import World

CLASSES = ("apple", "sailboat", "snail", "lighthouse", "penguin")
NONSENSE = ("blorp", "quizzle", "framjet", "ostiwar", "numpfel")
SEEDS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Step:
    title: str
    question: str
    answer: str


STEPS = (
    Step(
        "What is a classifier made of?",
        "Below are all the weights of one small classifier. Which of them have to change if you want it to recognise a "
        "teapot as well?",
        "The kernels above look at the picture and measure a few dozen things about it: edges, corners. Each class has "
        "one row below: how much each of these measurements speaks for it. The rows together are the last layer, the "
        "head. One more class is one more row, and the kernels may have to learn to measure something new.",
    ),
    Step(
        "Where does it start?",
        "Tina starts from random numbers. How many pictures will a classifier of random weights get right, out of five "
        "classes?",
        "About one in five. It answers something for every picture, often the same class for all of them: noise is "
        "chance, and chance is the line that every classifier has to pass first.",
    ),
    Step(
        "How does noise become a classifier?",
        "Draw the slider to the right, step by step. At which step would you stop?",
        "The line is the classifier as it stands after each step, with the noise that is left in it. The dotted line "
        "is what Tina takes for the end at that moment: she has an idea early, and still has the noise to take off. "
        "Nothing was trained on a picture while you moved the slider.",
    ),
    Step(
        "Same words, other noise",
        "Four classifiers for the same five classes, from four seeds. Are they the same? Are they equally good?",
        "Their weights differ and their accuracy nearly does not: many different sets of weights do the same thing. "
        "Matching weights is not the point, matching function is.",
    ),
    Step(
        "Break it",
        "What happens if you ask with synonyms, with descriptions, with made-up words, in another order, or for "
        "classes that it never saw, with no, one or five pictures of them? Guess first, then try.",
        "Order does not matter at all: that is built in. Words work as far as the encoder understands them; made-up "
        "words mean nothing, and nothing is what comes out. For a class never seen in training pictures help, and five "
        "help more than one.",
    ),
    Step(
        "Who is hurt when it fails?",
        "This is what the classifier confuses. If it sorted your holiday pictures, nobody would mind. Where would you "
        "mind, and what would you want to know before you trusted it?",
        "One number hides who pays for the mistakes: look at each class by itself, at how many pictures the number is "
        "from, and at what was never tested. A classifier answers with one of its classes whatever it is shown, also "
        "when none is right.",
    ),
)

VOCABULARY = {
    "world": "a named universe of classes with pictures, such as the Sketchbook",
    "prompt": "what you ask for: classes, each with words or example pictures",
    "encoder": "what turns words and pictures into numbers that can be compared",
    "weights": "the numbers that a network computes with; writing them is what Tina does",
    "head": "the last layer: one row of weights for each class",
    "zoo": "thousands of fine-tuned classifiers, which Tina learnt from",
    "generator": "the diffusion transformer that writes weights",
    "step": "one turn of taking noise away",
    "seed": "which noise it starts from; the same seed gives the same classifier",
    "held-out pictures": "pictures that nothing was trained on, kept for scoring",
    "chance": "what guessing would score: one in the number of classes",
    "95% interval": "where the accuracy probably lies, seeing how few pictures it was counted on",
    "catalogue slice": "the rows that a big ready-made network already has for these classes",
    "fine-tuned": "trained a little further on pictures of exactly these classes",
}


def first_run(studio: Studio) -> Run:
    """The run that the first steps look at; of other worlds the first seen classes."""
    *_, run = studio.run(prompt_of(classes_of(studio.world)), How())
    return run


def classes_of(world: World) -> tuple[str, ...]:
    return CLASSES if all(name in world.things for name in CLASSES) else tuple(world.seen[: len(CLASSES)])


def prompt_of(labels: tuple[str, ...], texts: tuple[str, ...] | None = None, pictures=None) -> Prompt:
    said = texts or labels
    shown = pictures or [()] * len(labels)
    rows = zip(labels, said, shown, strict=True)
    return Prompt(tuple(ClassPrompt(label, (words,), tuple(some)) for label, words, some in rows))


def at_step(studio: Studio, run: Run, at: int) -> str:
    """The weights after a step, under the accuracy so far."""
    return watch.head(run, at) + watch.weights(studio, run, at)


def four_seeds(studio: Studio) -> str:
    prompt = prompt_of(classes_of(studio.world))
    exam = studio.exam(prompt.labels)
    figures = []
    for seed in SEEDS:
        *_, run = studio.run(prompt, How(seed=seed))
        score = percent(run.score.accuracy, 1) if exam else ""
        rows = weights_view.thumbnail(run.frames[-1].weights, studio.scales)
        figures.append(f"<figure>{rows}<figcaption>seed {seed} <b>{score}</b></figcaption></figure>")
    return f'<div class="seeds">{"".join(figures)}</div>'


def experiments(studio: Studio) -> Iterator[tuple[str, Prompt]]:
    """Ways of asking, each for classes that can be scored."""
    world, seen = studio.world, classes_of(studio.world)
    new = tuple(world.unseen[: len(seen)])
    yield "names", prompt_of(seen)
    yield "another order", prompt_of(seen[::-1])
    yield "synonyms", prompt_of(seen, tuple(_first(world.things[name].synonyms, name) for name in seen))
    yield "descriptions", prompt_of(seen, tuple(_first(world.things[name].descriptions, name) for name in seen))
    yield "made-up words", prompt_of(seen, NONSENSE[: len(seen)])
    if len(new) > 1:
        yield "never seen, names", prompt_of(new)
        for count in (1, 5):
            shown = [world.pictures("train", name, count) for name in new]
            yield f"never seen, with {count} picture{'s' * (count > 1)}", prompt_of(new, None, shown)


def break_it(studio: Studio) -> str:
    """Every way of asking, scored on held-out pictures of what was meant."""
    rows = []
    for name, prompt in experiments(studio):
        exam = studio.exam(prompt.labels)
        (weights,) = studio.write(studio.vectors([prompt])[0], [0], How())
        said = ", ".join(wanted.texts[0] for wanted in prompt.classes)
        rows.append(("tina", name, exam and exam.score(exam.answers(weights)), said))
    return plots.comparison(rows) + note(f"Guessing scores {percent(1 / len(classes_of(studio.world)))}.")


def who(run: Run) -> str:
    """The confusion, and the class that fares worst."""
    if run.score is None:
        return note(watch.NO_PICTURES)
    worst, share = min(run.score.per_class.items(), key=lambda pair: pair[1])
    says = f"On average {percent(run.score.accuracy)} are right; of “{worst}” only {percent(share)}."
    return plots.confusion(run.score) + note(says)


def vocabulary() -> str:
    rows = "".join(f"<dt>{text(word)}</dt><dd>{text(says)}</dd>" for word, says in VOCABULARY.items())
    return f'<dl class="words">{rows}</dl>'


def _first(words: tuple[str, ...], otherwise: str) -> str:
    return words[0] if words else otherwise

"""The lesson's six steps: each a question before its answer, each answer made by the same Tina as everywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from tina.prompts.prompt import ClassPrompt, Prompt
from tina.ui.charts import bars
from tina.ui.charts.bars import Bar
from tina.ui.charts.confusion import confusion
from tina.ui.markup import note
from tina.ui.panes import watch
from tina.ui.panes.seeds import side_by_side
from tina.ui.panes.strip import NO_PICTURES
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Generation, SamplingOptions
from tina.ui.templates import percent, render
from tina.worlds import World

CLASSES = ("apple", "sailboat", "snail", "lighthouse", "penguin")
NONSENSE = ("blorp", "quizzle", "framjet", "ostiwar", "numpfel")
SEEDS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Step:
    """A step of the lesson: what is asked, and what is said after everybody has guessed."""

    title: str
    question: str
    answer: str


STEPS = (
    Step(
        "What is a classifier made of?",
        "Below are all the weights of one small classifier. Which of them have to change if you want it to recognise a "
        "teapot as well?",
        "The kernels look at the picture and measure a few dozen things about it: edges, corners. Each class has one "
        "row: how much each of these measurements counts for it. The rows together are the last layer, the head. One "
        "more class is one more row, and the kernels may have to learn to measure something new.",
    ),
    Step(
        "Where does it start?",
        "Tina starts from noise. How many pictures would a classifier of random weights get right, of five classes?",
        "About one in five: that is chance, the line that every classifier has to pass first. Compare it with the "
        "start that you see. It is not pure noise: it is noise around what two formulas already give, the prior and "
        "the transfer. Ask on the page for classes that were never in training: there the formulas write nearly "
        "everything, and the start is nearly the end.",
    ),
    Step(
        "How does noise become a classifier?",
        "Draw the slider to the right, step by step. At which step would you stop?",
        "The line is the classifier as it stands after each step, with the noise that is left in it. The dotted line "
        "is what the generator takes for the end at that moment: it has an idea early, and the noise still has to come "
        "off. Nothing was trained on a picture while you moved the slider. The bar below says which part wrote how "
        "much of the finished weights.",
    ),
    Step(
        "Same words, other noise",
        "Four classifiers for the same five classes, from four seeds. Are they the same? Are they equally good?",
        "Hardly any difference: whatever the noise, the generator goes to nearly the same weights, as the correlation "
        "says that is counted below. A classifier that was fine-tuned for the same classes has other weights and does "
        "much the same: the page’s view Compare sets the two side by side. Matching function is the point, and not "
        "matching weights.",
    ),
    Step(
        "Break it",
        "What happens if you ask with synonyms, with descriptions, with made-up words, in another order, or for "
        "classes that it never saw, with no, one or five pictures of them? Guess first, then try.",
        "The order makes no difference but for the noise. Words work as far as the encoder understands them, and "
        "made-up words mean nothing to it. For classes never seen in training compare the last bars: do pictures help, "
        "and do five help more than one? Each number is from a few hundred pictures: look at its interval before you "
        "believe a difference.",
    ),
    Step(
        "Who is hurt when it fails?",
        "This is what the classifier confuses. If it sorted your holiday pictures, nobody would mind. Where would you "
        "mind, and what would you want to know before you trusted it?",
        "One number hides who pays for the mistakes: look at each class by itself, at how many pictures the number is "
        "from, and at what was never tested. A classifier answers with one of its classes whatever it sees, also when "
        "none is right.",
    ),
)

VOCABULARY = {
    "world": "a named universe of classes with pictures, such as the Sketchbook",
    "prompt": "what you ask for: classes, each with words or example pictures",
    "encoder": "what turns words and pictures into numbers that can be compared",
    "weights": "the numbers that a network computes with; writing them is what Tina does",
    "head": "the last layer: one row of weights for each class",
    "zoo": "many fine-tuned classifiers, which the generator learnt from",
    "generator": "the diffusion transformer: it writes how the weights differ from what the prior gives",
    "prior": "a formula, no network: what weights for such a prompt are on average",
    "transfer": "a formula that makes a row of a prompt’s vector, for classes that were never in training",
    "step": "one turn of taking noise away",
    "seed": "which noise it starts from; the same seed gives the same classifier, another one nearly the same",
    "held-out pictures": "pictures that nothing was trained on, kept for scoring",
    "chance": "what guessing would score: one in the number of classes",
    "95% interval": "where the accuracy probably lies, given how few pictures it was counted on",
    "catalogue slice": "the rows that the generic network already has for these classes",
    "fine-tuned": "trained a little further on pictures of exactly these classes",
}


def first_generation(checkpoint: LoadedCheckpoint) -> Generation:
    """What the first steps of the lesson look at, finished."""
    *_, generation = checkpoint.generate(prompt_of(classes_of(checkpoint.world)), SamplingOptions())
    return generation


def classes_of(world: World) -> tuple[str, ...]:
    """The lesson's classes; in a world that does not have them, its first seen ones."""
    return CLASSES if all(name in world.things for name in CLASSES) else tuple(world.seen[: len(CLASSES)])


def prompt_of(labels: Sequence[str], texts: Sequence[str] | None = None, pictures: Sequence | None = None) -> Prompt:
    """A prompt with one text for each label (by default the label) and any pictures."""
    rows = zip(labels, texts or labels, pictures or [()] * len(labels), strict=True)
    return Prompt(tuple(ClassPrompt(label, (text,), tuple(some)) for label, text, some in rows))


def at_step(checkpoint: LoadedCheckpoint, generation: Generation, index: int) -> Markup:
    """The weights after step `index`, under the accuracy so far."""
    return watch.head(checkpoint, generation, index) + watch.weights(checkpoint, generation, index)


def four_seeds(checkpoint: LoadedCheckpoint) -> Markup:
    """Thumbnails of the same prompt's weights from four seeds, with their accuracies."""
    return side_by_side(checkpoint, prompt_of(classes_of(checkpoint.world)), SEEDS, SamplingOptions())


def experiments(checkpoint: LoadedCheckpoint) -> Iterator[tuple[str, Prompt]]:
    """Ways of asking, each for classes that can be scored."""
    world, seen = checkpoint.world, classes_of(checkpoint.world)
    new = tuple(world.unseen[: len(seen)])
    yield "names", prompt_of(seen)
    yield "another order", prompt_of(seen[::-1])
    yield "synonyms", prompt_of(seen, [_first(world.things[name].synonyms, name) for name in seen])
    yield "descriptions", prompt_of(seen, [_first(world.things[name].descriptions, name) for name in seen])
    yield "made-up words", prompt_of(seen, NONSENSE[: len(seen)])
    if len(new) > 1:
        yield "never seen, names", prompt_of(new)
        for count in (1, 5):
            pictures = [world.pictures("train", name, count) for name in new]
            yield f"never seen, with {count} picture{'s' * (count > 1)}", prompt_of(new, None, pictures)


def break_it(checkpoint: LoadedCheckpoint) -> Markup:
    """Every way of asking, scored on held-out pictures of what was meant."""
    rows = []
    for name, prompt in experiments(checkpoint):
        held_out = checkpoint.held_out(prompt.labels)
        (weights,) = checkpoint.write_seeds(prompt, [0], SamplingOptions())
        texts = ", ".join(one.texts[0] for one in prompt.classes)
        rows.append(Bar("tina", name, held_out and held_out.score_weights(weights), texts))
    return bars.comparison(rows) + note(f"Guessing scores {percent(1 / len(classes_of(checkpoint.world)))}.")


def start(checkpoint: LoadedCheckpoint, generation: Generation) -> Markup:
    """The head of the watch pane as it was before the first step: what follows is not given away."""
    origin = replace(generation.origin, provenance=None)
    return watch.head(checkpoint, replace(generation, steps=generation.steps[:1], origin=origin))


def who_is_hurt(generation: Generation) -> Markup:
    """The confusion, and the class that fares worst."""
    score = generation.score
    if score is None:
        return note(NO_PICTURES)
    worst, share = min(score.per_class.items(), key=lambda pair: pair[1])
    sentence = f"On average {percent(score.accuracy)} are right; of “{worst}” only {percent(share)}."
    return confusion(score) + note(sentence)


def vocabulary() -> Markup:
    """The words of this field, each with what it means here."""
    return render("vocabulary.html", words=VOCABULARY)


def _first(texts: Sequence[str], default: str) -> str:
    return texts[0] if texts else default

"""What the page says is so: of classes never seen, of who wrote a classifier, of what was searched."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import SEEN
from tina.prompts.parsing import parse
from tina.ui.charts import bars
from tina.ui.learn import answers, languages
from tina.ui.panes import describe, race, strip, try_it, watch
from tina.ui.server import limits
from tina.ui.server.endpoints import _options
from tina.ui.server.kept import Kept
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.server.settings import ServerSettings
from tina.ui.server.together import Together
from tina.ui.server.turns import Slots
from tina.ui.server.zoo_checkpoint import ZooCheckpoint
from tina.ui.state import Brought, Generation, SamplingOptions


def test_of_a_broad_class_the_members_are_named_that_were_never_in_training(checkpoint: LoadedCheckpoint) -> None:
    *_, generation = checkpoint.generate(parse("fruit, snail"), SamplingOptions(steps=1))
    members = generation.held_out.task["fruit"]
    never = [name for name in members if name not in SEEN]
    assert 0 < len(never) < len(members)
    assert checkpoint.unseen_classes(generation.held_out) == {"fruit": never}
    assert checkpoint.unseen_labels(generation) == []
    html = strip.strip(checkpoint, generation)
    assert all(f"“{name}”" in html for name in never)
    assert "in “fruit”, were never in training" in html
    assert "“fruit” was never in training" not in html
    (fruit, _) = describe.chips(checkpoint, generation.prompt, Brought())["classes"]
    assert not fruit["unseen"]  # the chip and the strip mean the same by it


def test_what_is_unseen_as_a_whole_is_called_so_everywhere(checkpoint: LoadedCheckpoint) -> None:
    *_, generation = checkpoint.generate(parse("apple, OWL"), SamplingOptions(steps=1))
    assert "none: “OWL” was never in training" in strip.strip(checkpoint, generation)
    assert [chip["unseen"] for chip in describe.chips(checkpoint, generation.prompt, Brought())["classes"]] == [
        False,
        True,
    ]
    assert watch.weights(checkpoint, generation).count("never seen in training") == 1


def test_little_is_not_nothing() -> None:
    none, little, some = (
        bars.provenance({"generator": share, "prior": 1 - share, "transfer": 0.0}) for share in (0.0, 0.004, 0.006)
    )
    assert "closed form alone: diffusion wrote nothing of it" in none
    assert "closed form alone" not in little
    assert "diffusion wrote less than 0.5% of it" in little
    assert not re.search("closed form alone|less than", some)


def test_beside_an_earlier_step_it_is_said_that_the_shares_are_of_the_finished_one(
    checkpoint: LoadedCheckpoint, generation: Generation
) -> None:
    for index in range(len(generation.steps) - 1):
        assert "who wrote the finished classifier" in watch.head(checkpoint, generation, index)
        assert "who wrote it" not in watch.head(checkpoint, generation, index)
    assert "who wrote it" in watch.head(checkpoint, generation)
    assert "who wrote the finished classifier" in answers.steps(checkpoint, generation, languages.load("en")).html


def test_the_lesson_says_what_it_correlates(checkpoint: LoadedCheckpoint) -> None:
    html = answers.seeds(checkpoint, languages.load("en")).html
    assert "Their last layers correlate" in html
    assert "<button" not in html


@pytest.mark.parametrize("classes", ["apple, snail", "fruit, snail"])
def test_of_how_many_training_pictures_one_is_the_nearest(checkpoint: LoadedCheckpoint, classes: str) -> None:
    *_, generation = checkpoint.generate(parse(classes), SamplingOptions(steps=1))
    html = try_it.why(checkpoint, generation, 0)
    (searched,) = map(int, re.findall(r"Of (\d+) of “[^”]+”’s training pictures", html))
    assert 20 <= searched <= try_it.TRAINING_PICTURES
    assert f"of {searched} training pictures of" in html


def test_the_view_says_how_far_it_trains_on(checkpoint: LoadedCheckpoint, generation: Generation) -> None:
    assert f"for {race.MARKS[-1]} steps" in watch.view(checkpoint, generation, "Train on")


@pytest.mark.parametrize("since_boot", [0.0, 1.0, 1e6])
def test_a_visitor_may_begin_at_once_also_on_a_machine_that_has_just_started(
    monkeypatch: pytest.MonkeyPatch, since_boot: float
) -> None:
    monkeypatch.setattr(limits.time, "monotonic", lambda: since_boot)
    bucket = limits.TokenBucket()
    for _ in range(bucket.settings.burst):
        bucket.spend()
    with pytest.raises(limits.UserError):
        bucket.spend()


def test_programs_get_the_checkpoints_own_number_of_steps(
    checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, prompt = Together(checkpoint.tina, Slots(ServerSettings()), Kept(0)), parse("apple, snail")
    for asked, steps in ((None, checkpoint.tina.settings.sampling.steps), (2, 2)):
        options = _options(checkpoint, seed=0, steps=asked)
        assert together.generate(prompt, options.seed, options.steps).origin.steps == steps


def test_what_something_else_needs_is_encoded_before_the_first_visitor_comes(
    checkpoint: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Afterwards only the prompt is encoded, by one thread at a time."""
    tina = checkpoint.tina
    monkeypatch.delitem(tina.__dict__, "name_vectors", raising=False)
    loaded = ZooCheckpoint(tina)
    assert "name_vectors" in vars(tina)
    encode, locked = tina.encoder.encode_texts, []

    def watched(texts):
        locked.append(loaded._lock.locked())
        return encode(texts)

    monkeypatch.setattr(tina.encoder, "encode_texts", watched)
    assert len(list(loaded.generate(parse("apple, snail, something else"), SamplingOptions(steps=1)))) == 2
    assert locked == [True]
    loaded.nearest_class("blorp")
    assert len(describe.read(loaded, "things that fly", Brought()).classes) > 1
    assert len(locked) > 2
    assert all(locked)

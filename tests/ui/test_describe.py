"""What was typed, shown and clicked, and what comes of it."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import picture_bytes
from tina.errors import BadPicture, UserError
from tina.prompts.parsing import parse
from tina.prompts.prompt import ClassPrompt, Prompt, PromptError
from tina.ui.panes import describe, examples
from tina.ui.prompt_text import as_text
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint
from tina.ui.state import Brought
from tina.worlds import World

SIDE = 64  # of pictures that are kept
URL = "data:image/png;base64," + base64.b64encode(picture_bytes()).decode()
NAMES = st.text(st.characters(codec="utf-8", categories=["Lu", "Ll", "Nd", "Po", "Zs"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    "prompt",
    [
        parse("apple, snail"),
        parse("salt and pepper pots, apple"),
        Prompt((ClassPrompt("a, b"), ClassPrompt("c"))),
        Prompt((ClassPrompt("a", ("a", "x; y")), ClassPrompt("c"))),
        Prompt((ClassPrompt("apple", ("apple", "a red fruit, on trees")), ClassPrompt("snail"))),
        Prompt((ClassPrompt("cat", ("cat", "it purrs", "it scratches")), ClassPrompt("dog"))),
    ],
)
def test_a_prompt_as_text_means_the_same(prompt: Prompt) -> None:
    again = parse(as_text(prompt))
    assert again.labels == prompt.labels
    assert [set(c.texts) for c in again.classes] == [set(c.texts) for c in prompt.classes]


@settings(deadline=None, max_examples=50)
@given(st.lists(NAMES, min_size=2, max_size=5))
def test_as_text_never_invents_a_class(names: list[str]) -> None:
    try:
        prompt = parse("\n".join(names))
        again = parse(as_text(prompt))
    except PromptError:
        return
    assert len(again.classes) <= len(prompt.classes)


def test_chips_say_what_a_name_was_taken_for_and_what_is_new(checkpoint: LoadedCheckpoint) -> None:
    shown = describe.chips(checkpoint, parse("apple, fruit\nowl\nblorp"), Brought())["classes"]
    by_label = {one["label"]: one for one in shown}
    assert by_label["apple"]["means"] == ""
    assert not by_label["apple"]["unseen"]
    assert by_label["fruit"]["means"].endswith("classes")
    assert by_label["owl"]["unseen"]
    assert by_label["blorp"]["means"].startswith("near ")


def test_the_chip_of_something_else_is_one_of_its_own_kind(checkpoint: LoadedCheckpoint) -> None:
    apple, other = describe.chips(checkpoint, parse("apple, none of these"), Brought())["classes"]
    assert other["other"]
    assert (other["means"], other["unseen"]) == ("", False)
    assert "other" not in apple
    assert describe.changed(parse("apple, snail"), Brought(), {"action": "add", "label": "something else"}, SIDE)[
        0
    ] == ("apple, snail, something else")


def test_chips_carry_their_pictures(checkpoint: LoadedCheckpoint) -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    brought = Brought({"apple": [picture]}, {"snail": [picture] * 2})
    first, second = describe.chips(checkpoint, parse("apple, snail"), brought)["classes"]
    assert first["pictures"][0].startswith("data:image/")
    assert (first["kept"], first["tests"], len(second["tests"])) == ([False], [], 2)


def test_a_class_is_taken_away_added_and_moved() -> None:
    prompt = parse("apple, snail, fish")
    assert describe.changed(prompt, Brought(), {"action": "remove", "label": "snail"}, SIDE)[0] == "apple, fish"
    assert describe.changed(prompt, Brought(), {"action": "add", "label": "owl"}, SIDE)[0] == "apple, snail, fish, owl"
    moved = {"action": "order", "labels": ["fish", "apple", "snail"]}
    assert describe.changed(prompt, Brought(), moved, SIDE)[0] == "fish, apple, snail"


def test_pictures_come_and_go_with_their_class() -> None:
    prompt = parse("apple, snail, fish")
    _, brought = describe.changed(prompt, Brought(), {"action": "pictures", "label": "snail", "add": [URL, URL]}, SIDE)
    assert [one.shape for one in brought.pictures["snail"]] == [(64, 64, 3)] * 2
    _, fewer = describe.changed(prompt, brought, {"action": "unpicture", "label": "snail", "index": 0}, SIDE)
    assert len(fewer.pictures["snail"]) == 1
    assert len(brought.pictures["snail"]) == 2  # what was before is left as it was
    assert describe.changed(prompt, brought, {"action": "remove", "label": "snail"}, SIDE)[1] == Brought()


@pytest.mark.parametrize(
    "url", ["", "x", "data:text/html,hi", "data:image/png;base64,###", "data:image/png;base64,AAAA"]
)
def test_what_is_no_picture_is_refused(url: str) -> None:
    with pytest.raises(BadPicture):
        describe.received(url, SIDE)


def test_a_picture_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadPicture):
        describe.received("data:image/png;base64," + "A" * describe.LARGEST, SIDE)


def test_too_few_classes_left_is_one_sentence() -> None:
    with pytest.raises(UserError, match="two classes"):
        describe.changed(parse("apple, snail"), Brought(), {"action": "remove", "label": "snail"}, SIDE)


def test_examples_are_buttons_that_make_a_prompt(checkpoint: LoadedCheckpoint) -> None:
    prompts = examples.examples(checkpoint.world)
    assert examples.buttons(checkpoint.world).count("data-classes") == len(prompts)
    for typed in [examples.first(checkpoint.world), *prompts.values()]:
        assert len(describe.read(checkpoint, typed, Brought()).classes) >= 2


def test_a_world_without_chosen_examples_makes_its_own(world: World) -> None:
    assert set(parse(examples.first(world)).labels) <= set(world.seen)
    assert all(len(parse(classes).classes) >= 2 for classes in examples.examples(world).values())


def test_a_chip_that_is_renamed_keeps_its_place_its_pictures_and_what_was_said_of_it() -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    prompt = parse("apple: it is red\nsnail\nbus", {"snail": [picture]})
    before = Brought({"snail": [picture]}, {"snail": [picture]}, {"snail": True})
    text, after = describe.changed(prompt, before, {"action": "rename", "label": "snail", "to": " slug "}, SIDE)
    assert parse(text).labels == ["apple", "slug", "bus"]
    assert after == Brought({"slug": [picture]}, {"slug": [picture]})  # what was said of the label was said of that one
    text, _ = describe.changed(parse(text), Brought(), {"action": "rename", "label": "apple", "to": "Apfel"}, SIDE)
    assert parse(text).classes[0].texts == ("Apfel", "it is red")
    with pytest.raises(PromptError, match="a class “Slug” already"):
        describe.changed(parse(text), Brought(), {"action": "rename", "label": "bus", "to": "Slug"}, SIDE)


def test_of_what_is_not_yet_a_prompt_there_are_chips_and_a_sentence(checkpoint: LoadedCheckpoint) -> None:
    for text, labels in (("heron", ["heron"]), ("qwer, asdf", ["qwer", "asdf"])):
        with pytest.raises(PromptError) as error:
            describe.read(checkpoint, text, Brought())
        shown = describe.wrong(checkpoint, None, error.value, Brought())
        assert [one["label"] for one in shown["classes"]] == labels
        assert shown["error"] == str(error.value)
        assert describe.draft(checkpoint, text, Brought()).labels == labels
    with pytest.raises(PromptError, match="nothing to recognise"):
        describe.draft(checkpoint, "", Brought())


def test_one_class_becomes_two_by_a_click_and_an_unknown_one_is_shown(checkpoint: LoadedCheckpoint) -> None:
    add = {"action": "add", "label": "something else"}
    text, _ = describe.changed(describe.draft(checkpoint, "heron", Brought()), Brought(), add, SIDE)
    assert text == "heron, something else"
    pictures = {"action": "pictures", "label": "qwer", "add": [URL]}
    text, brought = describe.changed(describe.draft(checkpoint, "qwer, asdf", Brought()), Brought(), pictures, SIDE)
    shown = describe.chips(checkpoint, describe.read(checkpoint, text, brought), brought)
    assert [one["says"] for one in shown["classes"]] == ["only pictures", "unknown"]
    assert shown["notes"] == ["I don’t know “asdf”: add pictures, or describe it in English."]


def test_a_chip_says_how_sure_its_reading_is(checkpoint: LoadedCheckpoint) -> None:
    prompt = describe.read(checkpoint, "Apfel: rot\n🐌\nowl: a bird\nred blorp\nother", Brought())
    shown = describe.chips(checkpoint, prompt, Brought())["classes"]
    assert [one["says"] for one in shown] == ["read as apple", "read as snail", "described", "read as red", ""]
    assert [one["unseen"] for one in shown[:2]] == [False, False]
    assert parse(as_text(prompt)).labels == prompt.labels


def test_what_was_brought_for_a_class_waits_while_the_text_does_not_name_it(checkpoint: LoadedCheckpoint) -> None:
    brought = Brought({"Snail": [np.zeros((SIDE, SIDE, 3), np.uint8)] * 2}, {}, {"Snail": True})
    assert describe.read(checkpoint, "apple, fish", brought).labels == ["apple", "fish"]
    apple, snail = describe.read(checkpoint, "apple, snail", brought).classes
    assert (len(apple.pictures), len(snail.pictures), snail.name_tag) == (0, 2, True)
    shown = describe.chips(checkpoint, describe.read(checkpoint, "apple, snail", brought), brought)["classes"]
    assert [len(one["pictures"]) for one in shown] == [0, 2]
    with pytest.raises(PromptError, match="two classes"):
        describe.read(checkpoint, "apple", brought)


def test_several_classes_are_picked_at_once_also_where_there_are_none(checkpoint: LoadedCheckpoint) -> None:
    pick = {"action": "pick", "add": ["owl", "a, b"], "remove": ["Apple"]}
    brought = Brought({"apple": [np.zeros((8, 8, 3), np.uint8)]})
    text, after = describe.changed(parse("apple, snail"), brought, pick, SIDE)
    assert parse(text).labels == ["snail", "owl", "a, b"]
    assert after == brought  # it waits
    nothing = describe.draft(checkpoint, " ", Brought(), from_nothing=True)
    assert nothing.labels == []
    text, _ = describe.changed(nothing, Brought(), {"action": "pick", "add": ["owl", "bus"], "remove": []}, SIDE)
    assert text == "owl, bus"
    with pytest.raises(PromptError, match="nothing to recognise yet"):
        describe.draft(checkpoint, "", Brought())

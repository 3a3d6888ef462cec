"""What a person types or uploads is understood the way a person would understand it, or refused in one sentence."""

import contextlib
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tina.errors import UserError
from tina.prompts.languages import emoji_in
from tina.prompts.parsing import parse
from tina.prompts.prompt import ClassPrompt, Prompt, PromptError
from tina.prompts.sentences import looks_like_sentence, match
from tina.prompts.something_else import is_something_else
from tina.prompts.text import clean, key_of
from tina.worlds import vocabulary

PICTURE = np.zeros((4, 4, 3), np.uint8)


def refused(text: str, pictures=None) -> PromptError:
    with pytest.raises(PromptError) as error:
        parse(text, pictures)
    assert isinstance(error.value, UserError)
    assert "\n" not in str(error.value)
    return error.value


# -- lists ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "apple, sailboat, snail",
        "apple, sailboat and snail",
        "apple, sailboat, and snail",
        "apple, sailboat or snail.",
        "apple, sailboat & snail",
        "apple and sailboat and snail",
        "apple vs. sailboat vs. snail",
        "apple; sailboat; snail",
        "apple, sailboat and snail,",
        "apple,sailboat ,  snail , ",
        "apple\nsailboat\nsnail",
        "apple\r\n\r\n  sailboat\r\nsnail\r\n",
        "apple,\nsailboat,\nsnail",
        "apple,\nsailboat and\nsnail",
        "apple, sailboat\nsnail",
        "apple,\nsailboat and snail",
        "- apple\n- sailboat\n- snail",
        "* apple\n* sailboat\n* snail",
        "• apple\n•sailboat\n• snail",
        "1. apple\n2. sailboat\n3. snail",
        "1) apple\n2) sailboat\n10) snail",
        "1. apple, 2. sailboat, 3. snail",
        "- apple, sailboat\n- snail",
        "\"apple\", 'sailboat' and “snail”",
        "«apple», `sailboat`, ‘snail’",
        '"apple, sailboat and snail"',
        "apple، sailboat、snail",
    ],
)
def test_a_list_may_be_written_in_any_usual_way(text: str) -> None:
    assert parse(text).labels == ["apple", "sailboat", "snail"]


def test_names_stay_as_they_were_typed() -> None:
    assert parse("Granny Smith, T-shirt, R&B, 3.5 inch disk").labels == [
        "Granny Smith",
        "T-shirt",
        "R&B",
        "3.5 inch disk",
    ]


def test_a_class_is_said_by_its_label_where_nothing_else_is() -> None:
    assert parse("apple, snail").classes[0] == ClassPrompt("apple", ("apple",))


# -- "and" ------------------------------------------------------------------------------------------------------------
def test_and_is_the_last_joint_of_a_list_and_elsewhere_part_of_a_name() -> None:
    assert parse("salt and pepper shaker, apple and snail").labels == ["salt and pepper shaker", "apple", "snail"]
    assert parse("apple, snail, and salt and pepper shaker").labels == ["apple", "snail", "salt and pepper shaker"]
    assert parse("salt and pepper shaker; apple").labels == ["salt and pepper shaker", "apple"]


def test_and_parts_two_short_items_that_stand_alone() -> None:
    assert parse("a red apple and a green snail").labels == ["a red apple", "a green snail"]


def test_and_does_not_part_a_long_phrase() -> None:
    refused("the old man who sells apples and the boy who eats them")


def test_and_on_a_line_of_its_own_list_belongs_to_the_name() -> None:
    assert parse("salt and pepper shaker\nsnail\nkite").labels == ["salt and pepper shaker", "snail", "kite"]
    assert parse("apples and snails\nkite").labels == ["apples", "snails", "kite"]  # both of them known


def test_the_last_line_may_begin_with_and() -> None:
    assert parse("apple\nsailboat\nand snail").labels == ["apple", "sailboat", "snail"]


# -- known names ------------------------------------------------------------------------------------------------------
def test_known_names_with_a_comma_are_one_name() -> None:
    assert parse("crane, the machine, car, seen from the side and apple").labels == [
        "crane, the machine",
        "car, seen from the side",
        "apple",
    ]
    assert parse("apple and Crane,  The Machine").labels == ["apple", "Crane, The Machine"]
    assert parse("- bass, the fish: it swims\n- bass guitar").classes[0] == ClassPrompt(
        "bass, the fish", ("bass, the fish", "it swims")
    )


def test_known_synonyms_with_an_and_are_one_name() -> None:
    assert parse("apple, yin and yang, cup and saucer").labels == ["apple", "yin and yang", "cup and saucer"]


def test_part_of_another_word_is_not_a_known_name() -> None:
    assert parse("x-ray, the fish").labels == ["x-ray", "the fish"]


def test_quotes_keep_anything_whole() -> None:
    assert parse('"my cat, asleep", "black and white cat" and dog').labels == [
        "my cat, asleep",
        "black and white cat",
        "dog",
    ]


def test_apostrophes_are_no_quotes() -> None:
    labels = ["rock 'n' roll", "dogs' toys", "Newton's apple", '5" disk']
    assert parse(", ".join(labels)).labels == labels


# -- descriptions -----------------------------------------------------------------------------------------------------
def test_a_description_follows_a_colon_commas_and_all() -> None:
    prompt = parse("apple: red, round and sweet\nsnail:carries its house, slowly\nkite")
    assert prompt.classes == (
        ClassPrompt("apple", ("apple", "red, round and sweet")),
        ClassPrompt("snail", ("snail", "carries its house, slowly")),
        ClassPrompt("kite"),
    )


def test_lists_and_descriptions_may_be_mixed() -> None:
    prompt = parse("1. apple, kite and snail: slow, wet\nboat\nsalt and pepper shaker: a pair; moon: round")
    assert prompt.labels == ["apple", "kite", "snail", "boat", "salt and pepper shaker", "moon"]
    assert [c.texts[1:] for c in prompt.classes] == [(), (), ("slow, wet",), (), ("a pair",), ("round",)]


def test_times_and_addresses_have_colons_of_their_own() -> None:
    assert parse("clock at 12:30, https://example.org").labels == ["clock at 12:30", "https://example.org"]


def test_a_colon_with_one_side_empty_says_nothing_more() -> None:
    assert parse("apple:\n: snail").classes == (ClassPrompt("apple"), ClassPrompt("snail"))


# -- writing ----------------------------------------------------------------------------------------------------------
def test_white_space_and_unicode_are_made_one() -> None:
    assert parse("  cafe\u0301 \u00a0 au\tlait ,tea").labels == ["café au lait", "tea"]


def test_emoji_and_right_to_left_text_are_kept() -> None:
    labels = ["🐕\u200d🦺", "❤️", "תפוח ירוק", "قارب شراعي", "می\u200cخواهم", "猫"]
    assert parse(", ".join(labels)).labels == labels


def test_control_characters_are_dropped() -> None:
    assert parse("ap\0ple, sn\x07ail\u202e\ufeff, \ud800kite").labels == ["apple", "snail", "kite"]


def test_what_is_there_twice_is_taken_once_and_said() -> None:
    prompt = parse("Straße, apple, STRASSE, Apple, apple")
    assert prompt.labels == ["Straße", "apple"]
    assert prompt.notes == (
        "“Straße” was named more than once and is one class.",
        "“apple” was named more than once and is one class.",
    )


def test_what_is_there_twice_keeps_all_its_descriptions() -> None:
    prompt = parse("apple: red\nsnail\nApple: round\napple: red")
    assert prompt.classes[0] == ClassPrompt("apple", ("apple", "red", "round"))


def test_empty_entries_are_left_out_and_said() -> None:
    assert parse("apple,, snail").notes == ("An empty entry was left out.",)
    assert parse("apple, --, ..., snail").notes == ("2 empty entries were left out.",)


def test_a_clean_list_has_no_notes() -> None:
    assert parse("- apple,\n\n- sailboat and snail,\n").notes == ()


# -- pictures ---------------------------------------------------------------------------------------------------------
def test_pictures_alone_are_a_prompt() -> None:
    prompt = parse("", {"my cat": [PICTURE], "my dog, asleep": ["dog.png", Image.new("RGB", (4, 4))]})
    assert prompt.labels == ["my cat", "my dog, asleep"]
    assert prompt.classes[0].texts == ("my cat",)
    assert [len(c.pictures) for c in prompt.classes] == [1, 2]


def test_pictures_go_to_the_class_they_are_named_for() -> None:
    prompt = parse("Apple: red, snail", {" apple ": [PICTURE], "kite": [PICTURE, PICTURE]} | {"snail": []})
    assert prompt.labels == ["Apple", "kite"]
    assert prompt.classes[0].pictures == (PICTURE,)
    assert prompt.classes[0].texts == ("Apple", "red, snail")


def test_a_tray_without_pictures_adds_no_class() -> None:
    assert parse("apple, snail", {"kite": [], "": []}).labels == ["apple", "snail"]


def test_an_array_of_pictures_is_many_pictures() -> None:
    assert len(parse("apple, snail", {"snail": np.zeros((3, 4, 4, 3))}).classes[1].pictures) == 3


def test_picture_files_are_not_opened_here() -> None:
    assert parse("apple", {"snail": ["nowhere.png"]}).classes[1].pictures == ("nowhere.png",)


# -- limits -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["", "  \n ", ",,;", "- \n* \n", "...", "\0\u202e"])
def test_nothing_is_too_little(text: str) -> None:
    error = refused(text)
    assert "nothing to recognise yet" in str(error)
    assert error.field == "text"


@pytest.mark.parametrize("text", ["apple", "apple, Apple", "crane, the machine"])
def test_one_class_is_too_few(text: str) -> None:
    error = refused(text)
    assert str(error).startswith("A classifier needs at least two classes")
    assert error.field == "text"


def test_a_hundred_classes_are_enough() -> None:
    assert len(parse(", ".join(f"thing {i}" for i in range(100))).classes) == 100
    error = refused(", ".join(f"thing {i}" for i in range(101)))
    assert str(error) == "That is 101 classes, and a classifier takes 100 at most."
    assert error.field == "text"


def test_a_label_has_an_end() -> None:
    assert parse(f"{'a' * 80}, snail").labels[0] == "a" * 80
    error = refused(f"snail, {'a' * 81}")
    assert "81 characters" in str(error)
    assert error.field == "a" * 81


def test_a_text_has_an_end() -> None:
    assert parse("apple, snail: " + "a" * 9_000).labels == ["apple", "snail"]
    error = refused("apple, snail: " + "a" * 10_000)
    assert "10,014 characters" in str(error)
    assert error.field == "text"


def test_the_longest_text_is_understood_and_one_more_character_is_refused() -> None:
    start = "apple, snail\nkite: "
    longest = start + "a" * (10_000 - len(start))
    assert parse(longest).classes[2].texts[1] == longest.removeprefix(start)
    assert not looks_like_sentence(longest)
    error = refused(longest + "a")
    assert "10,001 characters" in str(error)
    assert error.field == "text"


def test_sixteen_pictures_of_a_class_are_enough() -> None:
    assert len(parse("apple, snail", {"apple": [PICTURE] * 16}).classes[0].pictures) == 16
    error = refused("Apple, snail", {"apple": [PICTURE] * 17})
    assert "17 pictures" in str(error)
    assert error.field == "Apple"


PARTS = ["a:{i}\n", "a,", "'", '"a" ', " and", "a and ", "1.", ":", "face, ", "- ", "vs. ", "\0"]


def repeated(part: str, length: int) -> str:
    return "".join(part.replace("{i}", str(i)) for i in range(length // len(part)))[:length]


@pytest.mark.parametrize("part", PARTS)
def test_work_grows_with_the_length_of_a_text_and_no_faster(part: str) -> None:
    def calls(length: int) -> int:
        text = repeated(part, length)
        counted = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            looks_like_sentence(text)
            with contextlib.suppress(PromptError):
                parse(text)
        finally:
            sys.setprofile(None)
        return counted

    calls(100)  # the vocabulary is read once
    assert calls(10_000) < 2.5 * calls(5_000) + 1_000


@pytest.mark.slow
def test_no_regular_expression_goes_back_again_and_again() -> None:
    """That happens within one call, so it is tried on texts twenty times as long as is allowed: in seconds, or, were it
    with the square of the length, in many minutes."""
    ask = """
import sys
from contextlib import suppress
from tests.prompts.test_prompts import PARTS, repeated
from tina.prompts import parsing, prompt
from tina.prompts.sentences import looks_like_sentence
parsing.TEXT = prompt.TEXT = 10**9
for part in PARTS:
    looks_like_sentence(text := repeated(part, 200_000))
    with suppress(prompt.PromptError):
        parsing.parse(text)
"""
    subprocess.run([sys.executable, "-c", ask], check=True, timeout=120)


def test_pictures_need_a_name() -> None:
    error = refused("apple, snail", {" ": [PICTURE]})
    assert "no name yet" in str(error)
    assert error.field == " "


def test_no_prompt_is_made_past_the_limits_any_other_way() -> None:
    with pytest.raises(PromptError, match="at least two"):
        Prompt((ClassPrompt("apple"),))
    with pytest.raises(PromptError, match="there twice"):
        Prompt((ClassPrompt("apple"), ClassPrompt("Apple")))
    with pytest.raises(PromptError, match="no name yet"):
        Prompt((ClassPrompt("apple"), ClassPrompt(" ")))
    with pytest.raises(PromptError, match="characters"):
        Prompt((ClassPrompt("apple"), ClassPrompt("snail", ("a" * 10_001,))))


# -- changing one's mind ----------------------------------------------------------------------------------------------
def test_a_class_can_be_taken_away() -> None:
    prompt = parse("apple, sailboat, snail")
    assert prompt.without("Sailboat").labels == ["apple", "snail"]
    assert prompt.labels == ["apple", "sailboat", "snail"]
    with pytest.raises(PromptError, match="at least two"):
        prompt.without("apple").without("snail")
    with pytest.raises(PromptError, match="no class “kite”"):
        prompt.without("kite")


def test_a_class_can_be_added_or_replaced_where_it_stands() -> None:
    prompt = parse("apple, snail").with_class(" kite ", "flies on a string", pictures=[PICTURE])
    assert prompt.labels == ["apple", "snail", "kite"]
    assert prompt.classes[2].texts == ("kite", "flies on a string")
    assert len(prompt.classes[2].pictures) == 1
    assert prompt.with_class("Apple", "red").classes[0] == ClassPrompt("Apple", ("Apple", "red"))
    with pytest.raises(PromptError, match="17 pictures"):
        prompt.with_class("moon", pictures=[PICTURE] * 17)


def test_prompts_are_equal_where_their_words_and_pictures_are() -> None:
    pictures = {"apple": [PICTURE, "apple.png"]}
    assert parse("apple, snail", pictures) == parse("apple and snail", pictures)
    assert hash(parse("apple, snail", pictures)) == hash(parse("apple and snail", pictures))
    assert parse("apple, snail", pictures) != parse("apple, snail", {"apple": [PICTURE.copy(), "apple.png"]})
    assert parse("apple, snail") != parse("apple: red\nsnail")


# -- JSON -------------------------------------------------------------------------------------------------------------
def test_words_go_to_json_and_back() -> None:
    prompt = parse("apple: red, round\nsnail\nApple\n猫")
    assert Prompt.from_json(prompt.to_json()) == prompt


def test_whether_a_label_is_only_a_label_can_be_said_and_is_kept() -> None:
    prompt = parse("apple, snail").with_name_tag("Snail", True)
    assert [one.name_tag for one in prompt.classes] == [None, True]
    assert Prompt.from_json(prompt.to_json()) == prompt != prompt.with_name_tag("snail", False)
    assert prompt.with_name_tag("snail", None) == parse("apple, snail")
    with pytest.raises(PromptError, match="no class “pear”"):
        prompt.with_name_tag("pear", True)


def test_json_keeps_of_pictures_how_many_there_were_and_says_so() -> None:
    prompt = parse("apple, snail", {"snail": [PICTURE] * 3})
    assert [c["pictures"] for c in json.loads(prompt.to_json())["classes"]] == [0, 3]
    again = Prompt.from_json(prompt.to_json())
    assert again.classes[1].pictures == ()
    assert again.notes == ("The 3 pictures of “snail” cannot be saved as text: give them again where they matter.",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "[" * 100_000,
        '{"classes": 1, "notes": []}',
        '{"classes": [{"label": 1, "texts": [], "pictures": 0}], "notes": []}',
        '{"classes": [{"label": "a", "texts": [2], "pictures": 0}], "notes": []}',
        '{"classes": [{"label": "a", "texts": [], "pictures": Infinity}], "notes": []}',
        '{"classes": [], "notes": [1]}',
        '{"classes": [{"label": "a", "texts": [], "pictures": 0, "name_tag": "no"}], "notes": []}',
    ],
)
def test_json_that_is_no_prompt_is_refused(text: str) -> None:
    with pytest.raises(PromptError):
        Prompt.from_json(text)


@pytest.mark.parametrize(
    "typed",
    [
        "apple, snail, something else",
        "apple, snail or none of these",
        "Other\nsnail\napple",
        "apple; anything else; snail",
    ],
)
def test_something_else_is_a_class_in_any_place_and_by_any_of_its_names(typed: str) -> None:
    labels = parse(typed).labels
    assert len(labels) == 3
    assert [is_something_else(label) for label in labels].count(True) == 1
    assert not looks_like_sentence(typed)


def test_one_class_and_something_else_are_two() -> None:
    assert parse("apple or something else").labels == ["apple", "something else"]
    assert not looks_like_sentence("apple or something else")
    with pytest.raises(PromptError, match="needs at least two classes"):
        parse("something else")


def test_something_else_stands_only_once_whatever_it_is_called() -> None:
    prompt = parse("something else, apple, Other", {"none of these": ["a.png"]})
    assert prompt.labels == ["something else", "apple"]
    assert prompt.classes[0].pictures == ("a.png",)
    assert prompt.notes == ("“something else” was named more than once and is one class.",)
    with pytest.raises(PromptError, match="“other” is there twice"):
        Prompt((ClassPrompt("something else"), ClassPrompt("apple"), ClassPrompt("other")))
    assert prompt.with_class("snail").without("anything else").labels == ["apple", "snail"]


def test_json_from_elsewhere_is_held_to_the_same_limits() -> None:
    rows = [{"label": f"thing {i}", "texts": [], "pictures": 0} for i in range(101)]
    with pytest.raises(PromptError, match="101 classes"):
        Prompt.from_json(json.dumps({"classes": rows, "notes": []}))
    Prompt.from_json(json.dumps({"classes": rows[:100], "notes": []}))


# -- sentences --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "things that fly",
        "animals with four legs",
        "fruit",
        "something to eat with",
        "something to eat or drink",
        "animals that swim and fly.",
        "red and green fruit",
        "apple tree",
        "apple",
        "crane, the machine",
    ],
)
def test_this_is_a_sentence(text: str) -> None:
    assert looks_like_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ... ",
        "apple, snail",
        "apple; snail",
        "apple\nsnail",
        "- apple",
        "1. apple",
        "apple: red",
        "apple and snail",
        "cats & dogs",
        "a cat and a sailboat",
        "Alice and Bob",
        "my cat vs my very old dog",
        "musical instruments and fruit",
        "apple sailboat snail",
    ],
)
def test_this_is_no_sentence(text: str) -> None:
    assert not looks_like_sentence(text)


# An encoder of four words: what is like a bird, a fruit, a boat, and what everything has in common.
VECTORS = {
    "eagle": (9, 0, 0, 4),
    "owl": (8, 0, 1, 4),
    "kite": (6, 0, 2, 4),
    "apple": (0, 9, 0, 4),
    "pear": (0, 8, 1, 4),
    "sailboat": (2, 0, 9, 4),
    "canoe": (0, 0, 9, 4),
}
NAMES = list(VECTORS)
FAMILIES = {"fruit": ["apple", "pear"], "boat": ["sailboat", "canoe"], "sailing boat": ["sailboat"]}
SENTENCES = {"thing that flies": (9, 0, 1, 4), "fruit": (0, 9, 0, 4)}


def encode_texts(texts: list[str]) -> torch.Tensor:
    rows = [VECTORS.get(text) or SENTENCES.get(text) or (1, 1, 1, 4) for text in texts]
    return torch.nn.functional.normalize(torch.tensor(rows, dtype=torch.float), dim=1)


def test_a_sentence_finds_the_classes_it_means_best_first() -> None:
    found = match("thing that flies", NAMES, encode_texts)
    assert [name for name, _ in found] == ["owl", "eagle", "kite"]
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert found[0][1] == pytest.approx(float((encode_texts(["owl"]) @ encode_texts(["thing that flies"]).T)[0, 0]))


@pytest.mark.parametrize("sentence", ["fruit", "FRUITS", "some fruit for the summer"])
def test_a_family_that_is_named_comes_first_and_whole(sentence: str) -> None:
    found = match(sentence, NAMES, encode_texts, FAMILIES)
    assert {name for name, _ in found[:2]} == {"apple", "pear"}
    assert [score for _, score in found[:2]] == [1.0, 1.0]
    assert all(score < 1 for _, score in found[2:])


@pytest.mark.parametrize(
    ("family", "sentence"),
    [
        ("thing that flies", "things that fly"),
        ("four-legged animal", "Four legged animals"),
        ("person", "famous people"),
        ("leaf", "leaves"),
        ("glass", "glasses"),
        ("berries", "a berry"),
    ],
)
def test_a_family_is_found_in_singular_and_plural(family: str, sentence: str) -> None:
    assert ("canoe", 1.0) in match(sentence, NAMES, encode_texts, {family: ["canoe", "sailboat"]})


@pytest.mark.parametrize(
    ("family", "sentence"),
    [
        ("four-legged animal", "animals with four legs"),
        ("flying animal", "animals that fly"),
        ("sea animal", "animals of the sea"),
        ("cutting tool", "a tool to cut paper"),
    ],
)
def test_a_family_may_be_named_in_other_words_of_the_same_root(family: str, sentence: str) -> None:
    found = match(sentence, NAMES, encode_texts, {family: ["canoe", "sailboat"], family.split()[-1]: ["pear"]})
    assert dict(found[:2]) == {"canoe": 1.0, "sailboat": 1.0}
    assert all(score < 1 for _, score in found[2:])


@pytest.mark.parametrize("sentence", ["things without fruit", "what isn't a boat", "birds but no boats"])
def test_what_is_denied_is_not_meant(sentence: str) -> None:
    assert all(score < 1 for _, score in match(sentence, NAMES, encode_texts, FAMILIES))


def test_beside_a_family_only_what_is_as_near_as_half_of_it() -> None:
    found = match("thing that flies", NAMES, encode_texts, {"thing that flies": ["eagle", "owl"]})
    assert [name for name, _ in found] == ["owl", "eagle"]


def test_a_family_within_the_name_of_a_narrower_one_is_not_meant() -> None:
    found = dict(match("sailing boats", NAMES, encode_texts, FAMILIES))
    assert found["sailboat"] == 1.0
    assert found.get("canoe", 0) < 1


def test_a_word_within_a_word_names_no_family() -> None:
    assert all(score < 1 for _, score in match("fruitless steamboats", NAMES, encode_texts, FAMILIES))


def test_of_a_family_the_nearest_come_first() -> None:
    found = match("fruit", NAMES, encode_texts, {"fruit": ["pear", "apple"]})
    assert [name for name, _ in found[:2]] == ["apple", "pear"]


def test_a_match_is_two_classes_or_more_where_there_are_two() -> None:
    assert len(match("fruit", ["eagle", "apple", "canoe", "owl"], encode_texts)) == 2
    assert len(match("fruit", ["apple"], encode_texts)) == 1
    assert match("fruit", [], encode_texts) == []


def test_a_match_ends_at_its_limit_and_has_only_the_names_it_was_given() -> None:
    assert len(match("fruit", NAMES, encode_texts, {"fruit": NAMES}, limit=3)) == 3
    assert {name for name, _ in match("fruit", ["owl", "pear"], encode_texts, FAMILIES)} == {"owl", "pear"}


def test_prompts_need_no_encoder() -> None:
    """A room imports only rooms before it; and words are understood before any network is loaded."""
    check = "import sys, tina.prompts; sys.exit('tina.encoder' in sys.modules or 'open_clip' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


# -- whatever is typed ------------------------------------------------------------------------------------------------
def is_plain(label: str) -> bool:
    """Without what is several items of a list: a word that joins them, or emoji in a row."""
    return not {"and", "or", "vs", "versus"} & set(label.casefold().split()) and not emoji_in(label)


labels = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "So", "Zs"]), min_size=1, max_size=30).map(clean)
lists = st.lists(labels.filter(bool).filter(is_plain), min_size=2, max_size=20, unique_by=key_of)


@given(lists, st.sampled_from([", ", ",", "; ", "\n", "\r\n", " ,\n", "\n- ", "\n\n• "]))
def test_labels_joined_are_the_labels_again(labels: list[str], joint: str) -> None:
    assert parse(joint.join(labels)).labels == labels


@given(lists, st.sampled_from([" and ", " or ", " & ", ", and ", " AND "]))
def test_labels_told_as_in_speech_are_the_labels_again(labels: list[str], joint: str) -> None:
    labels = ["apple", *labels]
    if len({key_of(label) for label in labels}) == len(labels):
        assert parse(", ".join(labels[:-1]) + joint + labels[-1]).labels == labels


@given(st.lists(st.sampled_from(sorted(vocabulary())), min_size=2, max_size=30, unique=True), st.sampled_from("\n;"))
def test_every_known_name_is_understood_whole(names: list[str], joint: str) -> None:
    assert parse(joint.join(names)).labels == names


@given(st.text() | st.text("apple and or&,;:\n-*•12.)\"'“”\0 \u202e"))
def test_any_text_is_a_prompt_or_one_sentence(text: str) -> None:
    looks_like_sentence(text)
    try:
        prompt = parse(text)
    except PromptError:
        assert refused(text).field
        return
    assert 2 <= len(prompt.classes) <= 100
    assert all(label == clean(label) for label in prompt.labels)
    assert Prompt.from_json(prompt.to_json()) == prompt


@given(st.text(max_size=200))
def test_any_text_is_a_prompt_saved_or_one_sentence(text: str) -> None:
    with pytest.raises(PromptError):
        Prompt.from_json(text)

"""Names in other languages and emoji are read as English ones; the label stays as it was typed; English goes first."""

from __future__ import annotations

import pytest

from tina.classifier.score import classes_meant
from tina.prompts.known_words import tells_something
from tina.prompts.languages import EMOJI, HERE, LANGUAGES, emoji_in, name_in, names_in
from tina.prompts.parsing import parse
from tina.prompts.prompt import ClassPrompt, Prompt
from tina.prompts.sentences import looks_like_sentence
from tina.prompts.something_else import is_something_else
from tina.prompts.translate import is_english, read_as, split_foreign
from tina.worlds import load_world, vocabulary


def rows(language: str) -> list[tuple[str, list[str]]]:
    lines = (HERE / f"{language}.txt").read_text("utf-8").splitlines()
    return [(english, names.split(",")) for english, names in (line.split("\t") for line in lines)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_hundred_things_and_more_have_a_name_that_is_found_in_any_letters(language: str) -> None:
    assert len({english for english, _ in rows(language)}) >= 500
    for english, names in rows(language):
        for name in names:
            assert name_in(name, language) == name_in(name.upper(), language) == name_in(f" {name} ", language) != ""
        assert english in {name_in(name, language) for name in names}


def test_there_are_enough_emoji() -> None:
    assert len(names_in(EMOJI)) >= 250


@pytest.mark.parametrize("language", [*LANGUAGES, EMOJI])
def test_what_a_name_is_read_as_is_known(language: str) -> None:
    assert not [english for english in names_in(language).values() if not tells_something(english)]


@pytest.mark.parametrize(
    ("labels", "readings"),
    [
        (["Apfel", "Birne", "🍒"], ["apple", "pear", "cherry"]),
        (["die Katze", "ein Hund", "HÄUSER"], ["cat", "dog", "house"]),
        (["Äpfel", "Aepfel", "apfel"], ["apple"] * 3),
        (["Vögel", "Gänse", "Mäuse", "Nüsse", "Männer"], ["bird", "goose", "mouse", "nut", "man"]),
        (["les chevaux", "l’éléphant", "des oeufs", "gateau"], ["horse", "elephant", "egg", "cake"]),
        (["pommes de terre", "un parapluie"], ["potato", "umbrella"]),
        (["manzanas", "peces", "las flores", "arbol"], ["apple", "fish", "flower", "tree"]),
        (["苹果", "一只猫", "自行车"], ["apple", "cat", "bicycle"]),
        (["りんご", "リンゴ", "ネコ", "自転車"], ["apple", "apple", "cat", "bicycle"]),
        (["🐶", "🐕‍🦺", "❤️", "👋🏽"], ["dog", "dog", "heart", "hand"]),
    ],
)
def test_articles_plurals_accents_and_scripts_do_not_matter(labels: list[str], readings: list[str]) -> None:
    assert [read_as([label, "ein Hund"])[0] or read_as([label])[0] for label in labels] == readings


@pytest.mark.parametrize(
    ("labels", "readings"),
    [
        (["chat", "chien", "oiseau"], ["cat", "dog", "bird"]),  # the others are French
        (["chat", "dog", "bird"], ["", "", ""]),
        (["chat", "something else"], ["", ""]),
        (["pain", "fromage"], ["bread", "cheese"]),
        (["pain", "happiness"], ["", ""]),
        (["Rock", "Hose", "Hemd"], ["skirt", "trousers", "shirt"]),
        (["rock", "hose"], ["", ""]),  # nothing says that this is German
        (["Gift", "Apfel"], ["", "apple"]),  # poison is no thing that we have a name for
        (["bald", "Gift"], ["", ""]),
        (["Bar", "Wolf", "Fuchs"], ["bear", "", "fox"]),
        (["bar", "wolf", "fox"], ["", "", ""]),
        (["Ball", "Hund", "cat"], ["", "dog", ""]),
        (["apple", "Birne", "猫"], ["", "pear", "cat"]),
        (["blorp", "qwer"], ["", ""]),
    ],
)
def test_an_english_word_is_english_unless_the_others_say_otherwise(labels: list[str], readings: list[str]) -> None:
    assert read_as(labels) == readings


def test_no_name_of_our_worlds_is_read_as_another() -> None:
    names = [name for thing in vocabulary().values() for name in (thing.name, *thing.synonyms) if name.isascii()]
    assert all(map(is_english, names))
    assert not any(read_as([name, "apple"])[0] for name in names)


def test_a_class_keeps_its_label_and_is_heard_in_english() -> None:
    prompt = parse("Apfel, 🍌: gelb\nchien", {"猫": ["cat.png"]})
    assert prompt.labels == ["Apfel", "🍌", "chien", "猫"]
    assert [one.words for one in prompt.classes] == [("apple",), ("banana", "gelb"), ("dog",), ("cat",)]
    assert [one.texts[0] for one in prompt.classes] == prompt.labels
    assert [one.words for one in Prompt.from_json(prompt.to_json()).classes] == [one.words for one in prompt.classes]
    assert Prompt((ClassPrompt("Apfel"), ClassPrompt("Birne"))).with_class("Katze").classes[2].name == "cat"
    assert parse("Apfel, Birne").renamed("Birne", "Hund").classes[1].name == "dog"


def test_a_world_has_what_its_classes_are_called_elsewhere() -> None:
    world = load_world("sketchbook")
    assert classes_meant(world, ["Apfel", "voilier", "蜗牛"]) == {
        "Apfel": ("apple",),
        "voilier": ("sailboat",),
        "蜗牛": ("snail",),
    }
    assert classes_meant(world, ["Apfel", "pomme"]) is None  # they share a class


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Apfel, Birne und Pflaume", ["Apfel", "Birne", "Pflaume"]),
        ("Hund oder Katze", ["Hund", "Katze"]),
        ("un chien et un chat", ["un chien", "un chat"]),
        ("perro y gato", ["perro", "gato"]),
        ("猫和狗", ["猫", "狗"]),
        ("猫、狗，鸟。", ["猫", "狗", "鸟"]),
        ("りんごとバナナとぶどう", ["りんご", "バナナ", "ぶどう"]),
        ("とかげと猫", ["とかげ", "猫"]),
        ("🍎🍌🍒", ["🍎", "🍌", "🍒"]),
        ("🐶 🐱", ["🐶", "🐱"]),
        ("Hund und Blorp, Katze", ["Hund und Blorp", "Katze"]),
        ("sal y pimienta, perro", ["sal y pimienta", "perro"]),
    ],
)
def test_lists_are_written_as_in_their_language(text: str, labels: list[str]) -> None:
    assert parse(text).labels == labels
    assert not looks_like_sentence(text)


def test_one_emoji_of_several_signs_is_one() -> None:
    assert split_foreign("🐕‍🦺") == ["🐕‍🦺"]
    assert emoji_in("🐕‍🦺🐻‍❄️") == ["🐕‍🦺", "🐻‍❄️"]
    assert emoji_in("🍎 apple") == []


@pytest.mark.parametrize("label", ["etwas anderes", "Autre chose", "otra cosa", "其他", "その他"])
def test_something_else_is_called_so_everywhere(label: str) -> None:
    assert is_something_else(label)
    assert parse(f"Apfel, {label}").labels == ["Apfel", label]

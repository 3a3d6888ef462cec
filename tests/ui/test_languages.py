"""The lesson's languages: every text is there in each of them, and asks for the same values."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tina.ui.learn import languages, lesson
from tina.ui.learn.classroom import questions

CODES = sorted(file.stem for file in languages.FILES.glob("*.json"))
LENIENT = ("things", "vocabulary")  # what is listed may differ in number, and only there
HERE = Path(languages.__file__).parents[1]


def texts(part: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from texts(inner, f"{key}.{name}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from texts(inner, f"{key}.{number}")
    else:
        assert isinstance(part, str), key
        yield key, part


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_english_and_german_are_there() -> None:
    assert {"en", "de"} <= set(CODES)
    assert list(languages.available()) == ["en", *(code for code in CODES if code != "en")]
    assert languages.available()["de"] == "Deutsch"


@pytest.mark.parametrize("code", CODES)
def test_a_language_has_every_text_with_its_placeholders(code: str) -> None:
    own, first = (dict(texts(languages.load(one).texts)) for one in (code, languages.FIRST))
    assert own.keys() == first.keys()
    assert {key: placeholders(text) for key, text in own.items()} == {
        key: placeholders(text) for key, text in first.items()
    }
    empty = {key for key, text in own.items() if not text.strip()}
    assert empty == {".teach.names.2"}  # the third thing's name, which nobody proposes


def test_a_translation_is_one() -> None:
    """What is the same in both is a name, a number, or the same word in both."""
    own, first = (dict(texts(languages.load(code).texts)) for code in ("de", "en"))
    same = {key for key in own if own[key] == first[key] and not key.startswith((".things", ".teach.names"))}
    assert same <= {
        ".quiz.title",
        ".sheet.name",
        ".teach.name",
        ".sheet.test",
        ".room.code",
        ".teach.webcam",
        ".present.begin",
    }


@pytest.mark.parametrize("code", CODES)
def test_every_question_has_its_choices_and_every_thing_a_name(code: str) -> None:
    words = languages.load(code)
    asked = questions(words)
    assert {name: len(one["choices"]) for name, one in asked.items()} == lesson.QUESTIONS
    assert all(len(set(one["choices"])) == len(one["choices"]) for one in asked.values())
    assert not any(placeholders(one["ask"]) for one in asked.values())  # a phone has no numbers to fill in
    for name in (*lesson.CLASSES, *lesson.OTHERS, *lesson.STREET):
        assert name in words.texts["things"]
    assert len(words.part("canvas.colours")) == 9


@pytest.mark.parametrize("code", CODES)
def test_pupils_are_spoken_to_as_du(code: str) -> None:
    if code == "de":
        formal = {
            key for key, text in texts(languages.load(code).texts) if re.search(r"\b(Ihr|Ihnen|Ihre[nmrs]?)\b", text)
        }
        about_tina = {key for key in formal if key.startswith(".answers.")}  # "Ihre letzten Schichten": theirs
        assert formal == about_tina


def test_every_key_that_is_used_exists() -> None:
    """Literal keys in Python and in the templates."""
    words, used = languages.load("en"), set()
    for file in [*(HERE / "learn").glob("*.py"), *(HERE / "templates").glob("*.html")]:
        used |= set(re.findall(r"words(?:\.part)?\([\"']([a-z_0-9.\-]+)[\"'](?=[,)])", file.read_text("utf-8")))
    assert len(used) > 60
    for key in sorted(used):
        words.part(key)


@pytest.mark.parametrize(
    ("wanted", "accepted", "code"),
    [
        ("de", "en", "de"),
        ("de-AT", None, "de"),
        (None, "de-CH,de;q=0.9,en;q=0.8", "de"),
        (None, "fr,en;q=0.4,de;q=0.9", "de"),
        (None, "de;q=0,en", "en"),
        ("xx", "de", "de"),
        ("../../secrets", None, "en"),
        (None, "fr", "en"),
        (None, None, "en"),
        (None, "de;q=nonsense,,;", "en"),
        (None, "de," * 10_000, "de"),
    ],
)
def test_the_address_goes_before_the_browser(wanted: str | None, accepted: str | None, code: str) -> None:
    assert languages.choose(wanted, accepted).code == code


def test_numbers_are_written_as_the_language_does() -> None:
    german, english = languages.load("de"), languages.load("en")
    assert (german.percent(0.876), english.percent(0.876)) == ("88 %", "88%")
    assert (german.number(0.9996, 3), english.number(0.5, 2)) == ("1,000", "0.50")
    assert german.things(("snail", "a thing without a name")) == "Schnecke, a thing without a name"

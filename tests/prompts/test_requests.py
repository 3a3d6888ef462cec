"""Requests and paragraphs give the classes that they name; lists, descriptions and sentences stay as they are."""

from __future__ import annotations

import pytest

from tina.prompts.parsing import parse
from tina.prompts.requests import classes_asked
from tina.prompts.sentences import looks_like_sentence


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("tell cats from dogs", ["cat", "dog"]),
        ("Tell cats and dogs apart.", ["cat", "dog"]),
        ("Can you tell a violin from a cello?", ["violin", "cello"]),
        ("tell Alice from Bob", ["Alice", "Bob"]),
        ("distinguish between bees, wasps and hornets", ["bee", "wasp", "hornet"]),
        ("separate ripe bananas from unripe bananas", ["ripe banana", "unripe banana"]),
        ("sort apples, pears and plums", ["apple", "pear", "plum"]),
        ("is it a mug or a glass?", ["mug", "glass"]),
        ("Are these mice or rats?", ["mouse", "rat"]),
        ("is this a cat?", ["cat", "something else"]),
        ("find all mushrooms", ["mushroom", "something else"]),
        ("find all mushrooms in the forest", ["mushroom", "something else"]),
        ("spot every heron!", ["heron", "something else"]),
        ("find the grapes", ["grapes", "something else"]),  # that is their name
        ("find qwer", ["qwer", "something else"]),
    ],
)
def test_a_request_is_the_classes_that_it_asks_for(text: str, labels: list[str]) -> None:
    assert parse(text).labels == labels
    assert not looks_like_sentence(text)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("On my walk I saw a heron, two ducks and a squirrel.", ["heron", "duck", "squirrel"]),
        (
            "On my walk I saw a heron and two ducks. In the park there was an old oak tree,\nand my sister found "
            "mushrooms under it. Then we ate sandwiches.",
            ["heron", "duck", "oak tree", "mushroom", "sandwich"],
        ),
        ("There is a cup, two spoons and a plate on my desk today.", ["cup", "spoon", "plate"]),
        ("I have apples, plums and some cheese at home", ["apple", "plum", "cheese"]),
        ("Yesterday we met a dog and another dog and a cat", ["dog", "cat"]),
        (
            "My daughter likes to draw the sun, a house and a cat, and sometimes a snail.",
            ["sun", "house", "cat", "snail"],
        ),
        ("The sun shines, a cat sits on a roof and a snail crawls by.", ["sun", "cat", "snail"]),
        ("In the park, a heron stood next to a duck, and my sister held a kite.", ["heron", "kite"]),
        ("I live in a house with a dog, a cat and a mouse.", ["dog", "cat", "mouse"]),
        ("My favourite animals are the elephant, the giraffe and the whale.", ["elephant", "giraffe", "whale"]),
        ("Our kitchen has a mug, two spoons, a frying pan and some forks.", ["mug", "spoon", "frying pan", "fork"]),
    ],
)
def test_a_paragraph_is_the_classes_that_it_names_in_order(text: str, labels: list[str]) -> None:
    assert parse(text).labels == labels


@pytest.mark.parametrize(
    "text",
    [
        "cats vs dogs",
        "apples, pears and plums",
        "things that fly",
        "find things that fly",
        "animals with four legs",
        "something to eat or drink",
        "apples I like, pears I like and plums",
        "animals that I have seen in the zoo today, and plants",
        "a man who sells apples, the boy who eats them",
        "sort of apple, pear",
        "my dog I love, my cat that is black, our goldfish",
        "The red apple that fell from the tree, the green pear from the shop.",
        "sorting hat, wizard",
        "find, sort, tell",
        "apple: I saw it on my walk, with two ducks and a heron\nsnail",
        "- I saw a heron and two ducks on my walk\n- dog",
        '"tell cats from dogs", "find all mushrooms"',
        "is it raining",
        "",
        "?!",
    ],
)
def test_anything_else_is_no_request(text: str) -> None:
    assert classes_asked(text) is None

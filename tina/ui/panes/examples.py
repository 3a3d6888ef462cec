"""Prompts to begin with: what stands in the box before anybody has typed, and one-click examples, for each world."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from tina.ui.state import Brought
from tina.ui.templates import render
from tina.worlds import World
from tina.worlds.sketchbook import draw

FIRST = 10  # classes of the prompt that a visitor meets
CHOSEN = {
    "sketchbook": {
        # of the candidates in tina/research/openings.py that for which Tina gains most over the ready-made network
        "first": "cat, rabbit, elephant, giraffe, pig, turtle, fish, whale, shark, penguin",
        "far apart": "apple, sailboat, snail, lighthouse, penguin, umbrella, bicycle, mushroom, guitar, moon",
        "desk": "pencil, scissors, book, lamp, clock",
        "things that fly": "things that fly",
        "fruit bowl": "apple, banana, cherry, grapes, pineapple, strawberry",
        "never seen": "owl, teapot, tulip, helicopter, rainbow",
        "broad and narrow": "fruit, vehicle, snail, castle",
        "look-alikes": "fork, spoon, knife, pencil, key",
        "in your words": "small boat: it has sails\nred fruit: it grows on trees\nslow animal: it carries its house",
    },
    "everyday": {
        "first": "sunflower, pizza, elephant, helicopter, saxophone, starfish, umbrella, kangaroo, lobster, wristwatch",
        "desk": "mug, laptop, stapler, scissors, water bottle, sunglasses",
        "things that fly": "things that fly",
        "not in its thousand": "dolphin, helicopter, pyramid, hedgehog, Dalmatian, yin-yang",
        "broad and narrow": "dog, bird, fruit, vehicle",
        "look-alikes": "ferry, schooner, ketch",
        "in your words": "grey animal with a trunk\nflat round bread with cheese\nflying machine with rotor blades",
        "or something else": "cup, chair, something else",
    },
    "photos": {
        "first": "banana, airplane, koala, pizza, sunflower, umbrella, lighthouse, scissors, elephant, soccer ball",
        "pets": "Labrador retriever, poodle, tabby cat, guinea pig",
        "things that fly": "things that fly",
        "kitchen": "frying pan, wooden spoon, cup, refrigerator, dining table, espresso",
        "never seen": "helicopter, hedgehog, lemon, grand piano, school bus",
        "broad and narrow": "dog, fruit, vehicle, lighthouse",
        "look-alikes": "monarch butterfly, sulphur butterfly, bee, fly, ladybug",
        "in your words": "striped cat: it lives in houses\nyellow fruit: monkeys love it\ngrey animal with a trunk",
    },
}

SHOWN: Mapping[str, Mapping[str, Mapping[str, str]]] = {  # world -> a button's label -> label -> what is drawn for it
    "everyday": {"shown, not named": {"left box": "mushroom", "middle box": "teapot", "right box": "snail"}},
}
DRAWN = 9  # pictures of each


def first(world: World) -> str:
    """The prompt that the page begins with."""
    return _all(world)["first"]


def examples(world: World) -> dict[str, str]:
    """A button's label -> the prompt that it stands for."""
    return {name: classes for name, classes in _all(world).items() if name != "first"}


def buttons(world: World) -> Markup:
    """The examples as buttons."""
    return render("examples.html", examples=examples(world), shown=SHOWN.get(world.id, {}))


def brought(world: World, name: str, side: int) -> Brought:
    """The pictures of an example that is shown and not named: drawn now, `side` pixels wide."""
    of = SHOWN.get(world.id, {}).get(name, {})
    return Brought({label: [draw(thing, "test", i, side) for i in range(DRAWN)] for label, thing in of.items()})


def _all(world: World) -> dict[str, str]:
    """Chosen by hand, or else made of what the world has: classes far apart, classes alike, classes never seen."""
    if world.id in CHOSEN:
        return CHOSEN[world.id]
    seen = set(world.seen)
    families = {family: [name for name in names if name in seen] for family, names in world.families.items()}
    families = {family: names for family, names in families.items() if len(names) > 1}
    apart = list(dict.fromkeys(names[0] for names in families.values()))
    prompts = {"first": _list([*apart, *(name for name in world.seen if name not in apart)][:FIRST])}
    for family in sorted(families, key=lambda family: -len(families[family]))[:3]:
        prompts[family] = _list(families[family][:6])
    if len(world.unseen) > 1:
        prompts["never seen"] = _list(world.unseen[:5])
    return prompts


def _list(names: list[str]) -> str:
    return "\n".join(f"“{name}”" for name in names) if any("," in name for name in names) else ", ".join(names)

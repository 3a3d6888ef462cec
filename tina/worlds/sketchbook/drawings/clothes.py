"""Things to wear."""

from __future__ import annotations

import math
from itertools import pairwise

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth, star

DYE = ("red", "blue", "yellow", "green", "orange", "teal", "purple", "pink", "navy", "sky", "magenta", "dark green")
LIGHT = ("white", "cream", "yellow", "light grey", "sky")
DARK = ("black", "dark grey", "navy", "dark brown")
LEATHER = ("brown", "dark brown", "black", "tan", "dark grey")


def _both(half: list[Point]) -> list[Point]:
    """A shape from its right half."""
    return half + mirrored(half)[::-1]


def _put(p: Pen, since: int, dx: float = 0.0, dy: float = 0.0, turn: float = 0.0, scale: float = 1.0) -> None:
    """Move all the marks made since there were `since` of them."""
    for i, mark in enumerate(p.marks[since:], since):
        p.marks[i] = mark._replace(points=moved(mark.points, dx, dy, turn, scale))


def _emblem(p: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """A printed or knitted picture."""
    heart = [(0, -0.5), (0.35, -0.9), (0.85, -0.75), (0.9, -0.2), (0, 0.9)]
    shape = p.pick(_both(heart), star(0, 0, 1, 0.45, 5), ellipse(0, 0, 0.8, 0.8), box(-0.9, -0.6, 0.9, 0.6), "snow")
    if shape == "snow":
        for turn in (0, 60, 120):
            p.stroke(moved([(-size, 0), (size, 0)], x, y, turn + 30), colour, 0.09, True)
    else:
        p.fill(moved(shape, x, y, 0, size), colour, True)


def t_shirt(p: Pen) -> None:
    cloth, second = p.colour(*DYE, "white", "grey", "black"), p.colour(*LIGHT, "red", "navy", "black")
    neck, dip, low = p.between(0.18, 0.28), p.between(0.14, 0.26), p.between(0.75, 0.98)
    half, hem, arm = p.between(0.45, 0.58), p.between(-0.06, 0.1), p.between(-0.32, -0.12)
    end = p.between(0.92, 1.02)  # how far out and how low the sleeve reaches
    drop = p.between(-0.45, -0.15) if p.chance(0.75) else -0.62
    cuff = (end - p.between(0.12, 0.24), drop + p.between(0.22, 0.3))
    hem, kind = half + hem, p.pick("v", "round", "round", "round")
    if p.chance(0.2):  # on a hanger
        p.stroke(smooth([(0, -0.7), (0, -0.98), (0.12, -1.08), (0.0, -1.18), (-0.1, -1.1)], False, 3), second, 0.08)
    collar = [(0, -0.82 + dip * 1.3)] if kind == "v" else [(0, -0.82 + dip), (neck * 0.7, -0.82 + dip * 0.7)]
    p.fill(_both([*collar, (neck, -0.85), (half + 0.1, -0.7), (end, drop), cuff, (half, arm), (hem, low)]), cloth)
    if p.chance(0.45):  # the neck's border
        line = [(x, y + 0.05) for x, y in [(neck + 0.05, -0.88), *collar[::-1]]]
        p.stroke(line + mirrored(line)[::-1], second, 0.09, True)
    if p.chance(0.4):  # coloured sleeve ends
        for side in (mirrored, list):
            edge = [(end, drop), cuff, (cuff[0] - 0.13, cuff[1] - 0.09), (end - 0.14, drop - 0.1)]
            p.fill(side(edge), second, True)
    pattern = p.pick("plain", "stripes", "band", "emblem", "emblem", "pocket", "folds")
    if pattern in ("stripes", "band"):
        for i in range(p.count(2, 4) if pattern == "stripes" else 1):
            y = (arm if pattern == "stripes" else p.between(-0.1, 0.15)) + 0.08 + i * 0.27
            x, wide = half * 0.97 + (hem - half) * (y - arm) / (low - arm), 0.11 if pattern == "stripes" else 0.25
            if y < low - 0.12:
                p.fill(box(-x, y, x, y + wide), second, True)
    elif pattern == "emblem":
        _emblem(p, 0, p.between(-0.1, 0.15), p.between(0.22, 0.32), second)
    elif pattern == "pocket":
        p.fill(box(0.1, -0.35, 0.35, -0.08), second, True)
    else:
        for x in (-half, half) if pattern == "folds" else ():
            p.stroke([(x, arm), (x * 0.92, arm - 0.3)], shade(cloth, 0.6), 0.07, True)


def trousers(p: Pen) -> None:
    cloth = p.colour("navy", "blue", "blue", "brown", "grey", "dark grey", "tan", "black", "red", "green")
    dark, waist, gap = shade(cloth, 0.6), p.between(0.34, 0.48), p.between(0.03, 0.16)
    hip, crotch, low = waist + p.between(0.02, 0.14), p.between(-0.42, -0.18), p.between(0.88, 1.0)
    foot = p.pick(p.between(0.2, 0.26), p.between(0.28, 0.36), p.between(0.4, 0.5))  # slim, straight, flared
    inner = gap + (0.04 if foot < 0.38 else 0.0)
    knee = (hip + inner + foot) / 2 - (0.1 if foot > 0.38 else 0.02)
    side = [(0, -0.97), (waist, -0.97), (hip, -0.55), (knee, 0.25), (inner + foot, low), (inner, low), (0, crotch)]
    p.fill(_both(side), cloth)
    p.stroke([(0, -0.8), (0, crotch)], dark, 0.07, True)
    if p.chance(0.7):  # a waistband or a belt
        belt = p.colour(*LEATHER) if p.chance(0.5) else dark
        p.fill(box(-waist - 0.02, -0.98, waist + 0.02, -0.83), belt, True)
        if p.chance(0.6):
            p.fill(box(-0.09, -1.0, 0.09, -0.81), p.colour("gold", "silver"))
    if p.chance(0.55):  # pockets
        for x in (-1, 1):
            p.stroke([(x * waist * 0.55, -0.78), (x * hip * 0.72, -0.6), (x * hip * 0.97, -0.54)], dark, 0.07, True)
    extra, middle = p.pick("plain", "turned up", "turned up", "creases", "stripes", "patch"), inner + foot / 2
    for x in (-1, 1):
        if extra == "turned up":
            cuff = box(x * middle - foot / 2 - 0.04, low - 0.16, x * middle + foot / 2 + 0.04, low)
            p.fill(cuff, shade(cloth, 1.5))
            p.stroke([(x * (inner - 0.03), low - 0.17), (x * (inner + foot), low - 0.17)], dark, 0.06, True)
        elif extra == "creases":
            p.stroke([(x * hip * 0.6, -0.3), (x * middle, low - 0.08)], dark, 0.07, True)
        elif extra == "stripes":
            run = [(x * (hip - 0.08), -0.5), (x * (knee - 0.08), 0.25), (x * (inner + foot - 0.09), low)]
            p.stroke(run, p.colour("white", "yellow"), 0.09, True)
    if extra == "patch":
        x = p.pick(-1, 1) * (inner + knee) / 2
        p.fill(box(x - 0.12, 0.1, x + 0.12, 0.36), p.colour(*DYE), True)


def _flat_cap(p: Pen, cloth: Colour, band: Colour) -> None:
    high, x = p.between(0.75, 0.95), -0.2
    p.fill(smooth([(0.25, 0.2), (0.75, 0.18), (1.08, 0.38), (1.0, 0.48), (0.6, 0.4), (0.25, 0.42)], steps=3), band)
    p.fill([*ellipse(x, 0.38, 0.72, high, start=180, end=360, steps=14), (x, 0.46)], cloth)
    p.stroke(ellipse(x + 0.72, 0.38, 0.62, high, start=180, end=242, steps=6), shade(cloth, 0.6), 0.07, True)
    p.fill(ellipse(x, 0.38 - high, 0.1, 0.07, steps=8), band)
    if p.chance(0.5):
        _emblem(p, x + 0.42, 0.02, 0.15, band)


def _bobble_hat(p: Pen, cloth: Colour, band: Colour) -> None:
    wide, high = p.between(0.6, 0.8), p.between(0.75, 1.0)
    if p.chance(0.8):
        p.fill(star(0, 0.4 - high, 0.28, 0.21, 9), band)
    p.fill(ellipse(0, 0.4, wide, high, start=180, end=360, steps=14), cloth)
    if p.chance(0.5):
        p.stroke([(wide * (0.25 * i - 0.75), 0.12 - 0.14 * (i % 2)) for i in range(7)], band, 0.09, True)
    p.fill(box(-wide - 0.07, 0.3, wide + 0.07, 0.68, 0.08), band)
    for i in range(5):
        p.stroke([(wide * (i - 2) * 0.42, 0.36), (wide * (i - 2) * 0.42, 0.62)], shade(band, 0.6), 0.07, True)


def hat(p: Pen) -> None:
    cloth, band = p.colour(*DARK, *DYE), p.colour(*LIGHT, "red", "blue", "gold")
    kind = p.pick("top", "top", "sun", "sun", "cap", "cap", "bobble", "cowboy", "cowboy", "witch", "bowler")
    if kind in ("cap", "bobble"):
        (_flat_cap if kind == "cap" else _bobble_hat)(p, cloth, band)
    elif kind == "cowboy":
        cloth, dent = p.colour("brown", "tan", "dark brown", "grey", "black"), p.between(0.1, 0.2)
        wide, curl = p.between(0.4, 0.52), p.between(0.05, 0.38)
        p.fill(_both([(0, -0.6 + dent), (wide * 0.55, -0.72), (wide * 0.9, -0.55), (wide, 0.4)]), cloth)
        p.fill(_both([(0, 0.12), (wide, 0.12), (wide, 0.3), (0, 0.32)]), band, True)
        side = smooth([(0, 0.34), (wide, 0.26), (0.85, 0.1 - curl * 0.5), (1.05, -0.02 - curl * 0.5)], False, 3)
        p.fill(_both([*side, *smooth([(0.92, 0.35), (0.5, 0.58), (0, 0.62)], False, 3)]), cloth)
    elif kind == "witch":
        bend, wide = p.between(-0.4, 0.4), p.between(0.4, 0.55)
        p.fill(ellipse(0, 0.6, 1.0, p.between(0.16, 0.25)), cloth)
        rim = ellipse(0, 0.55, wide, 0.13, end=180, steps=8)
        p.fill([(bend, -1.0), (wide * 0.45 + bend * 0.1, -0.25), *rim, (-wide * 0.4 + bend * 0.1, -0.25)], cloth)
        p.fill([*rim, (-wide * 0.85, 0.32), (wide * 0.85, 0.32)], band, True)
        if p.chance(0.6):
            p.fill(box(-0.16, 0.38, 0.16, 0.68), p.colour("gold", "silver"))
    else:
        wide, reach, flat = p.between(0.46, 0.62), p.between(0.88, 1.05), p.between(0.15, 0.24)
        cloth = p.colour("tan", "cream", "yellow", "white", "pink") if kind == "sun" else cloth
        if kind == "bowler":
            reach, flat = 0.9, 0.15
        p.fill(ellipse(0, 0.52, reach, flat), cloth)
        rim = ellipse(0, 0.47, wide, flat * 0.55, end=180, steps=8)
        if kind == "top":
            flare, high = p.between(0.9, 1.2), p.between(-0.98, -0.5)
            p.fill([(wide * flare, high), *rim, (-wide * flare, high)], cloth)
            p.fill(ellipse(0, high, wide * flare, 0.09), shade(cloth, 1.25))
        else:
            blunt, high = wide * p.between(0.4, 0.6), p.between(-0.55, -0.15)  # a crown with a flattish top
            side = smooth([(0, high - 0.04), (blunt, high), (wide * 0.9, high + 0.2), (wide, 0.45)], False, 3)
            p.fill([*rim, *mirrored(side)[::-1], *side], cloth)
        tall = p.between(0.15, 0.26)
        p.fill([*rim, *ellipse(0, 0.47 - tall, wide * 0.97, flat * 0.5, start=180, end=0, steps=8)], band, True)
        if kind == "sun" and p.chance(0.6):
            p.fill(star(wide * 0.7, 0.4, 0.24, 0.15, 6), p.colour("red", "pink", "orange", "purple"))
    _put(p, 0, turn=p.pick(0, 0, -12, 12))


def _one_sock(
    p: Pen, cloth: Colour, second: Colour, top: float, toe: float, fat: float, pattern: str, patch: bool
) -> None:
    left, right = -0.55, -0.55 + fat
    heel = [(left + 0.2, 0.95), (left - 0.08, 0.74), (left + 0.02, 0.4)]
    foot = [(right, 0.12), (right + 0.14, 0.3), (toe - 0.25, 0.42), (toe, 0.66), (toe - 0.14, 0.93), (0.1, 0.95), *heel]
    p.fill([(left, top), (right, top), *smooth(foot, False, 3)], cloth)
    if pattern == "stripes":
        for i in range(int((0.2 - top) / 0.28)):
            p.fill(box(left, top + 0.3 + 0.28 * i, right, top + 0.43 + 0.28 * i), second, True)
    elif pattern == "dots":
        for x, y in ((0.3, -0.45), (0.7, -0.2), (0.3, 0.05), (0.75, 0.35), (1.3, 0.68)):
            if y > top + 0.3:
                p.dot(left + x * fat, y, 0.09, second)
    elif pattern == "emblem":
        _emblem(p, (left + right) / 2, max(-0.25, top + 0.5), 0.18, second)
    if patch:
        tip = [(toe - 0.34, 0.42), (toe - 0.2, 0.45), (toe, 0.66), (toe - 0.14, 0.93), (toe - 0.38, 0.94)]
        p.fill(smooth(tip, steps=3), second, True)
        p.fill(smooth([(left - 0.06, 0.45), (left + 0.28, 0.62), (left + 0.3, 0.93), *heel[:2]], steps=3), second, True)
    out = 0.06 if pattern == "emblem" else 0.03
    p.fill(box(left - out, top - 0.05, right + out, top + 0.2, 0.04), second)
    p.stroke([(left, top + 0.2), (right, top + 0.2)], shade(cloth, 0.6), 0.06, True)


def sock(p: Pen) -> None:
    cloth, second = p.colour(*DYE, "white", "grey", "black"), p.colour(*LIGHT, *DYE)
    top = p.pick(p.between(-0.98, -0.75), p.between(-0.9, -0.6), p.between(-0.45, -0.3))
    look = (cloth, second, top, p.between(0.55, 0.95), p.between(0.5, 0.68))
    look = (*look, p.pick("plain", "stripes", "stripes", "dots", "emblem"), p.chance(0.75))
    if p.chance(0.25):  # a pair
        for dx, dy in ((0.32, -0.16), (-0.28, 0.12)):
            since = len(p.marks)
            _one_sock(p, *look)
            _put(p, since, dx, dy, 0, 0.82)
        return
    _one_sock(p, *look)
    _put(p, 0, 0, (-0.98 - top) / 2, p.pick(0, 0, 12, -20), 1 if top < -0.55 else 1.15)


def shoe(p: Pen) -> None:
    skin, sole = p.colour(*DYE, *LEATHER, "white"), p.colour("white", "cream", "light grey", "brown", "black")
    kind = p.pick("trainer", "trainer", "trainer", "high-top", "pump", "pump", "brogue", "boot")
    dark, toe = shade(skin, 0.55), p.between(0.02, 0.2)
    if kind == "pump":
        heel, lift, thin = p.between(-0.45, -0.2), p.between(0.05, 0.3), p.between(0.1, 0.2)
        back = [(-0.92, heel), (-0.86, 0.8), (-0.86 + thin, 0.8), (-0.6, lift + 0.1)]
        under = smooth([(-0.6, lift + 0.1), (-0.25, lift + 0.12), (0.25, 0.7), (0.6, 0.8), (1.02, 0.78)], False, 3)
        upper = [(1.0, 0.68), (0.7, 0.45), (0.35, 0.22), (0.1, 0.28), (-0.3, lift - 0.12), (-0.75, heel - 0.05)]
        p.fill([*back, *under, *smooth(upper, False, 3)], skin)
        if p.chance(0.45):
            p.fill(ellipse(0.42, 0.3, 0.15, 0.1, 30, steps=8), p.colour("gold", "white", "black"), True)
        if p.chance(0.35):  # a strap about the ankle
            strap = [(-0.84, heel), (-0.5, heel - 0.2), (-0.12, heel - 0.02), (-0.45, heel + 0.12)]
            p.stroke(smooth(strap, True, 3), skin, 0.09)
        return
    tall = {"trainer": p.between(-0.4, -0.15), "brogue": p.between(-0.3, -0.1)}.get(kind, p.between(-0.95, -0.7))
    neck, thick = p.between(-0.2, -0.02), p.between(0.14, 0.24)
    tongue = (neck + 0.05, tall - 0.1) if kind in ("trainer", "high-top") else (neck, tall)
    ankle = [(neck + 0.14, min(-0.1, tall + 0.35))] if tall < -0.5 else []
    front = [tongue, *ankle, (0.3, toe - 0.1), (0.7, toe + 0.02), (0.97, 0.25), (1.0, 0.5)]
    collar = [(-0.92, tall), (-0.55, tall + (0.12 if tall > -0.5 else 0.0))]
    p.fill([(-0.95, 0.5), (-0.98, 0.2), *collar, *smooth(front, False, 3)], skin)
    if kind in ("trainer", "high-top"):
        if p.chance(0.6):
            p.fill(smooth([(0.62, 0.5), (0.6, 0.25), (0.75, 0.1), (0.97, 0.25), (1.0, 0.5)], steps=2), sole, True)
        steps = p.count(2, 3)
        for i in range(steps):
            t = (i + 0.6) / (steps + 0.2)
            x, y = neck + (0.36 - neck) * t, tall + (toe - tall) * t
            p.stroke([(x - 0.24, y + 0.16), (x + 0.04, y + 0.0)], p.colour("white", "cream", "black"), 0.09, True)
        mark = p.pick("stripes", "swoosh", "dot", "none")
        if mark == "stripes":
            for x in (-0.45, -0.25, -0.05):
                p.stroke([(x, 0.48), (x + 0.12, 0.12)], sole, 0.09, True)
        elif mark == "swoosh":
            p.fill(smooth([(0.2, 0.1), (-0.3, 0.38), (-0.6, 0.1), (-0.45, 0.42), (-0.25, 0.48)], steps=2), sole, True)
        elif mark == "dot":
            p.dot(-0.55, min(0.1, tall + 0.45), 0.15, sole)
        p.fill(box(-1.02, 0.45, 1.05, 0.45 + thick * 1.4, 0.08), sole)
        if p.chance(0.5):
            y = 0.45 + thick * 0.7
            p.stroke([(-0.95, y), (0.98, y)], p.colour("red", "grey", "navy"), 0.07, True)
    else:  # a leather shoe or a boot on a heel
        if kind == "boot" and p.chance(0.5):
            p.fill(box(-0.97, tall - 0.05, neck + 0.05, tall + 0.15, 0.05), p.colour("white", "cream", "black"))
        elif kind == "boot":
            for y in (tall + 0.25, tall + 0.5):
                p.stroke([(neck - 0.2, y), (neck + 0.08, y)], p.colour("yellow", "white", "black"), 0.09, True)
        p.stroke([(0.5, 0.48), (0.48, 0.2), (0.6, toe)], dark, 0.07, True)
        p.stroke([(-0.55, 0.48), (-0.5, 0.2), (-0.7, min(0.0, tall + 0.2))], dark, 0.07, True)
        if kind == "brogue":
            for x in (0.0, 0.16):
                p.stroke([(x - 0.15, 0.05), (x + 0.03, -0.12)], p.colour("black", "cream"), 0.08, True)
        ground = 0.6 + p.between(0.1, 0.24)
        p.fill([(-1.0, 0.48), (1.04, 0.48), (1.0, 0.64), (-0.3, 0.62), (-0.38, ground), (-0.98, ground)], dark)
    _put(p, 0, 0, 0.12 if tall < -0.5 else -0.1, p.pick(0, 0, 0, -15))


def glasses(p: Pen) -> None:
    rim = p.colour("black", "black", "red", "brown", "blue", "gold", "dark grey", "purple", "green")
    glass = p.colour("white", "sky", "light grey") if p.chance(0.55) else p.colour("black", "dark brown", "navy")
    wide, high, tilt = p.between(0.36, 0.44), p.between(0.26, 0.42), p.between(0.0, 0.12)
    heart = [(0, -0.5), (0.45, -0.95), (1, -0.65), (0.85, 0.1), (0, 1)]
    unit = p.pick(
        ellipse(0, 0, 1, 1), ellipse(0, 0, 1, 1), box(-1, -0.9, 1, 0.9, 0.35), box(-1, -0.75, 1, 0.75),
        smooth([(-0.95, -0.6), (0.3, -0.75), (1.15, -1.15), (0.95, 0.2), (0.2, 0.85), (-0.7, 0.6)], steps=3),
        smooth([(-0.9, -0.85), (0.9, -0.85), (1.05, -0.2), (0.65, 0.9), (-0.2, 0.95), (-0.85, 0.2)], steps=3),
        [(-1, -0.8), (1.1, -0.9), (0.85, 0.7), (0.6, 0.85), (-0.6, 0.85), (-0.85, 0.7)], _both(heart),
    )  # fmt: skip
    high = wide * p.between(0.92, 1.05) if len(unit) in (10, 20) else high
    x, thin = 1 - wide - p.between(0.02, 0.08), p.between(0.07, 0.12)
    arms, bridge, end = p.pick("front", "up", "up", "aside"), p.between(-0.25, 0.0) * high, x + wide * 0.95
    rise, y = p.between(0.5, 0.75), -high * 0.3
    for side in (-1, 1):
        if arms == "up":
            way = [(end, y), (end + 0.02, y - rise * 0.8), (end - 0.12, y - rise), (end - 0.25, -rise)]
            p.stroke([(side * px, py) for px, py in smooth(way, False, 3)], rim, 0.1)
        elif arms == "front":
            p.stroke([(side * end, -high * 0.4), (side * (end + 0.14), -high * 0.4)], rim, 0.13)
    if arms == "aside":
        for at, size in ((end, 1.0), (-end, 0.75)):
            p.stroke([(at, y), (at + 0.55 * size, y - 0.6 * size), (at + 0.68 * size, y - 0.45 * size)], rim, 0.1)
    p.stroke(smooth([(wide - x, bridge), (0, bridge - tilt - 0.05), (x - wide, bridge)], False, 3), rim, 0.11)
    for side in (mirrored, list):
        p.fill(side([(x + px * wide, py * high) for px, py in unit]), rim)
        p.fill(side([(x + px * (wide - thin), py * (high - thin)) for px, py in unit]), glass, True)
    if p.chance(0.5):
        for at in (-x, x):
            p.stroke([(at - 0.14, 0.1 * high), (at + 0.04, -0.45 * high)], p.colour("white", "sky"), 0.07)
    away = arms == "aside"
    _put(p, 0, -0.22 * away, {"up": 0.3, "aside": 0.2}.get(arms, 0), 0, 0.84 if away else 1)


def umbrella(p: Pen) -> None:
    cloth, second, stick = p.colour(*DYE, "black"), p.colour(*LIGHT, *DYE), p.colour("brown", "black", "dark grey")
    hook, kind = p.between(0.12, 0.2), p.pick("open", "open", "open", "open", "parasol", "shut")
    low, crook, width = p.between(0.7, 0.85), p.pick(-1, 1), p.between(0.08, 0.12)
    way = [(0, -1.05), (0, low)]
    if kind != "parasol":
        way += ellipse(crook * hook, low, crook * -hook, hook * 1.1, end=180, steps=7)
    p.stroke(way if kind != "parasol" else [(0, -1.0), (0, 1.05)], stick, width)
    if kind == "shut":
        wide, end = p.between(0.16, 0.32), p.between(0.3, 0.45)
        hem = [(wide, end), (wide * 0.5, end - 0.12), (0.0, end + 0.04)]
        p.fill(_both([(0.05, -0.88), (wide * 0.9, -0.1), *hem]), cloth)
        for x in (-0.45, 0.45):
            p.stroke([(x * 0.12, -0.65), (x * wide * 1.2, end - 0.14)], shade(cloth, 0.55), 0.06, True)
        p.stroke([(-wide * 0.9, -0.02), (wide * 0.9, 0.06)], second, 0.1, True)
        _put(p, 0, turn=p.pick(0, 35, -35, 20))
        return
    panels, reach, base = p.count(4, 6), p.between(0.88, 1.05), p.between(-0.12, 0.1)
    high, deep = base + p.between(0.75, 0.9), p.between(0.1, 0.18) * 4 / panels
    marks = [2 * i / panels - 1 for i in range(panels + 1)]
    spread = [reach * math.sin(math.pi / 2 * t) * (0.75 + 0.25 * abs(t)) for t in marks]  # narrower towards the rim
    gores = list(pairwise(spread))

    def rib(x: float) -> list[Point]:
        return [(x * math.sin(math.pi * i / 12), base - high * math.cos(math.pi * i / 12)) for i in range(7)]

    def hem(left: float, right: float) -> list[Point]:
        return [(left + (right - left) * i / 6, base - deep * math.sin(math.pi * i / 6)) for i in range(7)]

    rim = [point for pair in gores for point in hem(*pair)]
    p.fill([*rib(-reach), *rim, *rib(reach)[::-1]], cloth)
    if p.chance(0.5) or kind == "parasol":  # every other panel in a second colour
        for left, right in gores[panels % 2 == 0 :: 2]:
            p.fill([*rib(left), *hem(left, right), *rib(right)[::-1]], second, True)
    elif p.chance(0.75):
        for x in spread[1:-1]:
            p.stroke(rib(x), shade(cloth, 0.6), 0.07, True)
    else:
        for x, y in ((-0.5, 0.3), (0.0, 0.45), (0.5, 0.3), (-0.25, 0.72), (0.28, 0.7)):
            p.dot(x * reach, base - y * high, 0.09, second)
    _put(p, 0, turn=p.pick(0, 0, 20, -20, 35))


def mitten(p: Pen) -> None:
    wool, second = p.colour(*DYE, "red", "grey"), p.colour(*LIGHT, "white", *DYE)
    half, top, thumb, low = p.between(0.42, 0.52), p.between(-1.0, -0.85), p.between(0.85, 1.0), p.between(0.42, 0.52)
    up, slim, cuff, out = p.between(-0.4, -0.15), p.between(0.85, 1.0), p.between(0.34, 0.5), p.between(0, 0.1)
    pattern, ribs = (
        p.pick("plain", "stripes", "zigzag", "emblem", "emblem"),
        p.pick("ribs", "ribs", "fur", "line", "line"),
    )
    pair, lean, high = p.chance(0.3), p.pick(0, 0, 20, -20), p.between(0.0, 0.25)
    for flip in (True, False) if pair else (False,):
        since = len(p.marks)
        palm = [(-half * 0.9, low), (-half * 1.05, -0.1), (-half, top + 0.4), (-half * 0.5, top + 0.05)]
        inside = [(half * 0.3, top), (half * 0.9, top + 0.4), (half, -0.1), (half + 0.04, 0.0)]
        finger = [(thumb - 0.3, up), (thumb - 0.05, up - 0.05), (thumb, up + 0.2), (thumb - 0.22 * slim, 0.25)]
        finger.append((half * 0.95, low))
        p.fill([*smooth([*palm, *inside], False, 3), *smooth(finger, False, 3)], wool)
        if pattern == "stripes":
            for y in (top + 0.42, -0.12):
                p.fill(box(-half, y, half * 0.92, y + 0.14), second, True)
        elif pattern == "zigzag":
            p.stroke([(half * (i / 3 - 0.95), -0.15 - 0.16 * (i % 2)) for i in range(6)], second, 0.1, True)
        elif pattern == "emblem":
            _emblem(p, -0.04, -0.25, p.between(0.2, 0.28), second)
        if ribs == "fur":
            for x in (-0.4, 0, 0.4):
                p.fill(ellipse(x * half / 0.45, low + 0.18, 0.27, 0.22, steps=12), second)
        else:
            p.fill(box(-half - out, low - 0.02, half + out, low + cuff, 0.06), second)
            for i in range(4) if ribs == "ribs" else ():
                x = half * (0.5 * i - 0.75)
                p.stroke([(x, low + 0.06), (x, low + cuff - 0.06)], shade(second, 0.6), 0.07, True)
            p.stroke([(-half, low - 0.02), (half, low - 0.02)], shade(wool, 0.6), 0.07, True)
        if flip:
            p.marks = [mark._replace(points=mirrored(mark.points)) for mark in p.marks]
        if pair:
            _put(p, since, -0.42 if flip else 0.36, -high if flip else 0.15, -10 if flip else 10, 0.74)
        else:
            _put(p, since, -0.15, 0, lean)


DRAWINGS = {
    "T-shirt": t_shirt, "trousers": trousers, "hat": hat, "sock": sock, "shoe": shoe, "glasses": glasses,
    "umbrella": umbrella, "mitten": mitten,
}  # fmt: skip

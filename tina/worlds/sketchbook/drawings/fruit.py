"""Fruit."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, ellipse, mirrored, moved, shade, smooth, star
from tina.worlds.sketchbook.shapes import band, bitten, fitted, leaf, placed

LEAF = ("green", "green", "lime", "dark green")
WOOD = ("brown", "dark brown", "green")


def apple(p: Pen) -> None:
    wide, dip, low = p.between(0.72, 0.98), p.between(0.12, 0.28), p.between(0.66, 0.92)
    skin = p.colour("red", "red", "green", "yellow", "lime")
    kind = p.pick("whole", "whole", "whole", "bitten", "half")
    tip = (p.between(-0.15, 0.2), p.between(-1.05, -0.92))
    p.stroke([(0, -0.5), (tip[0] * 0.3, -0.75), tip], p.colour(*WOOD), p.between(0.08, 0.13))
    right = [(0.45, -0.66), (wide, -0.2), (wide * low, 0.5), (0.3, 0.9)]
    outline = smooth([(0, -0.62 + dip), *mirrored(right), (0, 0.8), *right[::-1]], steps=4)
    if kind == "bitten":
        outline = bitten(outline, wide + p.between(0, 0.15), p.between(-0.2, 0.25), p.between(0.42, 0.55))
    p.fill(outline, skin)
    if kind == "half":
        p.fill(moved(outline, 0, 0.02, 0, 0.85), p.colour("cream", "white"), True)
        p.fill(ellipse(0, 0.08, p.between(0.18, 0.26), p.between(0.26, 0.34)), shade(skin, 0.8))
        for x in (-0.09, 0.09):
            p.fill(ellipse(x, 0.1, 0.06, 0.13, steps=8), p.colour("dark brown", "black"), True)
    elif p.chance(0.6):
        p.fill(ellipse(-wide * 0.52, -0.2, 0.1, 0.25, turn=15, steps=10), shade(skin, 1.4), True)
    if p.chance(0.75):
        p.fill(leaf(0.04, -0.72, p.between(0.5, 0.75), p.between(0.3, 0.42), p.between(-45, 5)), p.colour(*LEAF))


def _one_banana(p: Pen, skin: Colour, bend: float, fat: float, marks: str) -> None:
    """A banana like a hanging smile, its stalk top right."""
    at = [i / 10 for i in range(11)]
    line = [(-0.92 + 1.8 * t, 0.1 + bend * (math.sin(math.pi * (t * 0.85 + 0.15)) - 0.9)) for t in at]
    halves = [fat * h for h in (0.25, 0.62, 0.85, 0.97, 1, 1, 0.95, 0.85, 0.7, 0.42, 0.26)]
    x, y = line[-1]
    stalk = band([(x - 0.04, y + 0.04), (x + 0.1, y - 0.18), (x + 0.14, y - 0.3)], [0.1, 0.09, 0.11])
    p.fill(stalk, shade(skin, 0.75))
    p.fill(band(line, halves), skin)
    p.fill(ellipse(*line[0], 0.09, 0.08, steps=8), p.colour("dark brown", "black"))
    if marks != "none":
        p.stroke([(x, y + fat * p.between(0.05, 0.3)) for x, y in line[1:-1]], shade(skin, 0.6), 0.07, True)
    if marks == "spots":
        for i in (3, 5, 7):
            p.dot(line[i][0], line[i][1] - fat * p.between(0.2, 0.6), 0.06, p.colour("brown", "dark brown"))


def banana(p: Pen) -> None:
    skin = p.colour("yellow", "yellow", "yellow", "lime", "gold")
    kind = p.pick("one", "one", "one", "bunch", "bunch", "peeled")
    bend, marks = p.between(0.6, 1.15), p.pick("none", "ridge", "ridge", "spots")
    if kind == "one":
        _one_banana(p, skin, bend, p.between(0.17, 0.29), marks)
        placed(p, 0, 0, -0.12, p.pick(0, 0, -30, -60))
    elif kind == "bunch":
        for i in range(p.count(2, 4)):
            first = len(p.marks)
            _one_banana(p, shade(skin, 1 - 0.08 * (i % 2)), p.between(0.75, 0.95), p.between(0.16, 0.2), "ridge")
            placed(p, first, -0.98, 0.35)  # about the stalk
            placed(p, first, 0.78, -0.55, 22 - 27 * i, p.between(0.9, 1.0))
        p.fill(ellipse(0.8, -0.62, 0.17, 0.15, steps=10), p.colour("brown", "dark brown"))
    else:
        tip, wide = p.between(0.05, 0.25), p.between(0.19, 0.26)
        flesh = smooth([(-0.02, 0.5), (-0.08, 0), (-0.04, -0.5), (tip, -0.95)], False, 3)
        p.fill(band(flesh, [wide] * 7 + [wide * w for w in (0.8, 0.6, 0.3)]), p.colour("cream", "white"))
        drop, narrowing = p.between(0.15, 0.5), [wide * w for w in (1, 1, 1, 1, 0.85, 0.75, 0.65, 0.55, 0.45, 0.3)]
        for x in (-1, 1):
            way = [(x * 0.1, 0.2), (x * 0.3, -0.12), (x * 0.55, -0.12 + drop * 0.4), (x * 0.72, drop)]
            p.fill(band(smooth(way, False, 3), narrowing), shade(skin, 0.92))
        foot = [(wide * 0.9, 0.5), (0.12, 0.8), (0.1, 1), (-0.02, 1), (-0.08, 0.8), (-wide, 0.5)]
        p.fill(smooth([(-wide, 0.12), (0, 0.32), (wide, 0.12), *foot], steps=2), skin)
        p.stroke([(0.02, 0.38), (0.03, 0.72)], shade(skin, 0.6), 0.07, True)
    fitted(p)


def pear(p: Pen) -> None:
    skin = p.colour("lime", "green", "yellow", "gold", "tan", "orange", "red")
    wide, neck, waist, lean = p.between(0.58, 0.8), p.between(0.17, 0.28), p.between(-0.25, 0.05), p.between(-0.2, 0.2)
    tip = (lean + p.between(-0.12, 0.2), -1.1)
    p.stroke([(lean, -0.7), (lean, -0.92), tip], p.colour(*WOOD), p.between(0.09, 0.13))
    right = [(neck, -0.68), (neck * 1.3, waist - 0.25), (wide * 0.8, waist + 0.2), (wide, 0.55), (wide * 0.6, 0.92)]
    points = [(0, -0.82), *right, (0, 0.93), *mirrored(right)[::-1]]
    outline = [(x + lean * max(0.0, 0.2 - y), y) for x, y in smooth(points, steps=4)]
    p.fill(outline, skin)
    if p.chance(0.22):  # cut in half
        p.fill(moved(outline, 0, 0.03, 0, 0.84), p.colour("cream", "white"), True)
        p.fill(smooth([(0, 0.05), (0.26, 0.5), (0, 0.68), (-0.26, 0.5)], steps=3), shade(skin, 0.8))
        for x in (-0.09, 0.09):
            p.fill(ellipse(x, 0.46, 0.06, 0.12, steps=8), p.colour("dark brown", "black"), True)
    elif p.chance(0.5):
        p.fill(ellipse(-wide * 0.5, 0.4, 0.1, p.between(0.18, 0.3), turn=15, steps=10), shade(skin, 1.4), True)
    elif p.chance(0.4):
        for x, y in ((0, 0.2), (0.3, 0.5), (-0.25, 0.6), (0.05, -0.3)):
            p.dot(x * wide * 1.3, y, 0.06, shade(skin, 0.6))
    if p.chance(0.65):
        p.fill(leaf(lean, -0.84, p.between(0.5, 0.75), p.between(0.28, 0.4), p.between(-40, 15)), p.colour(*LEAF))


def cherry(p: Pen) -> None:
    skin, stem = p.colour("red", "red", "magenta", "dark brown", "orange"), p.colour("green", "brown", "lime")
    count, knot = p.pick(1, 2, 2, 2, 2, 3), (p.between(-0.2, 0.35), p.between(-0.98, -0.88))
    left, right = (-0.52, p.between(0.3, 0.6)), (0.48, p.between(0.3, 0.6))
    spots = {1: [(0, 0.4)], 2: [left, right], 3: [(-0.62, 0.3), (0.62, 0.32), (0, 0.6)]}
    r = p.between(0.5, 0.58) if count == 1 else p.between(0.3, 0.42)
    if p.chance(0.7):
        turn, length = p.pick(p.between(10, 35), p.between(145, 175)), p.between(0.55, 0.8)
        p.fill(leaf(*knot, length, length * p.between(0.4, 0.6), turn), p.colour(*LEAF))
    for x, y in spots[count]:
        bow = ((knot[0] + x) / 2 + (0.18 if x > knot[0] else -0.12), (knot[1] + y) / 2 - 0.15)
        p.stroke(smooth([knot, bow, (x, y - r * 0.8)], False, 4), stem, p.between(0.08, 0.12))
    for x, y in spots[count]:
        right = [(0.5, -0.85), (1, -0.1), (0.6, 0.82)]
        heart = smooth([(0, -0.62), *right, (0, 0.98), *mirrored(right)[::-1]], steps=4)
        p.fill(moved(heart, x, y, 0, r), skin)
        if p.chance(0.8):
            shine = ellipse(x - r * 0.4, y - r * 0.2, r * 0.17, r * 0.3, turn=20, steps=8)
            p.fill(shine, p.colour("pink"), True)
    if p.chance(0.5):
        p.fill(ellipse(*knot, 0.13, 0.08, turn=p.between(-20, 20), steps=8), p.colour("brown", "green"))


def strawberry(p: Pen) -> None:
    skin, seed = p.colour("red", "red", "red", "magenta", "pink"), p.colour("yellow", "cream", "gold")
    wide, shoulder, end = p.between(0.62, 0.92), p.between(-0.4, -0.1), p.between(0.85, 1.0)
    right = [(wide * 0.65, -0.58), (wide, shoulder), (wide * 0.72, 0.35), (0.22, end - 0.12)]
    outline = smooth([(0, -0.5), *right, (0, end), *mirrored(right)[::-1]], steps=4)
    p.fill(outline, skin)
    if p.chance(0.15):  # cut in half
        p.fill(moved(outline, 0, 0.05, 0, 0.78), p.colour("pink", "cream"), True)
        p.fill(smooth([(0, -0.25), (0.22, 0.1), (0, 0.5), (-0.22, 0.1)], steps=3), p.colour("white", "red"))
    else:
        rows, turn = p.count(3, 4), p.pick(0, 90)
        for i in range(rows):
            y = -0.16 + i * 0.9 / rows
            reach = wide * (0.66 - 0.6 * max(0.0, y) ** 1.3)
            many = 3 if i == 0 else 2 + (i % 2 == 0 and reach > 0.3) if i < rows - 1 else 1
            for k in range(many):
                x = 0 if many == 1 else reach * (2 * k / (many - 1) - 1)
                p.fill(ellipse(x, y, 0.06, 0.09, turn, steps=8), seed, True)
    green, apart = p.colour(*LEAF), p.chance(0.5)
    if p.chance(0.7):
        p.stroke([(0, -0.6), (p.between(-0.1, 0.1), -0.8), (p.between(-0.2, 0.2), -1.0)], green, p.between(0.1, 0.14))
    if p.chance(0.6):
        spread = p.between(0.55, 0.75)
        for turn in (180, 0, 140, 40, 90):
            p.fill(leaf(0, -0.62, spread * (0.75 if turn == 90 else 1), 0.28, turn + p.between(-10, 10)), green, apart)
    else:
        side = [(wide * 0.25, -0.15), (wide * 0.45, -0.46), (wide * 0.85, -0.42), (wide * 0.6, -0.68)]
        p.fill([(0, -0.42), *side, (0, -0.75), *mirrored(side)[::-1]], green, apart)


def grapes(p: Pen) -> None:
    skin, green = p.colour("purple", "purple", "lime", "green", "navy", "magenta", "red"), p.colour(*LEAF)
    rows = p.pick((3, 4, 3, 2, 1), (4, 3, 2, 1), (2, 3, 2, 1), (3, 4, 3, 2), (2, 3, 3, 2, 1), (4, 5, 4, 3, 2, 1))
    r = p.between(0.95, 1.1) * min(0.84 / max(rows), 0.8 / len(rows) + 0.04)
    top = 0.92 - r - (len(rows) - 1) * r * 1.6
    p.stroke([(0, top), (0, top - r - 0.1), (p.between(-0.25, 0.25), top - r - 0.35)], p.colour("brown", "green"), 0.11)
    if p.chance(0.75):
        x, wide = p.pick(-0.35, 0.35), p.between(0.3, 0.45)
        edge = star(0, 0, wide, wide * 0.6, 5)
        p.fill(moved(edge, x, top - r - 0.05, p.between(-30, 30)), green)
    lie, gap = p.between(-0.3, 0.3), p.between(1.7, 1.9)
    for i, many in enumerate(rows):
        for k in range(many):
            x = (k - (many - 1) / 2) * r * gap + lie * r * (i % 2) + p.between(-0.1, 0.1) * r
            y = top + i * r * 1.6 + p.between(-0.1, 0.1) * r
            p.fill(ellipse(x, y, r, r * 1.05, steps=12), shade(skin, p.between(0.8, 1.2)))
            p.dot(x - r * 0.3, y - r * 0.3, max(0.07, r * 0.3), shade(skin, 1.7))
    fitted(p)


def pineapple(p: Pen) -> None:
    skin, green = p.colour("yellow", "gold", "orange", "orange", "brown", "lime"), p.colour(*LEAF)
    wide, top, dark = p.between(0.42, 0.66), p.between(-0.3, -0.05), shade(skin, 0.55)
    middle, tall = (top + 0.98) / 2, (0.98 - top) / 2
    high, spread = p.between(-1.08, -0.9), p.between(0.35, 0.62)
    for turn in (-2, 2, -1.3, 1.3, -0.6, 0.6, 0):
        reach = (top + 0.12 - high) * (1.05 - 0.1 * abs(turn))
        blade = leaf(turn * 0.07, top + 0.12, reach, p.between(0.22, 0.3), -90 + turn * spread * 62)
        p.fill(blade, shade(green, p.between(0.8, 1.2)))
    blunt = p.between(0.6, 0.85)  # 1 would be an ellipse

    def edge(y: float) -> float:
        t = min(1.0, abs(y - middle) / tall)
        return wide * (1 - t ** (2 / blunt)) ** (blunt / 2)

    ys = [top + 2 * tall * (0.5 - 0.5 * math.cos(math.pi * i / 10)) for i in range(11)]
    side = [(edge(y), y) for y in ys]
    p.fill(side + mirrored(side)[::-1], skin)
    pattern, width = p.pick("net", "net", "net", "chevrons", "dots"), p.between(0.06, 0.09)
    if pattern == "dots":
        for i in range(4):
            y = top + 2 * tall * (i + 0.6) / 4.2
            for k in range(3 - i % 2):
                p.fill(star(wide * (0.55 * k - 0.55 + 0.275 * (i % 2)), y, 0.1, 0.07, 4), dark, True)
        return
    if pattern == "chevrons":
        for i in range(4):
            y = top + 2 * tall * (i + 0.7) / 4.6
            p.stroke([(edge(y) * 0.88 * k / 2, y + 0.1 * (k % 2)) for k in range(-2, 3)], dark, width, True)
        return
    for side_of in (-1, 1):  # lines that cross
        for shift in (-0.9, -0.45, 0.0, 0.45, 0.9):
            slope = p.between(0.8, 0.85)
            run = [(side_of * (0.15 * i - 0.9), middle + shift + (0.15 * i - 0.9) * slope) for i in range(13)]
            run = [(x, y) for x, y in run if top < y < 0.98 and abs(x) < edge(y) * 0.95]
            if len(run) > 1:
                p.stroke(run, dark, width, True)


def watermelon(p: Pen) -> None:
    rind, seed = p.colour("green", "dark green", "lime"), p.colour("black", "dark brown")
    pith, flesh = (p.colour("white", "cream"), True), (p.colour("red", "red", "pink", "orange"), False)
    kind = p.pick("wedge", "wedge", "half", "half", "whole", "whole", "open")
    thick = p.between(0.12, 0.2)
    if kind == "wedge":  # a pointed slice on its rind
        half, point, low = p.between(0.7, 0.98), p.between(-0.95, -0.75), p.between(0.3, 0.5)
        bow = p.between(0.25, 0.4)
        for size, (colour, detail) in ((1, (rind, False)), (0.9, pith), (0.8, flesh)):
            foot, across = low - (1 - size) * 1.3, [1 - i / 4 for i in range(9)]
            low_edge = [(half * size * t, foot + bow * (1 - t * t)) for t in across]
            p.fill([(0, point + 0.02 * (size < 1)), *low_edge], colour, detail)
        for x, y in ((0, -0.25), (-0.17, 0.08), (0.2, 0.05), (0, 0.32), (-0.38, 0.32), (0.38, 0.3)):
            p.fill(ellipse(x * half, y + low - 0.4, 0.06, 0.1, turn=x * -60, steps=8), seed, True)
    elif kind == "half":  # half a disc, flat side up
        half, deep = p.between(0.9, 1.0), p.between(0.7, 1.0)
        for size, (colour, detail) in ((1, (rind, False)), (1 - thick * 0.7, pith), (1 - thick * 1.3, flesh)):
            p.fill(ellipse(0, -0.4, half * size, deep * size, end=180, steps=14), colour, detail)
        for i in range(p.count(5, 7)):
            x, y = ((-0.45, 0.18), (0, 0.25), (0.45, 0.18), (-0.22, 0.5), (0.22, 0.5), (-0.68, 0.13), (0.68, 0.13))[i]
            p.fill(ellipse(x * half, -0.4 + y * deep, 0.06, 0.1, turn=x * -40, steps=8), seed, True)
    else:
        wide, tall = p.between(0.78, 1.0), p.between(0.68, 0.8)
        p.stroke([(-wide + 0.1, 0), (-wide - 0.1, -0.05), (-wide - 0.12, -0.18)], p.colour("brown", "green"), 0.1)
        p.fill(ellipse(0, 0, wide, tall, steps=22), rind)
        dark = p.colour("dark green", "lime") if p.chance(0.7) else shade(rind, 0.5)
        many = p.count(4, 5)
        for at in ((2 * i + 1) / many - 1 for i in range(many)):  # wavy stripes from end to end
            angles = [math.pi * i / 8 for i in range(1, 8)]
            stripe = [(-wide * math.cos(a), at * 1.12 * tall * math.sin(a)) for a in angles]
            stripe = [(x, y + 0.05 * (-1) ** i) for i, (x, y) in enumerate(stripe)]
            p.fill(band(stripe, [0.02, 0.07, 0.1, 0.11, 0.1, 0.07, 0.02]), dark, True)
        if kind == "open":  # the cut face looks at us
            x, r = wide * 0.35, tall
            for size, (colour, detail) in ((1, (rind, False)), (0.86, pith), (0.74, flesh)):
                p.fill(ellipse(x, 0, r * size * 0.8, r * size), colour, detail)
            for i in range(6):
                turn, a = 60 * i + 110, math.radians(60 * i + 20)
                at = (x + r * 0.36 * math.cos(a), r * 0.44 * math.sin(a))
                p.fill(ellipse(*at, 0.06, 0.1, turn, steps=8), seed, True)


DRAWINGS = {
    "apple": apple,
    "banana": banana,
    "pear": pear,
    "cherry": cherry,
    "strawberry": strawberry,
    "grapes": grapes,
    "pineapple": pineapple,
    "watermelon": watermelon,
}

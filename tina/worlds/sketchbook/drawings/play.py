"""Music and play."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth
from tina.worlds.sketchbook.shapes import band, heart, placed, turned

GAY = ("red", "blue", "yellow", "green", "orange", "purple", "pink", "teal", "sky", "white")
WOOD = ("orange", "tan", "brown", "dark brown")
BRASS = ("gold", "gold", "yellow", "silver", "orange")


def guitar(p: Pen) -> None:
    kind = p.pick("acoustic", "acoustic", "small", "horned", "horned")
    neck = p.colour("dark brown", "brown", "black")
    wood, thick = p.colour(*WOOD, "red", "black", "blue", "white", "yellow"), p.between(0.07, 0.1)
    wide, top = p.between(0.46, 0.6), -0.05
    p.fill(turned([(0.14, -1.1), (0.17, -0.84), (thick, -0.76)]), p.pick(neck, wood))  # the head with its pegs
    for y in (-1.02, -0.9):
        for x in (-1, 1):
            p.fill(box(x * 0.22 - 0.07, y - 0.05, x * 0.22 + 0.07, y + 0.05), p.colour("white", "silver", "gold"))
    if kind in ("acoustic", "small"):
        waist = p.between(0.6, 0.75)
        shoulder = [(0.2, top), (wide * 0.75, top + 0.14), (wide * waist, top + 0.4)]
        side = [*shoulder, (wide, top + 0.75), (wide * 0.7, 1.02), (0, 1.06)]
    else:
        shoulder = [(0.1, 0.2), (0.22, 0.16), (0.42, -0.12), (0.5, 0), (wide * 0.75, 0.35)]
        side = [*shoulder, (wide, 0.75), (wide * 0.6, 1.02), (0, 1.0)]
    if kind == "small":
        side = [(x, 0.16 + y * 0.8) for x, y in side]
    p.fill(smooth([*side, *mirrored(side[:-1])[::-1]], steps=3), wood)
    mid = 0.42 if kind == "small" else 0.36
    if kind in ("acoustic", "small"):
        p.dot(0, mid, p.between(0.17, 0.22), p.colour("black", "dark brown"))
    elif kind == "horned" and p.chance(0.6):
        guard = [(-0.15, 0.25), (0.2, 0.3), (wide * 0.7, 0.65), (0.2, 0.9), (-0.2, 0.7)]
        p.fill(smooth(guard, steps=3), p.colour("white", "cream", "black"), True)
    p.fill(box(-thick, -0.86, thick, mid - 0.04), neck)
    if p.chance(0.5):
        for y in (-0.6, -0.36, -0.12):
            p.stroke([(-thick, y), (thick, y)], p.colour("white", "silver"), 0.06, True)
    p.fill(box(-0.22, 0.7, 0.22, 0.82), p.colour("black", "dark brown", "white"), True)
    if kind == "horned":
        p.fill(box(-0.18, 0.46, 0.18, 0.56), p.colour("black", "silver"), True)
    p.stroke([(0, -0.8), (0, 0.74)], p.colour("white", "silver"), 0.07, True)
    placed(p, 0, 0, 0, *p.pick((0, 1), (0, 1), (40, 1.12), (-40, 1.12), (60, 1.08), (90, 1)))


def _sticks(p: Pen, y: float) -> None:
    wood = p.colour("tan", "brown", "cream")
    for x in (-1, 1):
        tip = (x * p.between(0.0, 0.25), y)
        end = (x * p.between(0.75, 0.95), p.between(-1.0, -0.8))
        p.fill(band([end, tip], 0.06), wood)
        p.fill(ellipse(*tip, 0.11, 0.1, steps=8), shade(wood, 0.8))


def _shell(p: Pen, x: float, top: float, low: float, wide: float, foot: float, skin: Colour, laced: bool) -> None:
    """A round wall from `top` (a skin seen from above) to `low`, `wide` above and `foot` below."""
    hull, flat = p.colour(*GAY, *WOOD), wide * p.between(0.24, 0.36)
    rim = p.colour("gold", "white", "silver", "brown", "yellow")
    belly = mirrored(ellipse(x, low, foot, flat * foot / wide, end=180, steps=10), x)
    p.fill([(x - wide, top), *belly, (x + wide, top)], hull)
    if laced:  # up and down around the wall
        laces, turns = [], p.count(5, 8)
        for i in range(turns + 1):
            half, y, a = (wide, foot)[i % 2], (top + 0.06, low - 0.06)[i % 2], math.pi * (0.06 + 0.88 * i / turns)
            laces.append((x + half * math.cos(a), y + flat * math.sin(a)))
        p.stroke(laces, p.colour("white", "yellow", "black"), 0.09, True)
    if p.chance(0.6):
        p.stroke(ellipse(x, low, foot, flat, start=8, end=172, steps=10), rim, 0.12)
    p.fill(ellipse(x, top, wide * 1.04, flat * 1.15), rim)
    p.fill(ellipse(x, top, wide * 0.9, flat * 0.85), skin, True)


def drum(p: Pen) -> None:
    kind = p.pick("side", "side", "side", "front", "goblet", "pair", "kit")
    skin = p.colour("white", "cream", "cream", "tan")
    if kind == "side":
        wide, top, look = p.between(0.68, 0.9), p.between(-0.35, -0.05), p.pick("laces", "sticks", "both", "both")
        _shell(p, 0, top, p.between(0.55, 0.8), wide, wide * p.pick(1, 1, 0.8), skin, look != "sticks")
        if look != "laces":
            _sticks(p, top - 0.02)
    elif kind == "goblet":
        wide, hull = p.between(0.55, 0.72), p.colour(*WOOD, "red", "blue")
        cup = smooth([(wide, -0.75), (wide * 0.85, -0.2), (0.22, 0.25), (0.24, 0.5), (0.46, 1.0)], False, 3)
        p.fill(turned(cup), hull)
        laces = [(wide * (-0.9 + 0.3 * i), -0.55 if i % 2 else -0.1 - 0.2 * (abs(i - 3) > 2)) for i in range(7)]
        p.stroke(laces, p.colour("white", "yellow", "black"), 0.09, True)
        p.fill(turned([(0.24, 0.3), (0.24, 0.42)]), p.colour("yellow", "white", "red"), True)
        p.fill(ellipse(0, -0.75, wide * 1.05, 0.25), shade(hull, 0.7))
        p.fill(ellipse(0, -0.76, wide * 0.88, 0.18), skin, True)
    elif kind == "pair":
        for x, wide in ((-0.48, 0.42), (0.52, p.between(0.44, 0.5))):
            _shell(p, x, -0.35, 0.6, wide, wide * 0.8, skin, p.chance(0.75))
        p.fill(box(-0.14, 0.02, 0.1, 0.2), p.colour("black", "silver"))
    else:  # a bass drum from the front, alone or with more on top of it
        metal, hull = p.colour("silver", "gold", "black"), p.colour("red", "blue", "black", "orange", "green", "purple")
        y, r = (0.1, 0.85) if kind == "front" else (0.36, 0.62)
        for x in (-1, 1):
            p.fill(band([(x * r * 0.6, y + r * 0.6), (x * r * 0.95, y + r * 1.08)], 0.07), metal)
        if kind == "kit":
            for x in (-1, 1):
                p.stroke([(x * 0.85, -0.72), (x * 0.75, 0.98)], metal, 0.08)
                p.fill(ellipse(x * 0.82, -0.74, 0.32, 0.09, turn=x * 14), p.colour("gold", "yellow"))
                p.fill(turned([(0.29, -0.5), (0.29, -0.12)], x * 0.34), shade(hull, 0.85))
                p.fill(box(x * 0.34 - 0.3, -0.56, x * 0.34 + 0.3, -0.44), skin, True)
        p.fill(ellipse(0, y, r, r, steps=24), hull)
        p.fill(ellipse(0, y, r * 0.8, r * 0.8, steps=24), skin, True)
        for i in range(8):
            a = math.tau * (i + 0.5) / 8
            p.stroke([(r * k * math.cos(a), y + r * k * math.sin(a)) for k in (0.84, 1.06)], metal, 0.1)
        if p.chance(0.5):
            p.fill(p.pick(heart(0, y, r * 0.35), ellipse(0, y, r * 0.3, r * 0.3)), hull)
        if kind == "front":
            _sticks(p, -0.55)


def trumpet(p: Pen) -> None:
    brass = p.colour(*BRASS)
    kind, y, thick = p.pick("valves", "valves", "valves", "short", "straight", "coiled"), -0.12, p.between(0.06, 0.09)
    dark, big, mouth = shade(brass, 0.8), p.between(0.36, 0.52), -1.05 if kind != "short" else -0.85
    if kind == "straight":  # a herald's, with its cloth
        cloth, low = p.colour(*GAY), p.between(0.6, 0.85)
        tail = p.pick([(0.3, low), (-0.5, low)], [(0.3, low), (-0.1, low - 0.25), (-0.5, low)])
        p.fill([(-0.5, y), (0.3, y), *tail], cloth)
        motif = p.pick(heart(-0.1, 0.22, 0.2), ellipse(-0.1, 0.22, 0.17, 0.17))
        p.fill(motif, p.colour("yellow", "white", "black"), True)
    elif kind == "coiled":
        p.fill(band(ellipse(-0.15, 0.15, p.between(0.38, 0.48), 0.3, end=359), thick), dark)
    else:
        low, left, right = p.between(0.3, 0.42), mouth + p.between(0.35, 0.5), p.between(0.42, 0.55)
        loop = box(left, y, right, low, min(0.22, (low - y) / 2))
        p.fill(band([*loop, loop[0]], thick), dark)
    flare = [(0.2, thick * 1.1), (0.55, thick * 1.5), (0.78, big * 0.5), (0.98, big)]
    flare = smooth(flare, False, 3)
    p.fill(band([(mouth, y), (0.3, y)], thick), brass)
    p.fill([(x, y - h) for x, h in flare] + [(x, y + h) for x, h in flare[::-1]], brass)
    p.fill(ellipse(0.98, y, 0.1, big, steps=14), shade(brass, 0.55), p.chance(0.5))
    p.fill(
        [(mouth - 0.08, y - 0.15), (mouth + 0.12, y - thick), (mouth + 0.12, y + thick), (mouth - 0.08, y + 0.15)], dark
    )
    if kind in ("valves", "short"):
        metal, first, high = p.pick(brass, p.colour("silver", "white")), p.between(-0.3, -0.15), p.between(-0.55, -0.42)
        for k in range(3):
            x = first + 0.24 * k
            p.fill(box(x - 0.04, high, x + 0.04, y), metal)
            p.fill(box(x - 0.1, high - 0.08, x + 0.1, high + 0.05), p.pick(metal, p.colour("white", "red")))
            p.fill(box(x - 0.09, y - 0.14, x + 0.09, low + 0.12), metal)
            if k:
                p.stroke([(x - 0.12, y + 0.12), (x - 0.12, low + 0.1)], shade(brass, 0.4), 0.06, True)
    placed(p, 0, 0, 0.08, p.pick(0, -15, -30, -45))


def _keys(p: Pen, x0: float, y0: float, x1: float, y1: float, many: int) -> None:
    black, step = p.colour("black", "black", "dark brown", "navy"), (x1 - x0) / many
    p.fill(box(x0, y0, x1, y1), p.colour("white", "cream"), True)
    for i in range(1, many):
        x, half = x0 + step * i, step * p.between(0.24, 0.32)
        p.stroke([(x, y0), (x, y1)], black, 0.05)
        if i % 7 not in (3, 0):
            p.fill(box(x - half, y0, x + half, y0 + (y1 - y0) * 0.6), black)


def piano(p: Pen) -> None:
    case = p.colour("black", "black", "brown", "dark brown", "white", "red", "navy")
    kind = p.pick("wing", "wing", "above", "upright", "upright", "keys")
    dark = shade(case, 0.7)
    if kind == "keys":
        wide, tall = p.between(0.9, 1.05), p.between(0.4, 0.65)
        p.fill(box(-wide, -tall - 0.18, wide, tall, 0.06), case)
        _keys(p, -wide + 0.08, -tall + 0.1, wide - 0.08, tall - 0.06, p.count(5, 8))
        if p.chance(0.4):
            for x in (-0.7, 0.7):
                p.fill(band([(x, tall), (-x, tall + 0.45)], 0.06), p.colour("grey", "silver"))
    elif kind == "upright":
        wide, top, high = p.between(0.75, 0.98), p.between(-0.95, -0.7), p.between(-0.1, 0.1)
        p.fill(box(-wide * 0.92, top, wide * 0.92, 0.92), case)
        p.fill(box(-wide, top - 0.1, wide, top + 0.06), dark)
        if p.chance(0.6):
            sheet = [(-0.35, high - 0.08), (-0.38, top + 0.2), (0.38, top + 0.2), (0.35, high - 0.08)]
            p.fill(sheet, p.colour("white", "cream"), True)
            p.stroke([(-0.2, high - 0.3), (0.2, high - 0.3)], p.colour("black", "grey"), 0.07)
        p.fill(box(-wide * 1.04, high, wide * 1.04, high + 0.42), dark)
        _keys(p, -wide * 0.94, high + 0.06, wide * 0.94, high + 0.36, p.count(7, 9))
        p.fill(box(-wide * 0.68, high + 0.52, wide * 0.68, 0.82), shade(case, 1.3), True)
        for x in (-1, 1):
            p.fill(box(x * wide * 0.9 - 0.1, high + 0.4, x * wide * 0.9 + 0.1, 1.0), dark)
    elif kind == "above":  # straight on the left, curved on the right, keys below
        top, reach = p.between(-1.02, -0.9), p.between(0.05, 0.3)
        curve = smooth([(-0.35, top), (reach, top + 0.2), (0.35, -0.1), (0.8, 0.2), (0.9, 0.5)], False, 4)
        p.fill([(-0.9, 0.98), (-0.9, top + 0.1), (-0.75, top), *curve, (0.9, 0.98)], case)
        gleam = [(-0.7, top + 0.25), (-0.1, top + 0.3), (0.1, 0), (0.55, 0.3)]
        p.stroke(gleam, shade(case, 1.8 if sum(case) > 120 else 4), 0.08, True)
        _keys(p, -0.8, 0.5, 0.8, 0.9, p.count(7, 8))
    else:  # a grand piano with its lid up
        high, lift = p.between(0.0, 0.12), p.between(-1.0, -0.75)
        for x in (-0.7, 0.1, 0.75):
            p.fill(turned([(0.1, high + 0.25), (0.06, 0.9), (0.1, 1.0)], x), dark)
        lid = [(-0.62, lift), (-0.25, lift - 0.02), (0.1, lift + 0.25), (0.55, lift + 0.35), (0.95, high - 0.3)]
        p.fill([(-0.55, high), *smooth(lid, False, 3), (0.95, high)], shade(case, 1.25))
        inside = [(-0.4, high), (-0.46, lift + 0.28), (-0.28, lift + 0.22), (0.2, high)]
        p.fill(inside, p.colour("gold", "cream", "tan"), True)
        p.stroke([(-0.12, high), (-0.38, lift + 0.2)], dark, 0.07)
        p.fill(box(-1.05, high, -0.5, high + 0.34), dark)
        p.fill(box(-0.72, high - 0.03, 1.0, high + 0.36, 0.12), case)
        _keys(p, -1.02, high - 0.02, -0.56, high + 0.16, 4)
        if p.chance(0.5):
            p.fill(box(-1.08, 0.62, -0.84, 0.72), p.colour("red", "black"))
            p.stroke([(-0.96, 0.7), (-0.96, 1.0)], dark, 0.08)


def beach_ball(p: Pen) -> None:
    r, many = p.between(0.85, 0.98), p.pick(6, 6, 8, 8, 4)
    away, towards, swirl = p.between(0.0, 0.6), p.between(0, math.tau), p.between(-0.3, 0.3)
    pole = (r * away * math.cos(towards), r * away * math.sin(towards))
    first = p.between(0, math.tau)
    sets = (
        ("red", "yellow", "blue", "green"),
        ("red", "sky"),
        ("orange", "teal"),
        ("pink", "purple", "yellow"),
        ("blue",),
    )
    colours = [p.colour(name) for name in p.pick(*sets)]
    pale = p.colour("white", "white", "cream", "yellow")

    def seam(i: int) -> list[Point]:
        a, points = first + math.tau * i / many, []
        for k in range(7):
            t = k / 6
            side = (swirl + away * 0.55 * math.sin(towards - a)) * r * math.sin(math.pi * t)
            x, y = pole[0] + (r * math.cos(a) - pole[0]) * t, pole[1] + (r * math.sin(a) - pole[1]) * t
            x, y = x + side * math.sin(a), y - side * math.cos(a)
            reach = max(1.0, math.hypot(x, y) / r)
            points.append((x / reach, y / reach))
        return points

    p.fill(ellipse(0, 0, r, r, steps=28), pale)
    for i in range(0, many, 2):
        a = math.degrees(first) + 360 * i / many
        rim = ellipse(0, 0, r, r, start=a, end=a + 360 / many, steps=6)
        p.fill(seam(i) + rim[1:-1] + seam(i + 1)[::-1], colours[i // 2 % len(colours)], True)
    p.stroke([*ellipse(0, 0, r - 0.03, r - 0.03, steps=28), (r - 0.03, 0)], shade(colours[0], 0.8), 0.07)
    p.dot(*pole, p.between(0.13, 0.2), p.pick(pale, colours[0]), False)
    if p.chance(0.3):
        p.fill(ellipse(-r * 0.5, -r * 0.55, 0.12, 0.2, turn=40, steps=10), p.colour("white"), True)


def _tail(p: Pen, x: float, y: float, low: float, colour: Colour) -> None:
    sway, many = p.between(0.12, 0.3) * p.pick(-1, 1), p.count(2, 3)
    line = smooth(
        [(x, y), (x + sway, y + (low - y) / 3), (x - sway, y + (low - y) * 2 / 3), (x + sway * 0.6, low)], False, 5
    )
    p.stroke(line, p.colour("black", "dark grey", "white", "brown"), 0.08)
    size = p.between(0.13, 0.18)
    for k in range(many):
        bx, by = line[int((k + 1) * 14 / many)]
        bow = [(-size, -size * 0.8), (0, 0), (size, -size * 0.8), (size, size * 0.8), (0, 0), (-size, size * 0.8)]
        p.fill(moved(bow, bx, by, p.between(-40, 40)), colour)


def kite(p: Pen) -> None:
    one, two = p.colour(*GAY), p.colour(*GAY)
    kind = p.pick("diamond", "diamond", "diamond", "diamond", "delta")
    if kind == "diamond":
        wide, arm, low = p.between(0.48, 0.72), p.between(-0.55, -0.3), p.between(0.35, 0.55)
        top, left, right, end = (0, -1.02), (-wide, arm), (wide, arm), (0, low)
        _tail(p, 0, low - 0.03, 1.12, two)
        p.fill([top, right, end, left], one)
        look = p.pick("quarters", "halves", "cross", "cross", "heart")
        if look == "quarters":
            p.fill([top, right, (0, arm)], two, True)
            p.fill([end, left, (0, arm)], two, True)
        elif look == "halves":
            p.fill([top, right, end], two, True)
        elif look == "heart":
            p.fill(heart(0, arm + 0.06, wide * 0.5), two, True)
        if look in ("cross", "quarters"):
            for line in ([top, end], [left, right]):
                p.stroke(line, p.colour("black", "white", "dark brown"), 0.08, True)
    else:
        wide, low = p.between(0.9, 1.05), p.between(0.05, 0.25)
        for x in (-0.3, 0.3) if p.chance(0.6) else (0,):
            _tail(p, x, low - 0.1, 1.05, two)
        p.fill([(0, -0.85), (wide, low), (0.3, low - 0.12), (0, low + 0.1), (-0.3, low - 0.12), (-wide, low)], one)
        p.fill([(0, -0.85), (0.3, low - 0.12), (0, low + 0.1), (-0.3, low - 0.12)], two, True)
        p.stroke([(0, -0.85), (0, low + 0.1)], p.colour("black", "white"), 0.08)
    placed(p, 0, 0, 0, p.between(-25, 30))


PIPS = {1: (4,), 2: (0, 8), 3: (0, 4, 8), 4: (0, 2, 6, 8), 5: (0, 2, 4, 6, 8), 6: (0, 2, 3, 5, 6, 8)}


def _pips(p: Pen, number: int, corner: Point, u: Point, v: Point, radius: float, ink: Colour) -> None:
    """The pips of one face: a corner of it and its two edges."""
    for i in PIPS[number]:
        s, t = 0.22 + 0.28 * (i % 3), 0.22 + 0.28 * (i // 3)
        dot = ellipse(s, t, radius * (1.5 if number == 1 else 1), radius * (1.5 if number == 1 else 1), steps=10)
        p.fill([(corner[0] + u[0] * a + v[0] * b, corner[1] + u[1] * a + v[1] * b) for a, b in dot], ink, True)


def die(p: Pen) -> None:
    dark = ("black", "red", "blue", "green", "purple")
    skin, ink = p.pick(
        ("white", p.pick(*dark)), ("cream", p.pick(*dark)), (p.pick(*dark), p.pick("white", "cream", "yellow"))
    )
    skin, ink, kind = p.colour(skin), p.colour(ink), p.pick("cube", "cube", "cube", "face", "face", "two")
    for k in range(2 if kind == "two" else 1):
        since, radius = len(p.marks), p.between(0.1, 0.13)
        faces = [p.pick(*pair) for pair in ((1, 6), (2, 5), (3, 4))]
        p.random.shuffle(faces)
        if kind == "face" or (kind == "two" and p.chance(0.4)):
            p.fill(box(-0.85, -0.85, 0.85, 0.85, p.pick(0.1, 0.22, 0.35)), skin)
            _pips(p, p.count(2, 6), (-0.85, -0.85), (1.7, 0), (0, 1.7), radius, ink)
        else:
            edge, slope, tall = p.between(0.75, 0.9), p.between(0.35, 0.5), p.between(0.85, 1.0)
            top, near = (0, -0.95), -0.95 + 2 * slope
            p.fill([(0, near), (-edge, near - slope), (-edge, near - slope + tall), (0, near + tall)], shade(skin, 0.9))
            p.fill([(0, near), (edge, near - slope), (edge, near - slope + tall), (0, near + tall)], shade(skin, 0.72))
            p.fill([top, (edge, near - slope), (0, near), (-edge, near - slope)], skin)
            for x, y in ((-edge, near - slope), (edge, near - slope), (0, near + tall)):
                p.stroke([(0, near), (x, y)], shade(skin, 0.5), 0.08, True)
            _pips(p, faces[0], top, (edge, slope), (-edge, slope), radius * 1.1, ink)
            _pips(p, faces[1], (-edge, near - slope), (edge, slope), (0, tall), radius, ink)
            _pips(p, faces[2], (0, near), (edge, -slope), (0, tall), radius, ink)
        if kind == "two":
            at = (-0.5, p.between(-0.5, -0.2)) if k == 0 else (0.5, p.between(0.2, 0.45))
            placed(p, since, *at, p.between(-35, 35), 0.56)


def teddy_bear(p: Pen) -> None:
    fur = p.colour("brown", "brown", "tan", "dark brown", "orange", "pink", "white", "sky", "grey")
    pale = p.colour("cream", "tan", "white", "pink")
    kind, ink = p.pick("sits", "sits", "sits", "stands", "hugs"), p.colour("black", "dark brown")
    head, fat, y = p.between(0.4, 0.5), p.between(0.4, 0.54), -0.42
    ear, dark = p.between(0.15, 0.21), shade(fur, 0.85)
    for x in (-1, 1):
        p.fill(ellipse(x * head * 0.8, y - head * 0.72, ear, ear, steps=14), fur)
        p.fill(ellipse(x * head * 0.8, y - head * 0.72, ear * 0.5, ear * 0.5, steps=10), pale, True)
        if kind == "stands":
            p.fill(ellipse(x * 0.27, 0.84, 0.23, 0.26), dark)
        raised = p.chance(0.3)
        hand = (x * (fat + 0.38), -0.05 if raised else p.between(0.3, 0.5))
        if kind != "hugs":
            p.fill(band([(x * fat * 0.6, 0.12), hand], [0.16, 0.19]), dark)
            p.fill(ellipse(*hand, 0.19, 0.19, steps=12), dark)
    p.fill(ellipse(0, 0.4, fat, 0.5), fur)
    if p.chance(0.75):
        p.fill(ellipse(0, 0.42, fat * 0.58, 0.3), pale, True)
    if kind != "stands":
        for x in (-1, 1):
            p.fill(ellipse(x * (fat + 0.04), 0.78, 0.27, 0.25, turn=x * 20), dark)
            p.fill(ellipse(x * (fat + 0.07), 0.79, 0.14, 0.13, steps=12), pale, True)
    if kind == "hugs":  # holds a heart
        p.fill(heart(0, 0.42, 0.33), p.colour("red", "pink", "yellow"), True)
        for x in (-1, 1):
            p.fill(band([(x * fat * 0.9, 0.12), (x * (fat + 0.08), 0.35), (x * 0.24, 0.48)], [0.14, 0.15, 0.16]), dark)
    p.fill(ellipse(0, y, head * p.between(1.0, 1.15), head), fur)
    p.fill(ellipse(0, y + head * 0.35, head * 0.48, head * 0.38), pale, True)
    for x in (-1, 1):
        p.dot(x * head * 0.4, y - head * 0.18, p.between(0.075, 0.095), ink)
    p.fill(ellipse(0, y + head * 0.2, 0.12, 0.085, steps=10), ink)
    p.stroke([(0, y + head * 0.2), (0, y + head * 0.5)], ink, 0.06)
    if p.chance(0.5):
        bow = [(-0.28, -0.15), (0, -0.04), (0.28, -0.15), (0.28, 0.17), (0, 0.06), (-0.28, 0.17)]
        p.fill(moved(bow, 0, 0.03), p.colour("red", "blue", "green", "yellow"), True)


DRAWINGS = {
    "guitar": guitar,
    "drum": drum,
    "trumpet": trumpet,
    "piano": piano,
    "beach ball": beach_ball,
    "kite": kite,
    "die": die,
    "teddy bear": teddy_bear,
}

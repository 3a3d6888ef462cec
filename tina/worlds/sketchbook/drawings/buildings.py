"""Buildings."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth

WALLS = ("white", "cream", "tan", "red", "yellow", "light grey", "pink", "sky", "orange")
ROOFS = ("red", "brown", "dark brown", "dark grey", "orange", "blue", "dark green", "purple")
STONE = ("grey", "light grey", "tan", "dark grey", "cream", "brown")
WOOD = ("brown", "dark brown", "dark grey")
CLOTH = ("orange", "green", "blue", "red", "yellow", "tan", "teal", "dark green")
GLASS = ("navy", "black", "dark brown", "yellow", "sky")
NIGHT = ("black", "dark brown", "navy")


def _both(half: list[Point]) -> list[Point]:
    """A shape from its right half."""
    return half + mirrored(half)[::-1]


def _arch(x: float, top: float, half: float, base: float) -> list[Point]:
    """A doorway with a round head."""
    return [(x - half, base), *ellipse(x, top + half, half, half, start=180, end=360, steps=8), (x + half, base)]


def _roof(p: Pen, x: float, half: float, eave: float, peak: float, colour: Colour) -> None:
    """A pointed roof, with a shadow under it that parts it from the wall."""
    p.fill([(x - half, eave), (x, peak), (x + half, eave)], colour)
    p.stroke([(x - half * 0.85, eave + 0.02), (x + half * 0.85, eave + 0.02)], shade(colour, 0.5), 0.07, True)


def house(p: Pen) -> None:
    wall, roof, glass, door = p.colour(*WALLS), p.colour(*ROOFS), p.colour(*GLASS), p.colour("brown", "blue", "red")
    w, base, over, size = p.between(0.6, 0.9), 0.9, p.between(0.06, 0.18), p.between(0.13, 0.17)
    eave, ridge = p.between(-0.15, 0.12), p.between(-0.95, -0.7)
    kind = p.pick("gable", "gable", "long", "corner", "tall")
    if kind == "tall":
        w, eave, ridge = p.between(0.45, 0.58), p.between(-0.42, -0.3), p.between(-1.0, -0.85)
    elif kind in ("long", "corner"):
        w = p.between(0.82, 0.92)
    if p.chance(0.65):
        x, top = p.pick(-1, 1) * w * p.between(0.4, 0.6), ridge - p.between(-0.02, 0.08)
        p.fill(box(x - 0.12, top, x + 0.12, eave), p.colour("brown", "red", "grey"))
    p.fill(box(-w, eave - 0.02, w, base), wall)
    if kind == "corner":
        split = -w + p.between(0.7, 0.9)
        peak = (split - w) / 2
        p.fill([(-w, eave), (peak, ridge), (split, eave), (split, base), (-w, base)], shade(wall, 0.85))
        p.fill([(peak, ridge), (w - 0.15, ridge), (w + over, eave + 0.05), (split + 0.05, eave + 0.05)], roof)
        p.stroke([(-w - 0.1, eave + 0.1), (peak, ridge), (split, eave)], shade(roof, 0.8), 0.12)
        p.stroke([(split, eave + 0.05), (split, base)], shade(wall, 0.5), 0.07, True)
        p.fill(box(peak - 0.15, base - p.between(0.5, 0.65), peak + 0.15, base), door, True)
        spots = [(split + 0.28 + 0.42 * i, 0.4) for i in range(p.count(1, 2))]
    else:
        _roof(p, 0, w + over, eave, ridge, roof)
        if kind == "long":
            p.fill(_both([(w * 0.7, ridge + 0.12), (w + over, eave)]), roof)
        at, rows = p.pick(0.0, 0.0, -w * 0.5, w * 0.5), (eave + 0.3, eave + 0.78)
        p.fill(box(at - 0.15, base - p.between(0.5, 0.62), at + 0.15, base), door, True)
        rows = rows if kind == "tall" else ((eave + base) / 2 - 0.08,)
        spots = [(x, y) for y in rows for x in (-w * 0.58, 0.0, w * 0.58) if abs(x - at) > 0.3 or y < base - 0.85]
    bars, size = p.chance(0.4), min(size, w * 0.24)
    for x, y in spots:
        p.fill(box(x - size, y - size, x + size, y + size), glass, True)
        if bars:
            p.stroke([(x, y - size), (x, y + size)], wall, 0.05)


def castle(p: Pen) -> None:
    stone, roof, dark = p.colour(*STONE), p.colour(*ROOFS), p.colour(*NIGHT)
    base, tower, half, cones = 0.9, p.between(-0.6, -0.35), p.between(0.2, 0.27), p.chance(0.4)

    def battlement(x0: float, x1: float, top: float, count: int, colour: Colour) -> None:
        step, points = (x1 - x0) / (2 * count - 1), []
        for i in range(2 * count - 1):
            y = top if i % 2 == 0 else top + 0.16
            points += [(x0 + i * step, y), (x0 + (i + 1) * step, y)]
        p.fill([*points, (x1, base), (x0, base)], colour)

    def build(x: float, half: float, top: float) -> None:
        colour, peak = shade(stone, p.between(0.85, 1.1)), top - (p.between(0.45, 0.55) if cones else 0.0)
        if peak > -0.85 and p.chance(0.4):
            p.stroke([(x, peak + 0.1), (x, peak - 0.3)], dark, 0.07)
            p.fill([(x, peak - 0.32), (x + 0.26, peak - 0.22), (x, peak - 0.12)], roof)
        if cones:
            p.fill(box(x - half, top, x + half, base), colour)
            _roof(p, x, half + 0.06, top, peak, roof)
        else:
            battlement(x - half, x + half, top, 2 if half < 0.21 else 3, colour)
        if p.chance(0.7):
            p.fill(_arch(x, top + 0.26, 0.07, top + 0.55), dark, True)

    if p.chance(0.4):  # a keep behind
        build(0, p.between(0.24, 0.34), tower - (0.0 if cones else 0.25))
        tower += 0.15
    battlement(-0.8, 0.8, p.between(-0.1, 0.2), p.count(4, 5), stone)
    for x in (half - 0.95, 0.95 - half):
        build(x, half, tower + p.between(-0.06, 0.06))
    p.fill(_arch(0, p.between(0.3, 0.42), p.between(0.18, 0.26), base), dark, True)


def lighthouse(p: Pen) -> None:
    wall, band, cap = p.colour("white", "cream", "yellow"), p.colour(*NIGHT, "red", "blue"), p.colour(*NIGHT, "red")
    foot, neck, top, base = p.between(0.3, 0.46), p.between(0.17, 0.25), p.between(-0.5, -0.4), p.between(0.78, 0.95)
    glow, light, spread = p.colour("yellow", "cream"), p.pick("none", "beam", "rays"), p.between(0.15, 0.25)
    if light == "beam":
        p.fill([(0, top - 0.18), (1.05, top - 0.2 - spread), (1.05, top - 0.16 + spread)], glow)
    for turn in (-20, 0, 20, 160, 180, 200) if light == "rays" else ():
        p.stroke(moved([(0.42, 0), (0.8, 0)], 0, top - 0.18, turn), glow, 0.08)
    if p.chance(0.5):
        rock = [(-0.9, 1), (-0.6, base - 0.12), (-0.1, base - 0.05), (0.5, base - 0.15), (0.9, 1)]
        p.fill(smooth(rock, steps=3), p.colour("grey", "brown", "green"))

    def across(low: float, high: float) -> list[Point]:
        """The piece of the tower from `low` to `high`, 0 its top and 1 its base."""
        return _both([(neck + (foot - neck) * t, top + (base - top) * t) for t in (low, high)])

    p.fill(across(0, 1), wall)
    count = p.pick(0, 2, 2, 3)
    for i in range(count):
        p.fill(across((i + 0.35) / count, (i + 0.85) / count), band, True)
    for y in () if count else (top + 0.3, top + 0.7):
        p.fill(box(-0.07, y, 0.07, y + 0.17), band, True)
    p.fill(box(-neck * 0.72, top - 0.34, neck * 0.72, top), p.colour("yellow", "cream", "sky"))
    p.fill(box(-0.07, top - 0.28, 0.07, top - 0.06), p.colour("white", "yellow"), True)
    p.fill(box(-neck - 0.12, top - 0.03, neck + 0.12, top + 0.09), cap)
    high = p.between(0.18, 0.28)
    dome = ellipse(0, top - 0.32, neck + 0.03, high, start=180, end=360, steps=8)
    p.fill(dome if p.chance(0.4) else _both([(0, top - 0.32 - high), (neck + 0.05, top - 0.32)]), cap)


def windmill(p: Pen) -> None:
    wall, roof, arm = p.colour("white", "tan", "brown", "grey", "cream", "red"), p.colour(*ROOFS), p.colour(*WOOD)
    if p.chance(0.15):  # a wind pump: lattice tower and a wheel of blades
        for leg in ([(0.1, -0.3), (0.5, 0.95)], [(-0.25, 0.15), (0.37, 0.6), (-0.45, 0.95)]):
            p.stroke(leg, arm, 0.09)
            p.stroke(mirrored(leg), arm, 0.09)
        p.fill([(0.1, -0.4), (0.6, -0.46), (0.95, -0.65), (0.95, -0.2), (0.6, -0.34)], roof)
        for i in range(9):
            p.fill(moved([(-0.04, -0.12), (-0.12, -0.55), (0.12, -0.55), (0.04, -0.12)], 0, -0.4, 40 * i), wall)
        p.dot(0, -0.4, 0.1, arm, False)
        return
    foot, neck, top, hub = p.between(0.34, 0.52), p.between(0.2, 0.28), p.between(-0.4, -0.25), -0.28
    p.fill(_both([(neck, top), (foot, 0.95)]), wall)
    high = p.between(0.25, 0.4)
    dome = ellipse(0, top + 0.02, neck + 0.06, high, start=180, end=360, steps=8)
    p.fill(dome if p.chance(0.5) else _both([(0, top - high), (neck + 0.08, top + 0.03)]), roof)
    p.fill(_arch(0, p.between(0.55, 0.65), 0.13, 0.95), p.colour("dark brown", "black", "blue"), True)
    turn, long, wide = p.pick(45, 45, 0, 20) + p.between(-10, 10), p.between(0.68, 0.85), p.between(0.15, 0.24)
    cloth, near = p.colour("white", "cream", "tan", "red"), p.pick(0.0, 0.0, -0.11)
    wide += near
    for i in range(4):  # a gap around the sail parts it from the tower
        p.fill(moved(box(near - 0.07, -long - 0.05, wide + 0.07, -0.15), 0, hub, turn + 90 * i), shade(wall, 0.6), True)
    for i in range(4):
        p.fill(moved([(near, -0.24), (wide, -0.24), (wide, -long), (near, -long)], 0, hub, turn + 90 * i), cloth)
        p.stroke(moved([(0, 0), (0, -long)], 0, hub, turn + 90 * i), arm, 0.1)
    p.dot(0, hub, 0.1, arm, False)


def church(p: Pen) -> None:
    wall, roof, glass, iron = p.colour(*WALLS, "grey"), p.colour(*ROOFS), p.colour(*GLASS), p.colour(*WOOD, "gold")
    base, half, eave, peak = 0.92, p.between(0.2, 0.28), p.between(-0.25, -0.05), p.between(-0.66, -0.58)
    kind = p.pick("side", "side", "front", "dome", "mission")
    x = p.between(-0.7, -0.6) if kind == "side" else 0.0
    p.stroke([(x, peak + 0.02), (x, peak - 0.34)], iron, 0.09)
    p.stroke([(x - 0.13, peak - 0.21), (x + 0.13, peak - 0.21)], iron, 0.09)
    if kind == "mission":
        gable = [(0, peak), (0.15, peak + 0.2), (0.34, peak + 0.3), (0.45, 0.02), (0.8, 0.1), (0.8, base)]
        p.fill(_both(gable), wall)
        p.fill(_arch(0, peak + 0.33, 0.12, peak + 0.68), glass, True)
    elif kind == "side":
        p.fill(box(x, 0.2, 0.92, base), wall)
        p.fill([(x, 0.26), (x, -0.2), (0.82, -0.2), (1.0, 0.26)], roof)
        for i in range(p.count(2, 3)):
            p.fill(_arch(-0.12 + 0.38 * i, 0.38, 0.1, 0.74), glass, True)
    else:
        w = p.between(0.65, 0.85)
        p.fill(_both([(0, -0.2), (w, 0.3), (w, base)]), shade(wall, 0.9))
        p.stroke([(-w - 0.08, 0.34), (0, -0.2), (w + 0.08, 0.34)], roof, 0.12)
        for side in (-1, 1):
            p.fill(_arch(side * (half + w) / 2, 0.45, 0.09, 0.75), glass, True)
    if kind != "mission":
        p.fill(box(x - half, eave, x + half, base), wall)
        _roof(p, x, half + 0.06, eave, peak, roof)
        if kind == "dome":
            onion = [(0, peak), (0.12, peak + 0.14), (half * 1.15, (peak + eave) / 2 + 0.08), (half * 0.8, eave)]
            p.fill(_both(smooth(onion, False, 3)), p.colour("gold", "blue", "teal", "red"))
        p.fill(_arch(x, eave + 0.15, 0.1, eave + 0.42), glass, True)
    p.fill(_arch(x, base - p.between(0.4, 0.48), 0.13, base), p.colour(*NIGHT, "brown"), True)


def tent(p: Pen) -> None:
    cloth, dark, rope = p.colour(*CLOTH), p.colour(*NIGHT), p.colour("brown", "dark grey", "tan")
    top, base, w = p.between(-0.75, -0.5), 0.75, p.between(0.75, 0.92)
    kind = p.pick("front", "ridge", "ridge", "tipi", "dome")
    if kind == "tipi":
        w, top = p.between(0.55, 0.75), -0.62
        for dx in (-0.22, 0.0, 0.2):
            p.stroke([(-dx * 0.4, top + 0.15), (dx, top - 0.35)], p.colour("brown", "dark brown"), 0.09)
        p.fill(_both([(0.09, top), (w, 0.9)]), cloth)
        if p.chance(0.7):
            zigzag = [(w * 0.25 * i, 0.02 + 0.09 * (-1) ** i) for i in range(-2, 3)]
            p.stroke(zigzag, p.colour("red", "white", "yellow", "navy"), 0.11, True)
        return p.fill([(0, p.between(0.15, 0.3)), (0.2, 0.9), (-0.2, 0.9)], dark, True)
    if kind == "dome":
        high = base - top - 0.1
        p.fill(ellipse(0, base, w, high, start=180, end=360, steps=14), cloth)
        p.stroke(ellipse(0, base, w * 0.45, high, start=180, end=360, steps=12), shade(cloth, 0.6), 0.08, True)
        p.fill([(0, base - p.between(0.7, 0.85)), (0.3, base), (-0.3, base)], dark, True)
        for side in (-1, 1):
            p.stroke([(side * w * 0.8, 0.1), (side * 1.05, base)], rope, 0.07)
        return
    front, half = (-0.35, p.between(0.52, 0.6)) if kind == "ridge" else (0.0, w)
    peak, foot = (front, top), (front + half, base)
    if kind == "ridge":
        p.fill([peak, (p.between(0.5, 0.68), top + 0.08), (1.0, base - 0.12), foot], shade(cloth, 0.8))
    else:
        for side in p.pick((), (-1, 1)):
            p.stroke([peak, (side * 0.1, top - 0.16)], rope, 0.08)
    if p.chance(0.5):
        p.stroke([peak, (front - half * 1.15, base)], rope, 0.07)
    p.fill([peak, foot, (front - half, base)], cloth)
    gap, high = p.between(0.25, 0.5) * half, top + p.between(0.1, 0.4)
    p.fill([(front, high), (front + gap, base), (front - gap, base)], dark, True)
    if p.chance(0.5):  # a flap laid back
        p.fill([(front, high), (front + gap * 0.15, base - 0.3), (front - gap, base)], shade(cloth, 1.25))
    if kind == "ridge":
        p.stroke([peak, foot], shade(cloth, 0.5), 0.07, True)


def igloo(p: Pen) -> None:
    ice, line, dark = p.colour("white", "white", "sky", "cream"), shade(p.colour("sky", "blue"), 0.8), p.colour(*NIGHT)
    r, high, base, half = p.between(0.72, 0.85), p.between(0.85, 1.15), p.between(0.45, 0.62), p.between(0.3, 0.36)
    x, at = p.pick((0.0, 0.0), (-0.18, 0.6), (-0.18, 0.6))  # the tunnel looks ahead or to the side
    rows = p.pick((0.33, 0.66), (0.25, 0.5, 0.76)) if at else (0.34, 0.67)
    p.fill(ellipse(x, base, r, high, start=180, end=360, steps=16), ice)
    for i, (low, up) in enumerate(zip((0, *rows), (*rows, 0.97), strict=True)):
        reach = r * math.sqrt(1 - up * up)
        if up < 0.9:
            p.stroke([(x - reach, base - high * up), (x + reach, base - high * up)], line, 0.07, True)
        for k in range(4 - i):
            dx = reach * (-1 + 2 * (k + 0.5 + 0.3 * (i % 2)) / (4 - i))
            p.stroke([(x + dx, base - high * low), (x + dx * 0.95, base - high * up)], line, 0.07, True)
    step = 0.0 if at else 0.08
    tunnel = _arch(at, base - half * 1.75, half, base + step)
    p.fill([(0.2, base), *tunnel] if at else tunnel, ice)
    p.stroke(tunnel, line, 0.07, True)
    p.fill(_arch(at, base - half * 1.25, half * 0.68, base + step), dark, True)


def bridge(p: Pen) -> None:
    stone, steel = p.colour(*STONE, "red"), p.colour("red", "dark grey", "orange", "grey", "teal", "navy")
    kind = p.pick("arches", "arches", "suspension", "suspension", "truss", "hump", "cables")
    if kind in ("arches", "hump"):
        count, rise = (1, p.between(0.25, 0.4)) if kind == "hump" else (p.count(2, 4), p.pick(0.0, 0.0, 0.15))
        deck, half = p.between(-0.4, -0.15), 0.62 if kind == "hump" else 1 / count - p.between(0.07, 0.12)
        base = deck + p.between(0.65, 0.95)
        road = [(-1 + 0.2 * i, deck - rise * (1 - (0.2 * i - 1) ** 2)) for i in range(11)]
        under: list[Point] = []
        for i in reversed(range(count)):  # the arches, from right to left
            up = (base - deck) * p.between(0.7, 0.78) + rise * 0.7
            under += ellipse(-1 + (2 * i + 1) / count, base, half, up, start=0, end=-180, steps=10)
        p.fill([*road, (1, base), *under, (-1, base)], stone)
        if p.chance(0.5):
            p.stroke(moved(road, 0, 0.08), shade(stone, 0.6), 0.07, True)
        return
    deck, low, top = p.between(0.1, 0.3), p.between(0.65, 0.85), -p.between(0.6, 0.85)
    if kind == "truss":
        count, top = p.count(3, 5), deck - p.between(0.5, 0.7)
        xs = [-1.0 + 2.0 * i / (count + 1) for i in range(count + 2)]
        p.stroke([(-1.0, deck), (xs[1], top), (xs[-2], top), (1.0, deck)], steel, 0.11)
        p.stroke([(xs[i], (deck, top)[i % 2]) for i in range(1, count + 1)], steel, 0.08)
        for x in xs[1:-1]:
            p.stroke([(x, top), (x, deck)], steel, 0.08)
        for x in (-0.9, 0.9):
            p.fill(box(x - 0.1, deck, x + 0.1, low), stone)
    towers = {"suspension": (-0.5, 0.5), "cables": p.pick((0.0,), (-0.5, 0.5))}.get(kind, ())
    for x in towers:
        p.fill(box(x - 0.08, top, x + 0.08, low), steel)
        for i in (-3, -2, -1, 1, 2, 3) if kind == "cables" else ():
            p.stroke([(x, top + 0.08 * (3 - abs(i))), (x + i / 3 / len(towers), deck)], steel, 0.06)
    if kind == "suspension":
        sag = p.between(0.0, 0.12)
        for middle, first, last in ((0, -5, 5), (-1, 0, 5), (1, -5, 0)):
            curve = [(middle + i / 10, deck - sag + (top - deck + sag) * i * i / 25) for i in range(first, last + 1)]
            p.stroke(curve, steel, 0.08)
            for x, y in curve[::2]:
                p.stroke([(x, y), (x, deck)], steel, 0.05)
    p.fill(box(-1.05, deck - 0.05, 1.05, deck + p.between(0.05, 0.1)), shade(steel, 0.8))
    if p.chance(0.4):
        p.stroke([(-1 + 0.25 * i, low + 0.1 + 0.04 * (-1) ** i) for i in range(9)], p.colour("blue", "sky"), 0.09)


DRAWINGS = {
    "house": house, "castle": castle, "lighthouse": lighthouse, "windmill": windmill, "church": church, "tent": tent,
    "igloo": igloo, "bridge": bridge,
}  # fmt: skip

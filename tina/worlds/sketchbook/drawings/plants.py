"""What grows in gardens, woods and deserts."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth
from tina.worlds.sketchbook.shapes import band, placed

GREEN = ("green", "dark green", "green", "lime", "teal")
BARK = ("brown", "dark brown", "brown", "grey", "tan")
BLOSSOM = ("red", "yellow", "pink", "magenta", "purple", "orange", "white")
CLAY = ("orange", "brown", "red", "white", "teal", "blue", "tan")


def _both(half: list[Point]) -> list[Point]:
    """A shape from its right half."""
    return half + mirrored(half)[::-1]


def _limb(points: list[Point], first: float, last: float) -> list[Point]:
    """A trunk or a stalk that grows from half width `first` to `last`."""
    path = smooth(points, False, 4)
    return band(path, [first + (last - first) * i / (len(path) - 1) for i in range(len(path))])


def _leaf(points: list[Point], wide: float, comb: float = 1.0) -> list[Point]:
    """A pointed leaf along a line; `comb` below 1 cuts teeth into its rim."""
    path = smooth(points, False, 5)
    last = len(path) - 1
    return band(path, [wide * math.sin(math.pi * (i / last) ** 0.75) * (1, comb)[i % 2] for i in range(last + 1)])


def _sausage(points: list[Point], r: float) -> list[Point]:
    """A band of one width with a round end."""
    path = smooth(points, False, 4)
    (x0, y0), (x1, y1) = path[-2:]
    reach = math.hypot(x1 - x0, y1 - y0) / r
    tip = [(x1 + (x1 - x0) / reach * t, y1 + (y1 - y0) / reach * t) for t in (0.5, 0.85, 1.0)]
    return band(path + tip, [r] * len(path) + [0.85 * r, 0.5 * r, 0.1 * r])


def _bumpy(x: float, y: float, rx: float, ry: float, lobes: int, deep: float, turn: float = 0.0) -> list[Point]:
    """An ellipse with a scalloped rim."""
    sizes = [1 - deep + deep * abs(math.sin(math.pi * i / 6)) ** 0.7 for i in range(6 * lobes)]
    angles = [turn + math.tau * i / len(sizes) for i in range(len(sizes))]
    return [(x + rx * r * math.cos(a), y + ry * r * math.sin(a)) for r, a in zip(sizes, angles, strict=True)]


def _mound(p: Pen, half: float, high: float) -> None:
    p.fill(ellipse(0, 1.02, half, high, start=180, end=360, steps=12), p.colour("tan", "gold", "lime", "orange"))


def _pot(p: Pen, top: float, half: float) -> None:
    clay = p.colour(*CLAY)
    p.fill(_both([(half * 0.9, top), (half * p.between(0.55, 0.75), 1.0)]), clay)
    if p.chance(0.7):
        p.fill(box(-half, top - 0.04, half, top + 0.14), shade(clay, 0.85))
        p.stroke([(-half, top + 0.16), (half, top + 0.16)], shade(clay, 0.5), 0.06, True)


def pine_tree(p: Pen) -> None:
    green, wide, low, thick = p.colour(*GREEN), p.between(0.42, 0.85), p.between(0.5, 0.72), p.between(0.07, 0.14)
    tiers, kind = p.count(3, 5), p.pick("tiers", "tiers", "saw", "saw", "boughs")
    step, sag, snow = (low + 1) / tiers, p.pick(0.0, 0.1, -0.1), p.chance(0.25)
    p.fill([(-thick, 1), (-thick, low - 0.1), (-0.03, -1), (0.03, -1), (thick, low - 0.1), (thick, 1)], p.colour(*BARK))
    if kind == "boughs":  # a mast with drooping branches
        droop = p.between(0.1, 0.28)
        for i in reversed(range(tiers + 2)):
            y, reach = -0.85 + (low + 0.75) * i / (tiers + 2), wide * (0.3 + 0.8 * (i + 0.5) / (tiers + 2))
            for side in (mirrored, list):
                p.fill(side(_leaf([(-0.04, y), (reach * 0.5, y + droop * 0.4), (reach, y + droop)], 0.12)), green)
        return p.fill([(-0.1, -0.72), (0, -1.05), (0.1, -0.72)], green)
    if kind == "saw":  # one saw-toothed outline
        rows = [(-1 + step * (i + 1), wide * (i + 1.1) / (tiers + 0.1)) for i in range(tiers)]
        teeth = [((reach, y), (reach * p.between(0.4, 0.6), y - step * 0.1)) for y, reach in rows]
        p.fill(_both([(0.02, -1.0), *sum(teeth, ())[:-1]]), green)
        for y, reach in rows[:-1]:
            p.stroke([(-reach * 0.5, y), (0, y + 0.12), (reach * 0.5, y)], shade(green, 0.55), 0.08, True)
        return None
    for i in reversed(range(tiers)):
        y, reach = -1 + step * (i + 1), wide * (0.42 + 0.58 * (i + 1) / tiers)
        top = max(-1.0, y - step * 1.6)
        rim = [(reach, y), (reach * 0.5, y + sag), (0, y + sag * 1.4), (-reach * 0.5, y + sag), (-reach, y)]
        p.fill([(0, top), *rim], shade(green, 1 + 0.12 * (i % 2)))
        p.stroke(rim, shade(green, 0.55), 0.07, i < tiers - 1)
        if snow:
            drip = [(x * reach, top + t * (y - top)) for x, t in ((0.4, 0.4), (0.2, 0.3), (0, 0.48))]
            p.fill([(0, top), *_both(drip)], p.colour("white"), True)
    return None


def palm_tree(p: Pen) -> None:
    green, bark = p.colour("green", "lime", "dark green"), p.colour("brown", "tan", "dark brown")
    if p.chance(0.4):
        _mound(p, p.between(0.5, 0.9), 0.22)
    if p.chance(0.8):
        return _palm(p, green, bark, p.between(0.2, 0.6))
    for side in (-1, 1):  # a pair that leans apart
        start, size = len(p.marks), p.between(0.62, 0.85)
        _palm(p, green, bark, 0.4)
        placed(p, start, side * 0.2 + 0.28 * size, 0.95 - 0.95 * size, side * p.between(8, 22), size)
    return None


def _palm(p: Pen, green: Colour, bark: Colour, lean: float) -> None:
    x, y, thick = lean * 0.4, p.between(-0.5, -0.28), p.between(0.07, 0.12)
    foot, belly = -lean * 0.7, p.pick(0.2, -0.15, 0.05)
    spine = [(foot, 0.95), (foot * 0.6 + x * 0.4 + belly, 0.4), (x, y)]
    p.fill(_limb(spine, thick * 1.6, thick * 0.8), bark)
    if p.chance(0.5):
        for px, py in smooth(spine, False, 3)[1:-1]:
            p.stroke([(px - 0.13, py), (px + 0.13, py - 0.04)], shade(bark, 0.5), 0.06, True)
    fronds, long, droop = p.count(5, 8), p.between(0.65, 0.9), p.between(0.3, 0.6)
    comb, wide = p.pick(1.0, 1.0, 0.45), p.between(0.1, 0.17)
    for i in range(fronds):
        angle = math.radians(200 + 140 * i / (fronds - 1) + p.between(-8, 8))
        if i in (0, fronds - 1):
            angle += 0.5 * (1 if i else -1)
        dx, dy, fall = math.cos(angle) * long, math.sin(angle) * long * 0.75, droop * abs(math.cos(angle))
        path = [(x, y), (x + dx * 0.5, y + dy * 0.55 + fall * 0.1), (x + dx, y + dy * 0.7 + fall)]
        p.fill(_leaf(path, wide, comb), shade(green, 1 - 0.18 * (i % 2)))
    if p.chance(0.5):
        for side in (-1, 1, 0)[: p.count(2, 3)]:
            p.fill(ellipse(x + side * 0.11, y + 0.12, 0.1, 0.1, steps=10), p.colour("brown", "dark brown", "orange"))


def oak_tree(p: Pen) -> None:
    green, bark = p.colour(*GREEN, "lime", "orange", "gold"), p.colour(*BARK)
    half, low, top, thick = p.between(0.72, 1.0), p.between(0.05, 0.3), p.between(-1.0, -0.8), p.between(0.12, 0.2)
    y, high = (low + top) / 2, (low - top) / 2
    fork = [[(0, 0.55), (0.12, 0.25), (0.45, -0.1)], [(0, 0.55), (-0.1, 0.2), (-0.42, -0.15)], [(0, 0.5), (0.02, -0.3)]]
    p.fill(_both([(thick, y), (thick, 0.6), (thick * 1.25, 0.85), (thick * p.between(1.6, 2.4), 1.0)]), bark)
    for path in fork:
        p.fill(_limb(path, thick * 0.8, 0.06), bark)
    kind = p.pick("scalloped", "scalloped", "clumps", "clumps", "open")
    if kind == "open":  # clumps of leaves, branches seen between them
        spots = [(-0.62, -0.02), (0.62, 0.02), (-0.4, -0.5), (0.4, -0.48), (0, -0.72), (0, -0.28)]
        for x, y in spots[: p.count(5, 6)]:
            r, tone = p.between(0.29, 0.36), shade(green, p.between(0.8, 1.15))
            p.fill(_bumpy(x * half, y, r * 1.15, r * 0.85, 6, 0.2, p.between(0, 1)), tone)
        return
    lobes = p.count(5, 7)
    for i in range(lobes) if kind == "clumps" else ():
        angle, r = math.tau * (i + p.between(-0.2, 0.2)) / lobes, p.between(0.36, 0.46)
        at = ((half - r) * math.cos(angle), y + (high - r * 0.75) * math.sin(angle))
        p.fill(ellipse(*at, r, r * 0.85, steps=14), shade(green, p.between(0.85, 1.1)))
    size = 0.65 if kind == "clumps" else 1.0
    p.fill(_bumpy(0, y, half * size, high * size, lobes + 4, p.between(0.12, 0.22), p.between(0, 1)), green)
    if p.chance(0.3):  # branches in front of the leaves
        for path in fork:
            p.stroke([(a, b - 0.1) for a, b in path], bark, 0.11, True)
        return
    for _ in range(p.count(2, 5)):
        at = (p.between(-0.55, 0.55) * half, y + p.between(-0.5, 0.4) * high)
        p.stroke(ellipse(*at, 0.17, 0.13, start=20, end=160, steps=6), shade(green, 0.6), 0.08, True)


def cactus(p: Pen) -> None:
    green, bloom = p.colour(*GREEN), p.colour("pink", "red", "yellow", "magenta")
    kind, potted = p.pick(_saguaro, _saguaro, _saguaro, _ball_cactus, _paddles), p.chance(0.4)
    if potted or kind is _ball_cactus:
        start = len(p.marks)
        kind(p, green, bloom)
        placed(p, start, 0, -0.18, 0, 0.8)
        return _pot(p, 0.5, p.between(0.38, 0.55))
    kind(p, green, bloom)
    return _mound(p, p.between(0.6, 0.95), 0.14) if p.chance(0.4) else None


def _saguaro(p: Pen, green: Colour, bloom: Colour) -> None:
    r, top, spine = p.between(0.16, 0.26), p.between(-0.85, -0.7), p.colour("dark grey", "cream")
    arms = [(-1, p.between(0.0, 0.4)), (1, p.between(-0.25, 0.2)), (-1, p.between(-0.45, -0.35))]
    for side, y in p.pick(arms[:2], arms[:2], arms[:2], arms, arms[:1]):
        out, tip, thin = p.between(0.5, 0.72), y - p.between(0.3, 0.5), r * p.between(0.65, 0.85)
        p.fill(_sausage([(0, y), (side * out * 0.7, y), (side * out, y - 0.14), (side * out, tip)], thin), green)
    p.fill(_sausage([(0, 0.98), (0, 0.1), (0, top)], r), green)
    for x in p.pick((-0.4, 0.4), (0,), (-0.5, 0, 0.5), ()):
        p.stroke([(x * r, 0.9), (x * r, top)], shade(green, 0.5), 0.06, True)
    if p.chance(0.3):
        p.fill(_bumpy(0, top - r, 0.17, 0.14, 5, 0.4, 0.3), bloom)
    for i in range(p.pick(0, 8)):
        side, y = (-r, r)[i % 2], top + 0.1 + 0.3 * (i // 2)
        p.stroke([(side * 0.8, y), (side * 1.45, y - 0.07)], spine, 0.06)


def _ball_cactus(p: Pen, green: Colour, bloom: Colour) -> None:
    rx, ry, spine = p.between(0.55, 0.85), p.between(0.6, 0.85), p.colour("dark grey", "cream")
    y = 0.9 - ry
    for i in range(13):  # spines stand out all around
        dx, dy = rx * math.cos(math.radians(160 + 220 * i / 12)), ry * math.sin(math.radians(160 + 220 * i / 12))
        p.stroke([(dx * 0.9, y + dy * 0.9), (dx * 1.2, y + dy * 1.2)], spine, 0.08)
    p.fill(ellipse(0, y, rx, ry), green)
    for part in (-0.62, 0, 0.62):
        arc = [(part * rx * math.cos(t), y + ry * math.sin(t)) for t in (-1.2, -0.7, 0, 0.7, 1.2)]
        p.stroke(arc, shade(green, 0.5), 0.09, True)
    if p.chance(0.6):
        p.fill(_bumpy(0, y - ry, 0.22, 0.18, 5, 0.4, 0.3), bloom)


def _paddles(p: Pen, green: Colour, bloom: Colour) -> None:
    parts = [(-0.42, -0.35, 0.25, 0.36, -35), (0.4, -0.25, 0.24, 0.34, 38), (0, 0.42, 0.34, 0.52, 0)]
    parts.append(p.pick((0.02, -0.4, 0.22, 0.36, 5), (-0.62, -0.8, 0.17, 0.25, -15), (0.5, -0.75, 0.18, 0.26, 0)))
    for x, y, rx, ry, turn in parts:
        if p.chance(0.4):
            p.fill(ellipse(x, y - ry * 1.08, 0.1, 0.12, steps=8), bloom)
        p.fill(ellipse(x, y, rx * p.between(0.85, 1.1), ry, turn, steps=16), shade(green, p.between(0.85, 1.1)))
        for sx, sy in ((-0.4, -0.35), (0.4, -0.2), (-0.2, 0.35), (0.3, 0.5)):
            p.dot(x + sx * rx, y + sy * ry, 0.05, p.colour("cream", "white", "dark grey"))


def tulip(p: Pen) -> None:
    green, paint = p.colour(*GREEN), p.colour(*BLOSSOM)
    if p.chance(0.2):  # a bunch of three
        for x, y, turn in ((-0.5, -0.35, -18), (0.5, -0.35, 18), (0, -0.5, 0)):
            p.fill(_limb([(0, 0.98), (x * 0.4, 0.4), (x, y)], 0.05, 0.05), green)
            start = len(p.marks)
            _cup(p, p.pick(paint, p.colour(*BLOSSOM)))
            placed(p, start, x, y, turn, p.between(0.62, 0.75))
        for side in (-1, 1):
            p.fill(_leaf([(0, 1), (side * 0.3, 0.55), (side * 0.6, 0.25)], 0.13), green)
        return
    x, y = p.between(-0.15, 0.15), p.between(-0.55, -0.35)
    p.fill(_limb([(0, 1.0), (-x * 0.6, 0.4), (x, y + 0.2)], 0.07, 0.06), green)
    for side in p.pick((-1, 1), (-1, 1), (1,), (-1, 1, -0.6)):
        out, tip, tone = side * p.between(0.35, 0.7), p.between(-0.15, 0.3), shade(green, p.between(0.75, 1.1))
        p.fill(_leaf([(0, 1.0), (out * 0.75, 0.65), (out, tip)], p.between(0.12, 0.2)), tone)
    start = len(p.marks)
    _cup(p, paint)
    placed(p, start, x, y, p.between(-12, 12), p.between(0.9, 1.25))


def _cup(p: Pen, paint: Colour) -> None:
    """The flower of a tulip about the origin, some 0.8 wide and high."""
    w, h, lip = p.between(0.32, 0.46), p.between(0.36, 0.5), p.between(-0.04, 0.12)
    bowl = smooth([(0, h), (w * 0.7, h * 0.75), (w, h * 0.1), (w * 0.92 + lip, -h)], False, 4)
    line = shade(paint, 0.55)
    if p.chance(0.4):  # three points cut out of one cup
        p.fill(_both([*bowl, (w * 0.42, -h * 0.3), (0, -h * p.between(0.95, 1.15))]), paint)
        if p.chance(0.6):
            for side in (-1, 1):
                p.stroke([(side * w * 0.42, -h * 0.3), (side * w * 0.3, h * 0.5)], line, 0.07, True)
        return
    p.fill(_both([(w * 0.5, 0), (w * 0.32, -h * 0.8), (0, -h * 1.15)]), shade(paint, 0.75))  # the petal behind
    for side in (list, mirrored):
        inner = smooth([(w * 0.92 + lip, -h), (w * 0.3, -h * 0.5), (0, h * p.between(0.2, 0.6))], False, 4)
        p.fill(side([*bowl, *inner[1:]]), paint)
        p.stroke(side(inner), line, 0.07, True)


def sunflower(p: Pen) -> None:
    green, gold, seed = p.colour(*GREEN), p.colour("yellow", "gold", "orange"), p.colour("dark brown", "brown", "black")
    r, y = p.pick((p.between(0.52, 0.68), p.between(-0.42, -0.3)), (p.between(0.65, 0.85), -0.15))
    x, bend = p.between(-0.12, 0.12), p.between(-0.2, 0.2)
    p.fill(_limb([(0, 1.05), (bend, 0.5), (x, y)], 0.08, 0.07), green)
    for side in p.pick((-1, 1), (-1, 1), (1,), (-1,)):
        foot, rise = p.between(0.6, 0.85), p.between(-0.05, 0.3)
        path = [(bend * 0.6, foot), (side * 0.35, foot - rise - 0.08), (side * p.between(0.6, 0.85), foot - rise * 0.6)]
        p.fill(_leaf(path, p.between(0.13, 0.2)), shade(green, p.between(0.8, 1.1)))
    petals, heart, flat = p.count(11, 17), r * p.between(0.46, 0.6), p.pick(1, 1, p.between(0.72, 0.9))
    wide, blunt, start = r * p.between(2.3, 2.9) / petals, p.pick(0.12, 0.5), len(p.marks)
    for ring in p.pick((0.0,), (0.5, 0.0)):
        for i in range(petals):
            long, tone = r * p.between(0.92, 1.06), shade(gold, 0.82 if ring else p.between(0.95, 1.05))
            petal = [(wide * 0.6, -heart * 0.8), (wide, -(heart + long) / 2), (wide * blunt, -long)]
            p.fill(moved(_both(petal), turn=360 * (i + ring) / petals), tone)
    p.fill(ellipse(0, 0, heart, heart), seed, True)
    if p.chance(0.3):
        p.fill(ellipse(0, 0, heart * 0.55, heart * 0.55, steps=14), shade(seed, 1.9), True)
    for i in range(p.pick(0, 9)):
        angle, away = i * 2.4, heart * 0.75 * math.sqrt(i / 9)
        p.dot(away * math.cos(angle), away * math.sin(angle), 0.045, shade(gold, 0.7))
    p.marks[start:] = [m._replace(points=[(x + a, y + b * flat) for a, b in m.points]) for m in p.marks[start:]]


def mushroom(p: Pen) -> None:
    paint, grass = p.colour("red", "brown", "red", "orange", "tan", "white", "purple"), p.colour("green", "lime")
    if p.chance(0.25):  # a small one beside it
        for dx, dy, turn, size in ((0.52, 0.45, p.between(8, 25), p.between(0.45, 0.58)), (-0.22, 0.05, -5, 0.85)):
            start = len(p.marks)
            _toadstool(p, paint)
            placed(p, start, dx, dy, turn, size)
        return
    _toadstool(p, paint)
    for x in p.pick((), (), (-0.5, -0.32, 0.34, 0.52)):
        p.fill([(x - 0.09, 1.0), (x + p.between(-0.15, 0.15), p.between(0.55, 0.75)), (x + 0.09, 1.0)], grass)


def _toadstool(p: Pen, paint: Colour) -> None:
    stalk, spots = p.colour("cream", "white", "tan"), p.colour("white", "cream")
    kind = p.pick("dome", "dome", "dome", "flat", "bell", "bun")
    # half width of the cap, its top and rim; half width of the stalk
    w, top, rim, thick = {
        "dome": (p.between(0.7, 0.98), p.between(-0.95, -0.75), p.between(0.0, 0.2), p.between(0.15, 0.26)),
        "flat": (p.between(0.85, 1.0), p.between(-0.65, -0.5), p.between(-0.15, 0.0), p.between(0.13, 0.2)),
        "bell": (p.between(0.55, 0.7), -1.0, p.between(0.0, 0.15), p.between(0.14, 0.2)),
        "bun": (p.between(0.7, 0.9), p.between(-0.85, -0.7), p.between(0.0, 0.12), p.between(0.26, 0.36)),
    }[kind]
    swell, tuck, tall = thick * p.between(1.0, 1.7), p.between(0.08, 0.17), rim - top
    p.fill(_both(smooth([(thick, rim - 0.1), (thick, 0.3), (swell, 0.75), (swell * 0.8, 0.98)], False, 3)), stalk)
    if p.chance(0.3) and kind != "bun":
        p.fill(_both([(thick, rim + 0.25), (thick * 1.9, rim + 0.42)]), shade(stalk, 0.9))
    if kind != "bun" and p.chance(0.45):  # the gills are seen from below
        p.fill(ellipse(0, rim, w * 0.95, tuck + 0.06), shade(stalk, 0.85))
        for i in range(-2, 3):
            p.stroke([(i * w * 0.12, rim), (i * w * 0.32, rim + tuck)], shade(stalk, 0.5), 0.05, True)
        tuck = -0.02
    slope = ((0.45, 0.1), (0.8, 0.55)) if kind == "bell" else ((0.55, 0.14), (0.9, 0.55))
    crown = [(0, top), *[(w * x, top + tall * t) for x, t in slope], (w, rim - 0.03)]
    p.fill(_both(smooth([*crown, (w * 0.8, rim + tuck), (0, rim + tuck * 0.6)], False, 4)), paint)
    spread = [(0, 0.35), (-0.5, 0.55), (0.5, 0.58), (-0.08, 0.78), (0.72, 0.84), (-0.75, 0.86)]
    for x, t in spread[: p.pick(0, 3, 4, 5, 6, 6)]:
        r = w * p.between(0.11, 0.2)
        p.fill(ellipse(x * w * 0.95, top + t * tall, r, r * 0.8, steps=10), spots, True)


def clover(p: Pen) -> None:
    green, leaves = p.colour("green", "dark green", "lime", "green", "teal"), p.pick(3, 3, 4, 4)
    y, long = p.between(-0.3, -0.15), p.between(0.6, 0.72)
    wide, notch = p.between(0.95, 1.3) if leaves == 3 else p.between(0.85, 1.02), p.between(0.62, 0.85)
    turn = 0 if leaves == 3 else 45
    end = (p.pick(-1, 1) * p.between(0.05, 0.4), 1.0)
    p.fill(_limb([(0, y), (end[0] * 0.15, 0.4), end], 0.05, p.between(0.06, 0.1)), green)
    half = smooth([(0, 0), (0.24, -0.3), (0.5, -0.62), (0.47, -0.92), (0.2, -1.0), (0, -notch)], False, 4)
    heart, mark = [(x * wide, b) for x, b in _both(half)], p.pick("vein", "vein", "band", "none")
    for i in range(leaves):
        tilt, size = turn + 360 * i / leaves + p.between(-7, 7), long * p.between(0.92, 1.05)
        p.fill(moved(heart, 0, y, tilt, size), shade(green, p.between(0.88, 1.12)))
        if mark == "band":  # the pale arrow head of white clover
            arrow = [(-0.32 * wide, -0.52), (0, -0.68), (0.32 * wide, -0.52)]
            p.stroke(moved(arrow, 0, y, tilt, size), shade(green, 1.7), 0.1, True)
        elif mark == "vein":
            p.stroke(moved([(0, -0.12), (0, -0.6)], 0, y, tilt, size), shade(green, 0.55), 0.07, True)


DRAWINGS = {
    "pine tree": pine_tree, "palm tree": palm_tree, "oak tree": oak_tree, "cactus": cactus, "tulip": tulip,
    "sunflower": sunflower, "mushroom": mushroom, "clover": clover,
}  # fmt: skip

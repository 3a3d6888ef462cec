"""Sky and weather."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Pen, Point, ellipse, moved, shade, smooth, star

DARK = ("black", "dark brown", "navy")


def _lay(p: Pen, angle: float) -> None:
    """Turn all that is drawn so far."""
    p.marks = [mark._replace(points=moved(mark.points, turn=angle)) for mark in p.marks]


def _face(p: Pen, x: float, y: float, size: float) -> None:
    """Eyes and a mouth: a smile, an O, shades or asleep."""
    ink, kind = p.colour(*DARK), p.pick("smile", "smile", "o", "shades", "asleep")
    for side in (-1, 1):
        at = x + side * size * 0.4
        if kind == "asleep":
            p.stroke(ellipse(at, y - size * 0.2, size * 0.2, size * 0.15, start=0, end=180, steps=4), ink, 0.08, True)
        else:
            p.dot(at, y - size * 0.2, size * (0.3 if kind == "shades" else 0.17), ink)
    if kind == "o":
        p.dot(x, y + size * 0.42, size * 0.18, ink)
    else:
        p.stroke(ellipse(x, y + size * 0.15, size * 0.45, size * 0.4, start=20, end=160, steps=6), ink, 0.09, True)


def _puffs(p: Pen, x: float, y: float, wide: float, high: float, flat: bool) -> list[Point]:
    """The rim of a cloud: bumps along the upper half, a flat or bumpy belly."""
    big, other = p.between(0.36, 0.5), p.between(0.34, 0.5)
    spots = [(-0.72, 0.1, 0.3), (-0.3, -0.25, big), (0.25, -0.2, other), (0.72, 0.12, 0.28)]
    if p.chance(0.3):
        spots = [(-0.66, 0.05, 0.36), (0.05, -0.3, big + 0.1), (0.68, 0.08, 0.34)]
    if not flat:
        spots += [(0.35, 0.25, 0.36), (-0.35, 0.25, 0.36)]
    rim = []
    for i in range(40):  # from the middle outwards to the last bump that the ray meets
        angle = math.tau * i / 40
        dx, dy = math.cos(angle), math.sin(angle)
        reach = 0.3
        for cx, cy, r in spots:
            along, off = cx * dx + cy * dy, cx * dy - cy * dx
            if abs(off) < r:
                reach = max(reach, along + math.sqrt(r * r - off * off))
        py = reach * dy
        if flat and py > 0.36:
            reach = 0.36 / dy
        rim.append((x + wide * reach * dx, y + high * reach * dy))
    return rim


def sun(p: Pen) -> None:
    gold, second = p.colour("yellow", "orange", "gold", "red"), p.colour("orange", "yellow", "gold", "red")
    r, count, turn = p.between(0.4, 0.58), p.count(8, 14), p.between(0, 45)
    kind = p.pick("wedges", "wedges", "strokes", "strokes", "crown", "waves", "long and short")
    if kind == "crown":
        p.fill(star(0, 0, 1.0, r * 1.15, count, turn), second)
    elif kind == "wedges":
        half = p.between(0.12, 0.2) * 10 / count
        for i in range(count):
            wedge = [(r + 0.12, -half), (p.between(0.92, 1.0), 0), (r + 0.12, half)]
            p.fill(moved(wedge, turn=turn + 360 * i / count), second)
    else:
        thick = p.between(0.08, 0.15)
        count -= count % 2
        for i in range(count):
            end = 0.8 if kind == "long and short" and i % 2 else 1.0
            ray = [(r + 0.13, 0), (end, 0)]
            if kind == "waves":
                ray = smooth([(r + 0.1, 0), (r + 0.2, 0.08), (r + 0.34, -0.08), (1.0, 0.04)], False, 3)
            p.stroke(moved(ray, turn=turn + 360 * i / count), second, thick)
    p.fill(ellipse(0, 0, r, r), gold)
    extra = p.pick("face", "face", "ring", "plain", "plain")
    if extra == "face":
        _face(p, 0, 0, r * 0.9)
    elif extra == "ring":
        p.stroke(ellipse(0, 0, r * 0.65, r * 0.65, end=361), shade(gold, 0.75), 0.09, True)


def moon(p: Pen) -> None:
    silver = p.colour("yellow", "cream", "light grey", "white", "gold")
    r, deep, turn = 0.95, p.between(0.1, 0.62), p.between(-35, 35)
    horn = p.between(90, 113)  # where the horns end, in degrees off the middle of the thick side
    outer = ellipse(0, 0, r, r, start=180 - horn, end=180 + horn, steps=20)
    # the inner rim goes through both horns and `deep` left of the middle
    hx, hy = outer[0]
    centre = (hx * hx + hy * hy - deep * deep) / (2 * (hx + deep))
    radius, span = centre + deep, math.degrees(math.atan2(hy, hx - centre))
    p.fill(outer + ellipse(centre, 0, radius, radius, start=360 - span, end=span, steps=16)[1:-1], silver)
    extra = p.pick("face", "star", "stars", "craters", "plain", "plain")
    middle = -(r + deep) / 2
    if extra == "face" and deep < 0.45:
        p.dot(middle + 0.12, -0.25, 0.09, p.colour(*DARK))
        p.stroke(ellipse(middle + 0.22, 0.28, 0.2, 0.14, start=30, end=150, steps=5), p.colour(*DARK), 0.09, True)
    elif extra == "craters":
        for x, y in ((middle, -0.1), (middle + 0.1, 0.35), (middle + 0.16, -0.5)):
            p.dot(x, y, p.between(0.07, 0.11), shade(silver, 0.7))
    elif extra in ("star", "stars"):
        p.fill(star(0.35, p.between(-0.2, 0.2), 0.3, 0.13, 5, p.between(-100, -80)), p.colour("yellow", "white"))
        if extra == "stars":
            p.fill(star(0.8, -0.6, 0.2, 0.09, 5), p.colour("yellow", "white"))
    _lay(p, turn)


def cloud(p: Pen) -> None:
    white = p.colour("white", "white", "light grey", "sky", "grey", "pink")
    wide, high, flat = p.between(0.85, 1.02), p.between(0.8, 1.25), p.chance(0.6)
    back = p.chance(0.25)
    if back:  # another one behind
        p.fill(_puffs(p, p.pick(-0.4, 0.4), -0.35, wide * 0.65, high * 0.6, flat), shade(white, 0.8))
    lift, rain = (-0.3, not back) if flat and p.chance(0.4) else (0.1, False)
    p.fill(_puffs(p, 0, lift, wide, high, flat), white)
    if rain:
        water = p.colour("blue", "sky", "navy")
        for x in (-0.5, 0.0, 0.5):
            y = lift + p.between(0.52, 0.65) * high
            p.fill([(x, y), (x + 0.12, y + 0.26), (x, y + 0.36), (x - 0.12, y + 0.26)], water)
        return
    extra = p.pick("face", "curls", "shadow", "plain", "plain")
    if extra == "face":
        _face(p, 0, lift, 0.4)
    elif extra == "curls":
        for x, r in ((-0.35, 0.24), (0.3, 0.3)):
            p.stroke(ellipse(x, lift, r, r, start=150, end=340, steps=8), shade(white, 0.6), 0.08, True)
    elif extra == "shadow":
        p.stroke([(-wide * 0.6, lift + high * 0.2), (wide * 0.6, lift + high * 0.2)], shade(white, 0.7), 0.1, True)


def rainbow(p: Pen) -> None:
    names = ["red", "orange", "yellow", "green", "blue", "purple"]
    count = p.count(3, 6)
    names = names if count == 6 else [names[round(i * 5 / (count - 1))] for i in range(count)]
    if p.chance(0.15):
        names = [p.pick("pink", "cream", "sky", "white", "magenta", "teal", "tan") for _ in names]
    inner, high, base = p.between(0.3, 0.5), p.between(0.8, 1.15), p.between(0.4, 0.55)
    band, left, right = (1.0 - inner) / count, p.pick(180, 180, 195), p.pick(360, 360, 345)
    for i, name in enumerate(names):
        out, low = 1.0 - i * band, 1.0 - (i + 1) * band
        arc = ellipse(0, base, out, out * high, start=left, end=right, steps=16)
        back = ellipse(0, base, low, low * high, start=right, end=left, steps=16)
        p.fill(arc + back, p.colour(name), detail=i % 2 == 1)
    white = p.colour("white", "light grey", "sky")
    for side in p.pick((), (-1, 1), (-1, 1), (1,)):
        size = p.between(0.36, 0.48)
        p.fill(_puffs(p, side * (1 + inner) / 2, base + 0.1, size, size, p.chance(0.5)), white)


def lightning(p: Pen) -> None:
    gold = p.colour("yellow", "yellow", "gold", "orange", "white", "sky")
    kind = p.pick("bolt", "bolt", "three", "three", "twins", "cloud")
    w, lean = p.between(0.75, 1.25), p.between(0.0, 0.3)
    bolt = [(0.15, -1), (-0.5, 0.1), (-0.08, 0.1), (-0.35, 1), (0.5, -0.25), (0.08, -0.25), (0.5, -1)]
    if kind == "three":
        bolt = [(-0.1, -1), (-0.45, -0.25), (-0.12, -0.3), (-0.3, 0.25), (0.0, 0.2), (-0.1, 1), (0.5, -0.05), (0.18, 0),
                (0.42, -0.5), (0.12, -0.45), (0.4, -1)]  # fmt: skip
    bolt = [(x * w - y * lean, y) for x, y in bolt]
    places = {"cloud": ((0.0, 0.28, 0.72),), "twins": ((-0.35, -0.12, 0.85), (0.5, 0.3, 0.6))}.get(
        kind, ((0.0, 0.0, 1.0),)
    )
    for x, y, size in places:
        p.fill(moved(bolt, x, y, scale=size), gold)
    if kind == "cloud":
        p.fill(_puffs(p, 0, -0.62, 0.85, 0.7, p.chance(0.6)), p.colour("grey", "dark grey", "navy", "white"))


def star_(p: Pen) -> None:
    gold, arms = p.colour("yellow", "gold", "orange", "white", "red", "sky", "pink"), p.pick(5, 5, 5, 5, 5, 4, 6)
    inner = {4: p.between(0.25, 0.38), 5: p.between(0.36, 0.54), 6: p.between(0.5, 0.58)}[arms]
    turn = p.between(-12, 12) - 90
    if p.chance(0.2):  # a shooting star
        for angle, long in ((-14, 1.0), (0, 1.2), (14, 1.0)):
            p.stroke(moved([(-0.35, 0), (-long, 0)], 0.35, 0.3, angle + 35), shade(gold, 0.85), 0.1)
        p.fill(star(0.38, 0.33, 0.62, 0.62 * inner, arms, turn), gold)
        return
    p.fill(star(0, 0.04, 1.0, inner, arms, turn), gold)
    extra = p.pick("facets", "hollow", "smaller", "face", "plain", "plain")
    if extra == "facets":
        for point in star(0, 0.04, 0.95, inner, arms, turn)[::2]:
            p.stroke([(0, 0.04), point], shade(gold, 0.6), 0.07, True)
    elif extra == "hollow":
        p.fill(star(0, 0.04, 0.55, 0.55 * inner, arms, turn), shade(gold, 0.5), True)
    elif extra == "smaller" and arms == 5:
        p.fill(star(0, 0.04, 0.7, 0.7 * inner, arms, turn), p.colour("white", "cream", "red", "blue"), True)
    elif extra == "face" and arms == 5:
        _face(p, 0, 0.08, 0.32)


def snowflake(p: Pen) -> None:
    ice, thick = p.colour("white", "sky", "sky", "blue", "light grey", "teal"), p.between(0.09, 0.15)
    # twigs: where on the arm, how long
    twigs = p.pick([(0.5, 0.35)], [(0.6, 0.3), (0.3, 0.22)], [(0.62, 0.36)], [(0.4, 0.4)], [(0.75, 0.22), (0.45, 0.32)])
    slant, end, turn = p.between(40, 65), p.pick("plain", "plain", "dot", "bar"), p.pick(0, 30, 15)
    core = p.pick("none", "none", "hexagon", "dot", "ring")
    for i in range(6):
        marks = [[(0.0, 0.0), (1.0, 0.0)]]
        for at, long in twigs:
            for side in (-1, 1):
                marks.append([(at, 0.0), *moved([(long, 0.0)], at, 0, side * slant)])
        if end == "bar":
            marks.append([(0.92, -0.14), (0.92, 0.14)])
        for mark in marks:
            p.stroke(moved(mark, turn=turn + 60 * i), ice, thick)
        if end == "dot":
            p.fill(moved(ellipse(0.92, 0, 0.12, 0.12, steps=8), turn=turn + 60 * i), ice)
    if core == "hexagon":
        p.fill(moved(ellipse(0, 0, 0.28, 0.28, steps=6), turn=turn), ice)
    elif core == "dot":
        p.dot(0, 0, 0.2, ice, False)
    elif core == "ring":
        p.stroke(ellipse(0, 0, 0.3, 0.3, end=361, steps=12), ice, thick)


def tornado(p: Pen) -> None:
    dust = p.colour("grey", "light grey", "dark grey", "tan", "brown", "sky")
    wide, foot, sway = p.between(0.7, 0.98), p.between(0.06, 0.16), p.between(-0.3, 0.3)
    count, bend = p.count(5, 7), p.between(0.0, 0.25)

    def middle(t: float) -> float:
        return sway * t + bend * math.sin(math.tau * t)

    def half(t: float) -> float:
        return wide + (foot - wide) * t**0.8

    kind = p.pick("discs", "discs", "funnel", "funnel", "spiral")
    if kind == "funnel":
        steps = [i / 8 for i in range(9)]
        right = [(middle(t) + half(t), -0.8 + 1.7 * t) for t in steps]
        left = [(middle(t) - half(t), -0.8 + 1.7 * t) for t in steps]
        p.fill(right + left[::-1], dust)
        p.fill(ellipse(middle(0), -0.8, half(0), 0.2), shade(dust, 0.75))
        p.fill(ellipse(middle(0), -0.78, half(0) * 0.65, 0.09, steps=12), shade(dust, 0.5), True)
        for i in range(1, 5):
            t = i / 5
            arc = ellipse(middle(t), -0.85 + 1.7 * t, half(t) * 0.95, 0.16, start=p.between(0, 40), end=170, steps=8)
            p.stroke(arc, shade(dust, 0.6), 0.09, True)
    elif kind == "discs":
        for i in reversed(range(count)):
            t = i / (count - 1)
            y, thick = -0.75 + 1.6 * t, p.between(0.15, 0.2)
            p.fill(ellipse(middle(t), y, half(t) + 0.06, thick + 0.07), shade(dust, 0.5), True)
            p.fill(ellipse(middle(t), y, half(t), thick), shade(dust, p.between(0.8, 1.15)))
    else:
        turns = p.count(4, 5)
        path = []
        for i in range(12 * turns + 1):
            t = i / (12 * turns)
            angle = math.tau * i / 12
            path.append((middle(t) + half(t) * math.cos(angle), -0.75 + 1.6 * t + 0.13 * math.sin(angle)))
        p.stroke(path, dust, 0.1)
    if p.chance(0.2):  # the cloud it hangs from
        p.fill(_puffs(p, 0, -0.72, 0.9, 0.6, p.chance(0.5)), shade(dust, p.pick(0.7, 1.25)))
    if p.chance(0.35):
        for x in (-0.35, 0.0, 0.35):
            p.dot(middle(1) + x, 0.95 - 0.08 * (x == 0), p.between(0.12, 0.17), shade(dust, 0.9), False)


DRAWINGS = {
    "sun": sun, "moon": moon, "cloud": cloud, "rainbow": rainbow, "star": star_, "lightning": lightning,
    "snowflake": snowflake, "tornado": tornado,
}  # fmt: skip

"""Birds and insects (and a spider)."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth

BRIGHT = ("orange", "blue", "yellow", "red", "purple", "pink", "sky", "teal", "lime", "white", "magenta")
DARK = ("black", "dark grey", "dark brown")
GAUZE = ("sky", "white", "light grey", "cream")
BEAK = ("orange", "yellow", "gold")


def _lay(p: Pen, angle: float) -> None:
    p.marks = [mark._replace(points=moved(mark.points, turn=angle)) for mark in p.marks]


def _pair(p: Pen, points: list[Point], colour: Colour, detail: bool = False) -> None:
    p.fill(points, colour, detail)
    p.fill(mirrored(points), colour, detail)


def _lines(p: Pen, points: list[Point], colour: Colour, width: float, detail: bool = False) -> None:
    p.stroke(points, colour, width, detail)
    p.stroke(mirrored(points), colour, width, detail)


def _band(rx: float, ry: float, a: float, b: float) -> list[Point]:
    """What of an ellipse about the origin lies between a and b (both -1..1, along x)."""
    ways = [a + (b - a) * i / 4 for i in range(5)]
    half = [(u * rx, ry * math.sqrt(max(0.0, 1 - u * u))) for u in ways]
    return half + [(x, -y) for x, y in reversed(half)]


def _bands(p: Pen, rx: float, ry: float, first: float, x: float, y: float, turn: float, colour: Colour) -> None:
    number = p.count(2, 3)
    step = (0.92 - first) / number
    for i in range(number):
        stripe = _band(rx, ry * 0.88, first + step * i, first + step * (i + p.between(0.45, 0.6)))
        p.fill(moved(stripe, x, y, turn), colour, True)


def _drop(length: float, wide: float, x: float, y: float, turn: float) -> list[Point]:
    """A wing: narrow where it is fixed (x, y), broad and round at the end, pointing right before it is turned."""
    shape = [(0, 0), (0.45, -0.4), (0.8, -0.5), (1, -0.1), (0.85, 0.4), (0.45, 0.35)]
    return moved(smooth([(length * a, wide * b) for a, b in shape], steps=3), x, y, turn)


def _eye(p: Pen, x: float, y: float, r: float, white: Colour, black: Colour, look: float = 0.0) -> None:
    p.dot(x, y, r, white)
    p.dot(x + look * r, y, r * p.between(0.45, 0.6), black, False)


# -- insects ----------------------------------------------------------------------------------------------------------
def butterfly(p: Pen) -> None:
    colour, dark, spot = p.colour(*BRIGHT), p.colour(*DARK), p.colour(*BRIGHT, "white", "black")
    lower = p.pick(colour, colour, shade(colour, 0.75), p.colour(*BRIGHT))
    wide, high, low = p.between(0.75, 1.0), p.between(0.75, 1.0), p.between(0.6, 0.95)
    fore = [(0, 0), (0.3, -0.6), (p.between(0.7, 1), -0.95), (1, -0.6), (p.between(0.7, 0.9), -0.1), (0.4, 0.1)]
    hind = [(0, 0), (0.5, 0.02), (p.between(0.7, 0.9), 0.3), (p.between(0.6, 0.75), 0.75), (0.3, 0.85), (0.1, 0.5)]
    if p.chance(0.35):  # a swallowtail
        hind[3:4] = [(0.72, 0.6), (0.7, 1.05), (0.58, 1.05), (0.5, 0.75)]
    fore, hind = smooth([(x * wide, y * high) for x, y in fore]), smooth([(x * wide, y * low) for x, y in hind])
    rim = p.chance(0.4)
    side = p.chance(0.15)  # sitting, its wings folded up
    paint = p.fill if side else lambda *mark: _pair(p, *mark)
    for wing, own, (x, y) in ((hind, lower, (0.45, 0.32 * low)), (fore, colour, (0.58, -0.48 * high))):
        paint(wing, shade(own, 0.35) if rim else own)
        x *= wide
        if rim:
            paint(moved(wing, x * 0.34, y * 0.34, scale=0.66), own, True)
        elif p.chance(0.85):
            paint(ellipse(x, y, *p.pick((0.17, 0.17), (0.13, 0.2), (0.24, 0.12)), steps=10), spot, True)
    if side:
        turn = p.between(-85, -65)
        p.marks = [mark._replace(points=moved(mark.points, -0.05, 0.55, turn, 1.2)) for mark in p.marks]
        p.stroke([(-0.6, 0.8), (0.1, 0.6), (0.42, 0.48)], dark, 0.18)
        for x, y in ((0.7, 0.1), (0.9, 0.28)):
            p.stroke([(0.4, 0.5), (x, y)], dark, 0.08)
        return
    end = p.between(0.45, 0.7)
    p.fill(ellipse(0, end / 2 - 0.15, p.between(0.07, 0.12), end / 2 + 0.18, steps=12), dark)
    p.dot(0, -0.36, p.between(0.1, 0.14), dark, False)
    reach = p.between(0.2, 0.4)
    _lines(p, smooth([(0.03, -0.4), (reach * 0.4, -0.72), (reach, -0.92)], False, 3), dark, 0.07)
    _lay(p, p.pick(0, 0, p.between(-50, 50)))


def bee(p: Pen) -> None:
    yellow, dark, wing = p.colour("yellow", "gold", "orange"), p.colour("black", "dark brown"), p.colour(*GAUZE)
    fat, size = p.between(0.36, 0.52), p.between(0.2, 0.32)
    if p.chance(0.4):  # from above
        for turn, length in ((p.between(-30, -5), p.between(0.8, 1.0)), (p.between(15, 40), p.between(0.6, 0.8))):
            _pair(p, _drop(length, p.between(0.45, 0.65), 0.08, -0.2, turn), wing)
        p.fill([(-0.12, 0.75), (0, 1.05), (0.12, 0.75)], dark)
        p.fill(ellipse(0, 0.32, fat * 0.85, 0.6), yellow)
        _bands(p, 0.6, fat * 0.85, -0.35, 0, 0.32, 90, dark)
        _lines(p, [(0.05, -0.72), (p.between(0.15, 0.35), -1.0)], dark, 0.08)
        p.dot(0, -0.65, size * 0.85, dark, False)
        p.fill(ellipse(0, -0.35, fat * 0.7, 0.26), p.pick(yellow, shade(yellow, 0.75), dark))
        _lay(p, p.pick(0, p.between(-80, 80)))
        return
    tilt = p.between(-25, 15)
    back = [_drop(p.between(0.65, 0.85), p.between(0.5, 0.65), x, -0.1, t) for x, t in ((0.05, -125), (0.18, -75))]
    for points in back[: p.pick(1, 2, 2)]:
        p.fill(points, wing)
    if p.chance(0.6):
        for x in (-0.25, 0.05, 0.3):
            p.stroke([(x, 0.4), (x - 0.08, 0.77)], dark, 0.09)
    p.fill([(-0.65, 0.05), (-1.02, 0.2), (-0.65, 0.32)], dark)
    p.fill(ellipse(-0.12, 0.18, 0.66, fat), yellow)
    _bands(p, 0.66, -fat, -0.8, -0.12, 0.18, 0, dark)
    for x in (0.6, 0.9):
        p.stroke(smooth([(0.62, 0), (x * 0.97, -0.25), (x + 0.1, p.between(-0.5, -0.35))], False, 3), dark, 0.08)
    head = p.pick(dark, yellow, shade(yellow, 0.8))
    p.fill(ellipse(0.62, 0.12, size, size * 1.05, steps=14), head)
    p.dot(0.7, 0.08, 0.1, p.colour("white") if head == dark else dark)
    _lay(p, tilt)


def ladybug(p: Pen) -> None:
    shell, dark = p.colour("red", "red", "orange", "yellow"), p.colour("black", "dark grey")
    wide, high, r = p.between(0.68, 0.85), p.between(0.65, 0.85), p.between(0.1, 0.17)
    kind = p.pick("above", "above", "above", "side", "open")
    if kind == "side":
        for x in (-0.5, -0.05, 0.4):
            p.stroke([(x, 0.35), (x - 0.04, 0.55), (x + 0.13, 0.72)], dark, 0.1)
        for x, y in ((0.95, -0.15), (1.05, 0.05)):
            p.stroke([(0.8, 0.2), (x, y)], dark, 0.08)
        p.fill(ellipse(0.72, 0.25, 0.24, 0.24, steps=12), dark)
        p.dot(0.78, 0.18, 0.09, p.colour("white"))
        p.fill(ellipse(-0.1, 0.42, 0.85, high + 0.2, start=180, end=360), shell)
        for x, y in ((-0.6, 0.15), (-0.3, -0.25), (-0.1, 0.15), (0.2, -0.2), (0.4, 0.18))[p.count(0, 1) :]:
            p.dot(x, y, r, dark)
        return
    for y, foot in ((-0.3, -0.55), (0.1, 0.1), (0.45, 0.7)):
        _lines(p, [(0.4, y), (wide * 0.9, (y + foot) / 2), (wide + 0.2, foot)], dark, p.between(0.09, 0.12))
    _lines(p, [(0.1, -0.75), (p.between(0.2, 0.4), -1.02)], dark, 0.08)
    p.fill(ellipse(0, -0.62, p.between(0.3, 0.45), p.between(0.25, 0.32), steps=14), dark)
    _pair(p, ellipse(0.2, -0.72, 0.09, 0.08, steps=8), p.colour("white", "cream"), True)
    spots = p.pick(
        ((0.38, -0.15), (0.38, 0.35)), ((0.25, -0.25), (0.5, 0.1), (0.25, 0.5)),
        ((0.3, -0.28), (0.55, 0.05), (0.28, 0.2), (0.3, 0.6)), ((0.4, 0.1),),
    )  # fmt: skip
    r = 0.22 if len(spots) == 1 else r
    half = ellipse(0, 0.12, wide, high, start=-90, end=90, steps=12)
    if kind == "open":  # about to fly: the shell parted, wings and a dark back below
        turn = p.between(-42, -25)
        _pair(p, _drop(1.0, 0.5, 0.05, -0.2, p.between(40, 55)), p.colour(*GAUZE))
        p.fill(ellipse(0, 0.15, wide * 0.5, high * 0.85), dark)
        _pair(p, moved(moved(half, 0, 0.5), 0.05, -0.45, turn, 0.95), shell)
        for x, y in spots:
            _pair(p, moved(ellipse(x * wide, y + 0.5, r, r, steps=9), 0.05, -0.45, turn, 0.95), dark, True)
        return
    p.fill(half + mirrored(half)[::-1], shell)
    p.stroke([(0, 0.12 - high), (0, 0.12 + high)], dark, p.between(0.07, 0.1), True)
    for x, y in spots:
        _pair(p, ellipse(x * wide / 0.8, y, r, r, steps=9), dark, True)
    _lay(p, p.pick(0, p.between(-90, 90), p.between(-40, 40)))


def spider(p: Pen) -> None:
    skin, eyes = p.colour("black", "dark grey", "dark brown", "brown", "purple"), p.colour("white", "yellow", "red")
    legs, thick = shade(skin, p.pick(0.6, 1.0, 1.0)), p.between(0.08, 0.15)
    if p.chance(0.4):  # a round one that hangs on its thread, seen from the front
        r, y = p.between(0.34, 0.5), p.between(0.0, 0.2)
        if p.chance(0.7):
            p.stroke([(0, -1.1), (0, y)], p.colour("light grey", "grey"), 0.07)
        for i in range(4):
            knee = (p.between(0.6, 0.75) + 0.04 * i, y - 0.62 + 0.27 * i)
            foot = (p.between(0.8, 1.0) - 0.05 * abs(i - 1), y - 0.2 + 0.33 * i)
            _lines(p, [(r * 0.6, y - 0.1 + 0.08 * i), knee, foot], legs, min(thick, 0.11))
        p.fill(ellipse(0, y, r, r * p.between(0.9, 1.1)), skin)
        for x in (-0.38, 0.38):
            _eye(p, x * r, y - 0.05, r * p.between(0.26, 0.36), eyes, skin)
        return
    big, small, waist = p.between(0.24, 0.36), p.between(0.15, 0.22), p.between(-0.2, -0.1)
    for i, angle in enumerate((-50, -17, 17, 50)):
        turn, reach = math.radians(angle + p.between(-5, 5)), p.between(1.0, 1.2)
        bend = turn + math.radians(p.between(10, 25) * (-1 if i < 2 else 1))
        knee = (0.62 * math.cos(bend), waist + 0.62 * math.sin(bend))
        foot = (reach * math.cos(turn), waist + reach * math.sin(turn))
        _lines(p, [(0.05, waist + 0.06 * i - 0.1), knee, foot], legs, thick)
    p.fill(ellipse(0, waist + small * 0.6 + big, big, big * p.between(1.0, 1.25)), skin)
    p.fill(ellipse(0, waist - 0.04, small, small * 1.15, steps=14), shade(skin, p.pick(0.7, 1.0, 1.3)))
    if p.chance(0.7):
        _pair(p, ellipse(0.1, waist - 0.12, 0.06, 0.06, steps=8), eyes, True)
    middle = waist + small * 0.6 + big
    mark = p.pick("none", "hourglass", "dot")
    if mark == "hourglass":
        p.fill([(-0.13, middle - 0.2), (0.13, middle - 0.2), (-0.13, middle + 0.2), (0.13, middle + 0.2)], eyes, True)
    elif mark == "dot":
        p.dot(0, middle, big * 0.4, eyes)
    _lay(p, p.pick(0, 0, 180, p.between(-60, 60)))


def dragonfly(p: Pen) -> None:
    body, wing = p.colour("teal", "blue", "green", "red", "purple", "brown", "navy"), p.colour(*GAUZE, "teal")
    eye, wide, thick = p.colour("dark green", "brown", "red", "navy"), p.between(0.2, 0.34), p.between(0.1, 0.16)
    if p.chance(0.2):  # from the side, wings raised
        for turn in p.pick((-150, -120), (-150, -120, -65), (-130, -95)):
            p.fill(_drop(p.between(0.95, 1.15), wide, 0.4, 0.12, turn + p.between(-5, 5)), wing)
        tail = smooth([(0.3, 0.22), (-0.3, p.between(0.2, 0.35)), (-1.05, p.between(0.3, 0.7))], False, 4)
        p.stroke(tail, body, thick + 0.03)
        p.fill(ellipse(0.4, 0.2, 0.28, 0.18, turn=-8, steps=14), body)
        p.fill(ellipse(0.76, 0.14, 0.19, 0.19, steps=12), eye)
        p.dot(0.8, 0.1, 0.07, p.colour("white"))
        return
    lift, drop, rim = p.between(-28, -4), p.between(6, 30), p.chance(0.6)
    for size, y, turn in ((wide, -0.32, lift), (wide * 1.15, -0.2, drop)):
        shape = _drop(p.between(0.87, 1.03), size, 0.05, y, turn)
        if rim:
            _lines(p, [*shape, shape[0]], shade(body, 0.6), 0.12)
        _pair(p, shape, wing)
    if p.chance(0.4):
        spot = ellipse(0.8, 0, 0.1, 0.06, steps=8)
        _pair(p, moved(spot, 0.05, -0.32, lift), p.colour(*DARK), True)
        _pair(p, moved(spot, 0.05, -0.2, drop), p.colour(*DARK), True)
    bend = p.pick(0, 0, p.between(-0.2, 0.2))
    p.stroke(smooth([(0, -0.3), (0, 0.3), (bend, 1.05)], False, 4), body, thick)
    for i in range(p.pick(0, 3, 4)):
        y = 0.2 + 0.2 * i
        p.stroke([(-thick / 2, y), (thick / 2, y)], shade(body, 0.4), 0.07, True)
    p.fill(ellipse(0, -0.32, p.between(0.13, 0.18), 0.3, steps=14), shade(body, p.pick(0.75, 1.0)))
    p.fill(ellipse(0, -0.68, 0.15, 0.13, steps=12), body)
    _pair(p, ellipse(0.13, -0.74, p.between(0.12, 0.16), 0.14, steps=10), eye)
    _lay(p, p.pick(0, p.between(-60, 60), p.between(-45, 45)))


# -- birds ------------------------------------------------------------------------------------------------------------
def owl(p: Pen) -> None:
    coat = p.colour("brown", "tan", "grey", "dark brown", "white", "purple", "teal")
    light, ring, dark = shade(coat, 1.35), p.colour("white", "yellow", "cream", "orange"), p.colour("black", "navy")
    beak, wide, r = p.colour(*BEAK, "dark grey"), p.between(0.5, 0.72), p.between(0.19, 0.27)
    top, flying = -0.85, p.chance(0.18)
    if flying:
        wide, reach = p.between(0.36, 0.44), p.between(-0.75, -0.2)
        wing = [(0.1, -0.35), (0.6, reach - 0.1), (1.05, reach), (1.05, 0.15), (0.86, 0.05), (0.8, 0.4), (0.6, 0.22)]
        _pair(p, [*wing, (0.5, 0.5), (0.2, 0.3)], shade(coat, 0.75))
        p.fill([(-0.12, 0.4), (-0.3, 1), (0.3, 1), (0.12, 0.4)], shade(coat, 0.75))
    else:
        if p.chance(0.55):
            p.stroke([(-1.05, 0.86), (1.05, p.between(0.8, 0.92))], p.colour("brown", "dark brown"), 0.17)
            p.fill([(-0.16, 0.6), (-0.2, 1.08), (0.2, 1.08), (0.16, 0.6)], shade(coat, 0.7))
        for x in (-0.3, -0.16, 0.16, 0.3):
            p.stroke([(x, 0.65), (x, 0.92)], beak, 0.11)
    if p.chance(0.65):
        _pair(p, [(wide * 0.1, top + 0.1), (wide * p.between(0.85, 1.1), -1.08), (wide * 0.95, -0.45)], coat)
    low = 0.55 if flying else 0.8
    edge = [(0, top), (wide * 0.75, top + 0.1), (wide * 0.96, -0.42), (wide * p.between(0.8, 0.95), -0.05)]
    edge = smooth([*edge, (wide, low * 0.5), (wide * 0.6, low - 0.05), (0, low)], False, 3)
    p.fill(edge + mirrored(edge)[::-1], coat)
    if not flying:
        p.fill(ellipse(0, 0.38, wide * 0.62, 0.38, steps=16), light)
        _pair(p, ellipse(wide * 0.92, 0.25, 0.16, p.between(0.42, 0.52), p.between(5, 14), steps=14), shade(coat, 0.65))
        for x, y in p.pick(((-0.18, 0.25), (0.18, 0.25), (0, 0.48)), ((0, 0.25), (-0.16, 0.48), (0.16, 0.48)), ()):
            p.stroke([(x - 0.1, y), (x, y + 0.1), (x + 0.1, y)], shade(coat, 0.5), 0.07, True)
    r = min(r, wide * 0.46)
    y, look = p.between(-0.5, -0.42), p.pick(0, 0, 0.3, -0.3)
    _pair(p, ellipse(r, y, r * 1.25, r * 1.3, steps=14), light)
    for side in (-1, 1):
        _eye(p, side * r * 1.02, y, r, ring, dark, look)
    p.fill([(-0.1, y + r * 0.5), (0.1, y + r * 0.5), (0, y + r * 0.5 + p.between(0.24, 0.32))], beak, True)


def duck(p: Pen) -> None:
    coat = p.colour("yellow", "yellow", "white", "brown", "tan", "grey", "sky", "pink")
    bill, dark = p.colour("orange", "orange", "red", "gold"), p.colour("black", "navy")
    head_coat, r, up = coat, p.between(0.24, 0.36), p.between(-0.7, -0.45)
    mallard = p.chance(0.25)
    if mallard:
        coat, head_coat, bill = p.colour("grey", "tan", "brown"), p.colour("dark green", "green"), p.colour("yellow")
    x, stand = p.between(0.38, 0.52), p.chance(0.4)
    if stand:
        for a in (-0.2, 0.15):
            p.stroke([(a, 0.5), (a, 0.88)], bill, 0.1)
            p.fill([(a - 0.08, 0.82), (a + 0.32, 0.98), (a - 0.14, 0.98)], bill)
    belly, tail = p.between(0.5, 0.72), p.between(-0.3, 0.0)
    p.fill([(x + r * 0.75, up - 0.08), (1.08, up + 0.0), (1.1, up + 0.17), (x + r * 0.6, up + 0.2)], bill)
    neck = [(x - r * 0.85, up), (x - r * 0.7, 0.2), (x + r * 0.6, 0.4), (x + r * 0.75, up)]
    p.fill(neck, head_coat)
    back = [(-1.0, tail), (-0.6, 0.02), (-0.1, p.between(-0.05, 0.1)), (0.2, 0.02), (0.5, 0.0)]
    p.fill(smooth([*back, (0.76, 0.25), (0.55, belly), (-0.1, belly + 0.08), (-0.65, belly - 0.08)], steps=4), coat)
    p.fill(ellipse(x, up, r, r * p.between(0.9, 1.05)), head_coat)
    if mallard or p.chance(0.1):
        p.stroke([(x - r * 0.75, -0.12), (x + r * 0.8, -0.08)], p.colour("white"), 0.1, True)
    p.dot(x + r * 0.3, up - 0.06, p.between(0.08, 0.11), dark)
    low = p.between(0.35, 0.5)
    wing = smooth([(0.25, 0.18), (0.1, low), (-0.3, low), (-0.65, p.between(0.05, 0.2))], False, 3)
    p.fill(wing, shade(coat, 0.82))
    p.stroke(wing, shade(coat, 0.55), 0.08, True)
    if not stand and p.chance(0.65):
        waves = [(-1.05 + 0.3 * i, belly + 0.06 + 0.06 * (-1) ** i) for i in range(8)]
        p.stroke(smooth(waves, closed=False, steps=3), p.colour("blue", "sky", "teal"), 0.13)


def penguin(p: Pen) -> None:
    coat, white = p.colour("black", "black", "dark grey", "navy", "blue"), p.colour("white", "white", "cream")
    feet, wide = p.colour(*BEAK), p.between(0.4, 0.62)
    if p.chance(0.35):
        _penguin_side(p, coat, white, feet, wide)
        return
    fat, splay = p.between(1.0, 1.15), p.between(8, 50)
    _pair(p, ellipse(0.22, 0.92, p.between(0.18, 0.26), 0.11, steps=10), feet)
    flipper = smooth([(0, 0), (0.14, 0.15), (0.14, 0.5), (0, 0.75), (-0.12, 0.4)], steps=3)
    _pair(p, moved(flipper, wide * 0.85, -0.25, -splay), coat)
    edge = [(0, -1), (wide * 0.6, -0.88), (wide * 0.72, -0.6), (wide * 0.9, -0.25), (wide * fat, 0.3)]
    edge = smooth([*edge, (wide * 0.75, 0.82), (0, 0.92)], False, 4)
    p.fill(edge + mirrored(edge)[::-1], coat)
    y = p.between(-0.68, -0.6)
    if p.chance(0.45):  # a heart-shaped face that runs into the belly
        patch = [(0, -0.72), (wide * 0.3, -0.85), (wide * 0.52, -0.66), (wide * 0.42, -0.38), (wide * 0.7, 0.1)]
        patch = smooth([*patch, (wide * 0.7, 0.5), (0, 0.82)], False, 3)
        p.fill(patch + mirrored(patch)[::-1], white, True)
        _pair(p, ellipse(wide * 0.3, y, 0.08, 0.09, steps=8), p.colour("black"))
        p.fill([(-0.13, y + 0.1), (0.13, y + 0.1), (0, y + 0.32)], feet)
        return
    p.fill(ellipse(0, 0.22, wide * p.between(0.62, 0.75), p.between(0.5, 0.6)), white, True)
    _pair(p, ellipse(wide * 0.32, y, 0.1, 0.11, steps=8), white, True)
    p.fill([(-0.14, y + 0.1), (0.14, y + 0.1), (0, y + 0.33)], feet, True)
    if p.chance(0.3):
        p.fill(box(-wide * 0.8, -0.4, wide * 0.8, -0.24, 0.07), p.colour("red", "green", "yellow"), True)


def _penguin_side(p: Pen, coat: Colour, white: Colour, feet: Colour, wide: float) -> None:
    r, chest = p.between(0.25, 0.33), p.between(0.45, 0.62)
    for x in (-0.08, 0.2):
        p.fill([(x - 0.14, 0.82), (x + 0.1, 0.78), (x + 0.36, 0.98), (x - 0.12, 0.98)], feet)
    p.fill([(r - 0.05, -0.84), (p.between(0.5, 0.62), p.between(-0.72, -0.6)), (r - 0.08, -0.58)], feet)
    p.fill([(-0.35, 0.55), (-0.62, 0.98), (-0.1, 0.85)], coat)
    front = [(r * 0.8, -0.5), (chest * 0.8, -0.15), (chest, 0.3), (0.35, 0.85)]
    back = [(-0.1, 0.92), (-0.42, 0.6), (-wide * 0.95, 0.1), (-r * 1.0, -0.5)]
    p.fill(smooth([(0, -0.98), (r * 0.9, -0.85), *front, *back, (-r * 0.8, -0.85)], steps=4), coat)
    belly = [(r * 0.5, -0.5), (chest * 0.72, -0.12), (chest * 0.86, 0.3), (0.28, 0.76), (0.05, 0.3), (0.02, -0.2)]
    p.fill(smooth(belly, steps=3), white, True)
    p.dot(0.08, -0.75, 0.09, white)
    if p.chance(0.4):
        p.fill(ellipse(-0.03, -0.48, 0.1, 0.16, turn=30, steps=9), p.colour("yellow", "orange"), True)
    flipper = smooth([(0, -0.05), (0.15, 0.15), (0.1, 0.5), (-0.05, 0.8), (-0.13, 0.35)], steps=3)
    p.fill(moved(flipper, -0.15, -0.25, p.pick(5, 30, 55, -35)), shade(coat, 1.6))


DRAWINGS = {
    "butterfly": butterfly, "bee": bee, "ladybug": ladybug, "spider": spider, "owl": owl, "duck": duck,
    "penguin": penguin, "dragonfly": dragonfly,
}  # fmt: skip

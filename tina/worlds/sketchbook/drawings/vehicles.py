"""Vehicles."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth

PAINT = ("red", "blue", "yellow", "green", "orange", "white", "teal", "sky", "purple", "pink", "silver", "dark green")
TRIM = ("red", "blue", "orange", "navy", "green", "purple")
CLOTH = ("white", "cream", "red", "yellow", "orange", "sky")
GLASS = ("sky", "light grey", "navy")
DARK = ("black", "dark grey")


def _wheel(p: Pen, x: float, y: float, r: float, arch: Colour | None = None) -> None:
    if arch:
        p.fill(ellipse(x, y, r * 1.25, r * 1.25, steps=14), shade(arch, 0.5), detail=True)
    p.fill(ellipse(x, y, r, r, steps=14), p.colour(*DARK))
    p.dot(x, y, r * 0.42, p.colour("light grey", "white"))


def _bow(a: Point, b: Point, bend: float) -> list[Point]:
    """From a to b in an arc that swings out by `bend` of its length (to the left of the way, y being down)."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    ways = [(i / 5, bend * math.sin(math.pi * i / 5)) for i in range(6)]
    return [(a[0] + dx * along + dy * off, a[1] + dy * along - dx * off) for along, off in ways]


def _both(half: list[Point]) -> list[Point]:
    """A shape from its right half."""
    return half + mirrored(half)[::-1]


def _lay(p: Pen, angle: float) -> None:
    p.marks = [mark._replace(points=moved(mark.points, turn=angle)) for mark in p.marks]


def car(p: Pen) -> None:
    paint, glass = p.colour(*PAINT, "dark grey"), p.colour(*GLASS, "dark grey")
    if p.chance(0.15):
        return _car_front(p, paint, glass)
    floor, waist, roof = 0.45, p.between(-0.2, 0.0), p.between(-0.75, -0.5)
    hood = waist + p.between(0.0, 0.18)
    # the cabin: rear foot, rear top, front top, front foot
    foot, rear, front, nose = p.pick(
        (-1.0, -0.85, 0.15, 0.5), (-0.98, -0.6, 0.1, 0.45), (-0.6, -0.38, 0.15, 0.48), (-0.65, -0.3, 0.2, 0.5),
        (-0.12, -0.12, 0.3, 0.55), (-1.0, -0.95, 0.4, 0.75), (-0.8, -0.25, 0.0, 0.35),
    )  # fmt: skip
    cabin = [(-1, waist), (foot, waist), (rear, roof), (front, roof), (nose, waist)]
    if p.chance(0.25):  # a round little car
        cabin = ellipse(-0.1, waist, 0.72, waist - roof, start=190, end=340, steps=10)
        foot, rear, front, nose = -0.75, -0.5, 0.25, 0.52
    p.fill([(-1, floor), *cabin, (0.95, hood), (1, floor)], paint)
    top, low, middle = roof + 0.11, waist + 0.03, (rear + front) / 2 + p.between(-0.1, 0.1)
    back = foot * 0.75 + rear * 0.25 + 0.1
    p.fill([(back, low), (rear + 0.1, top), (middle - 0.05, top), (middle - 0.05, low)], glass, True)
    p.fill([(middle + 0.05, low), (middle + 0.05, top), (front - 0.02, top), (nose - 0.12, low)], glass, True)
    r = p.between(0.2, 0.29)
    for x in (-0.56, 0.58):
        _wheel(p, x + p.between(-0.05, 0.05), floor, r, paint)
    if p.chance(0.5):
        p.fill(ellipse(0.92, hood + 0.16, 0.08, 0.08, steps=8), p.colour("yellow", "cream"), True)


def _car_front(p: Pen, paint: Colour, glass: Colour) -> None:
    wide, roof, tyre = p.between(0.72, 0.9), p.between(-0.8, -0.6), p.colour(*DARK)
    for x in (-wide, wide):
        p.fill(box(x * 0.72 - 0.14, 0.3, x * 0.72 + 0.14, 0.8, 0.06), tyre)
        p.fill(ellipse(x * 1.1, -0.08, 0.13, 0.09, steps=8), paint)
    p.fill(_both([(wide * 0.62, roof), (wide * 0.85, 0)]), paint)
    p.fill(box(-wide, -0.1, wide, 0.58, 0.12), paint)
    p.fill(_both([(wide * 0.52, roof + 0.12), (wide * 0.72, -0.1)]), glass, True)
    for x in (-wide, wide):
        p.dot(x * 0.68, 0.16, p.between(0.12, 0.18), p.colour("yellow", "cream", "white"))
    p.fill(box(-wide * 0.32, 0.12, wide * 0.32, 0.3), tyre, True)


def bus(p: Pen) -> None:
    paint, glass, double = p.colour(*PAINT), p.colour(*GLASS), p.chance(0.25)
    top, floor = (p.between(-1.0, -0.85), 0.6) if double else (p.between(-0.65, -0.42), p.between(0.42, 0.55))
    end = 1.0
    if p.chance(0.25) and not double:  # a school bus with a snout
        end = 0.68
        p.fill(box(0.5, p.between(-0.02, 0.08), 1, floor, 0.08), paint)
    p.fill(box(-1, top, end, floor, p.between(0.05, 0.2)), paint)
    decks = [top + 0.13, top + 0.68] if double else [top + 0.14]
    for deck in decks:
        high, count = p.between(0.26, 0.36), p.count(3, 5)
        step = (end + 0.86) / count
        for i in range(count):
            x = -0.88 + i * step
            p.fill(box(x, deck, x + step - p.between(0.08, 0.13), deck + high), glass, True)
    if p.chance(0.4):
        p.fill(box(end - 0.34, decks[-1], end - 0.12, floor - 0.06), glass, True)
    if p.chance(0.5):
        y = decks[-1] + p.between(0.42, 0.5)
        p.stroke([(-1, y), (end, y)], p.colour("white", "black", "yellow", "navy"), 0.09, True)
    r = p.between(0.17, 0.23)
    for x in p.pick((-0.55, 0.5), (-0.6, 0.45), (-0.66, -0.2, 0.5)):
        _wheel(p, x, floor, r, paint)


def bicycle(p: Pen) -> None:
    frame, tyre = p.colour(*PAINT, "black"), p.colour(*DARK, "dark brown")
    thick, tube = p.between(0.08, 0.14), p.between(0.08, 0.13)
    if p.chance(0.12):  # a penny-farthing
        p.stroke(ellipse(0.25, 0.2, 0.68, 0.68, end=361), tyre, thick)
        p.stroke(ellipse(-0.72, 0.68, 0.22, 0.22, end=361), tyre, thick)
        p.stroke([(-0.72, 0.68), *_bow((-0.7, 0.4), (0.2, -0.6), 0.2), (0.25, 0.2)], frame, tube)
        p.stroke([(0.2, -0.6), (0.3, -0.9), (0.55, -0.85)], frame, tube)
        p.stroke([(-0.2, -0.68), (0.1, -0.68)], tyre, 0.16)
        return
    r = p.between(0.36, 0.47)
    back, fore, y = -1 + r, 1 - r, 0.85 - r
    crank = (p.between(-0.12, 0.0), y + p.between(0, 0.08))
    seat = (crank[0] - p.between(0.12, 0.26), y - p.between(0.52, 0.7))
    head = (p.between(0.3, 0.42), y - p.between(0.5, 0.66))
    for x in (back, fore):
        p.stroke(ellipse(x, y, r, r, end=361, steps=18), tyre, thick)
        for turn in p.pick((), (), (0, 60, 120)):
            p.stroke(moved([(-r, 0), (r, 0)], x, y, turn), p.colour("silver"), 0.04)
    low = p.chance(0.35)  # a low step
    p.stroke([crank, seat] if low else [(back, y), seat, head], frame, tube)
    p.stroke([(back, y), crank, seat], frame, tube)
    p.stroke(_bow(crank, head, -0.2) if low else [crank, head], frame, tube)
    x, top = head[0] - 0.06, head[1] - p.between(0.15, 0.28)
    p.stroke([(fore, y), head, (x, top)], frame, tube)
    p.stroke([seat, (seat[0] - 0.02, seat[1] - 0.1)], frame, tube)
    p.stroke([(seat[0] - 0.16, seat[1] - 0.1), (seat[0] + 0.14, seat[1] - 0.1)], tyre, 0.15)
    grip = p.pick([(0.25, 0), (0.3, 0.16), (0.14, 0.22)], [(-0.22, 0.06)], [(0.24, -0.1)])
    p.stroke([(x, top), *moved(grip, x, top)], tyre, 0.1)


def sailboat(p: Pen) -> None:
    hull, wood = p.colour("brown", "red", "blue", "white", "navy", "teal"), p.colour("brown", "dark brown", "grey")
    deck, keel, mast = p.between(0.42, 0.55), p.between(0.82, 0.95), p.between(-0.2, 0.12)
    foot, belly = deck - p.between(0.1, 0.2), p.between(0.05, 0.16)
    kind = p.pick("sloop", "sloop", "single", "square", "ketch")
    for x in (-0.45, 0.3) if kind == "ketch" else (mast,):
        p.stroke([(x, deck), (x, -1)], wood, 0.09)
    if kind in ("sloop", "single"):
        end = (mast - p.between(0.6, 0.8), foot)
        p.fill([*_bow((mast - 0.07, -0.95), end, -belly), (mast - 0.07, foot)], p.colour(*CLOTH))
        if kind == "sloop":
            peak, end = (mast + 0.09, p.between(-0.85, -0.5)), (mast + p.between(0.5, 0.75), foot)
            p.fill([*_bow(peak, end, belly), (mast + 0.09, foot)], p.colour(*CLOTH))
    elif kind == "ketch":
        for x, size in ((-0.45, p.between(0.45, 0.5)), (0.3, p.between(0.55, 0.65))):
            p.fill([*_bow((x + 0.05, -0.95), (x + size, foot), belly), (x + 0.05, foot)], p.colour(*CLOTH))
    else:
        half = p.between(0.5, 0.75)
        p.fill([(x + mast, y) for x, y in _both(_bow((half, -0.8), (half, foot), -belly))], p.colour(*CLOTH))
        for y in p.pick((), (-0.45, -0.02)):
            p.stroke([(mast - 0.5, y), (mast + 0.5, y)], p.colour("red", "navy", "brown"), 0.14, True)
    if p.chance(0.35):
        p.fill([(mast, -1.08), (mast + 0.32, -0.98), (mast, -0.88)], p.colour("red", "blue", "green"))
    left, right = -p.between(0.8, 1.0), p.between(0.85, 1.0)
    p.fill([*_bow((left, deck), (right, deck), -0.04), (right * 0.62, keel), (left * 0.7, keel)], hull)
    if p.chance(0.4):
        p.stroke([(left + 0.12, deck + 0.18), (right - 0.12, deck + 0.18)], p.colour("white", "gold"), 0.09, True)
    if p.chance(0.4):
        waves = [(-1.05 + 0.3 * i, keel + 0.05 * (-1) ** i) for i in range(8)]
        p.stroke(smooth(waves, closed=False, steps=3), p.colour("blue", "sky"), 0.1)


def airplane(p: Pen) -> None:
    body, second, glass = p.colour(*PAINT, "white"), p.colour(*TRIM, "grey"), p.colour(*GLASS)
    kind = p.pick(_from_above, _from_above, _liner, _liner, _propeller)
    kind(p, body, second, glass)


def _from_above(p: Pen, body: Colour, second: Colour, glass: Colour) -> None:
    w, wing, sweep, deep = p.between(0.11, 0.18), p.between(-0.25, 0.0), p.between(0.0, 0.45), p.between(0.35, 0.5)
    for side in (mirrored, list):
        p.fill(side([(0, wing), (0.98, wing + sweep), (0.98, wing + sweep + 0.17), (0, wing + deep)]), body)
        p.fill(side([(0, 0.62), (0.4, 0.72 + sweep * 0.3), (0.4, 0.86 + sweep * 0.3), (0, 0.88)]), second)
    for x in p.pick((), (-0.45, 0.45)):
        p.fill(box(x - 0.07, wing + sweep * 0.45 - 0.15, x + 0.07, wing + sweep * 0.45 + 0.1, 0.05), second)
    p.fill(_both(smooth([(0, -1), (w, -0.7), (w, 0.4), (0.05, 0.95)], False, 3)), body)
    p.fill(box(-w * 0.6, -0.76, w * 0.6, -0.62), glass, True)
    _lay(p, p.pick(0, 45, 45, 90, 60))


def _liner(p: Pen, body: Colour, second: Colour, glass: Colour) -> None:
    h, reach = p.between(0.17, 0.26), p.between(0.65, 0.85)
    p.fill([(-0.98, -0.75), (-0.74, -0.75), (-0.4, -0.1), (-0.85, 0)], second)
    p.fill([(0.25, -0.05), (-0.1, -0.5), (-0.25, -0.5), (-0.15, -0.05)], shade(body, 0.7))
    top, belly = [(-1, -h), (-0.5, -h), (0.6, -h), (0.9, -h * 0.45)], [(1, h * 0.3), (0.75, h), (-0.4, h), (-0.85, 0)]
    p.fill(smooth(top + belly, steps=3), body)
    for i in range(p.count(4, 6)):
        p.dot(-0.55 + 0.2 * i, -h * 0.25, 0.06, glass)
    p.fill([(0.68, -h * 0.7), (0.86, -h * 0.35), (0.72, -h * 0.1), (0.62, -h * 0.1)], glass, True)
    p.fill([(0.3, h * 0.4), (-0.35, reach), (-0.55, 0.75), (-0.25, h * 0.4)], shade(body, 0.8))
    _lay(p, p.pick(0, -10, -25))


def _propeller(p: Pen, body: Colour, second: Colour, glass: Colour) -> None:
    p.fill([(-0.98, -0.5), (-0.75, -0.5), (-0.6, -0.08), (-0.95, 0)], second)
    p.stroke([(0.3, 0.1), (0.35, 0.5)], p.colour("dark grey"), 0.09)
    _wheel(p, 0.35, 0.58, 0.15)
    hull = [(-1, -0.12), (-0.3, -0.22), (0.3, -0.25), (0.75, -0.2), (0.8, 0.2), (0.2, 0.3), (-0.4, 0.15)]
    p.fill(smooth(hull, steps=3), body)
    p.fill([(0.0, -0.2), (0.08, -0.44), (0.3, -0.44), (0.42, -0.2)], glass)
    if p.chance(0.5):  # a biplane
        for x in (-0.05, 0.4):
            p.stroke([(x, -0.7), (x, 0.2)], p.colour("brown", "dark grey"), 0.08)
        p.fill(box(-0.25, -0.8, 0.6, -0.66, 0.06), second)
        p.fill(box(-0.25, 0.12, 0.6, 0.27, 0.06), second)
    else:
        p.fill([(0.35, 0.02), (-0.2, 0.42), (-0.45, 0.42), (-0.2, 0.02)], second)
    p.fill(ellipse(0.86, 0, 0.08, 0.1, steps=8), p.colour(*DARK))
    p.fill(ellipse(0.96, 0, 0.06, p.between(0.4, 0.6), steps=12), p.colour("grey", "brown"))
    p.fill([(-0.7, -0.06), (-1.05, 0.02), (-1.05, 0.12), (-0.6, 0.04)], second)
    _lay(p, p.pick(0, 0, -12))


def rocket(p: Pen) -> None:
    body, trim = p.colour("white", "silver", "light grey", "red", "cream", "sky"), p.colour(*TRIM)
    w, base, fin = p.between(0.24, 0.42), p.between(0.4, 0.55), p.between(0.25, 0.42)
    if p.chance(0.75):
        flame = smooth([(w * 0.65, base), (w * 0.6, base + 0.15), (0, p.between(0.85, 1.05))], False)
        p.fill(_both(flame), p.colour("orange", "red", "yellow"))
        p.fill([(-w * 0.3, base), (0, base + 0.28), (w * 0.3, base)], p.colour("yellow", "cream"), True)
    drop = base + p.between(0.05, 0.3)
    fins = [(w * 0.7, base - 0.5), (w + fin, drop - 0.1), (w + fin, drop + 0.12), (w * 0.6, base)]
    if p.chance(0.3):  # boosters
        fins = moved([(-0.13, 0.05 + base), (-0.13, -0.2), (0, -0.45), (0.13, -0.2), (0.13, 0.05 + base)], w + 0.12)
    p.fill(fins, trim)
    p.fill(mirrored(fins), trim)
    hull = [*smooth([(0, -1), (w * 0.6, -0.75), (w, -0.4)], False, 4), (w, base)]
    if p.chance(0.6):
        hull = smooth([(0, -1), (w * 0.65, -0.62), (w, -0.1), (w * 0.92, 0.25), (w * 0.65, base)], False, 4)
    nose = [point for point in hull if point[1] < -0.38]
    p.fill(_both(hull), body)
    p.fill(_both(nose), trim)
    p.stroke([nose[-1], (-nose[-1][0], nose[-1][1])], shade(trim, 0.6), 0.07, True)
    for i in range(p.count(1, 2)):
        p.dot(0, -0.18 + 0.34 * i, w * p.between(0.4, 0.55), p.colour("sky", "navy", "yellow"))
    _lay(p, p.pick(0, 0, 30, 45, 15))


def helicopter(p: Pen) -> None:
    body, blade, glass, high = p.colour(*PAINT), p.colour(*DARK, "grey"), p.colour(*GLASS), p.between(0.3, 0.44)
    if p.chance(0.18):  # two rotors
        hull = [(-0.8, -0.2), (-0.5, -0.15), (0.5, -0.15), (0.85, 0.05), (0.75, 0.4), (-0.5, 0.4), (-0.85, 0.1)]
        p.fill(smooth(hull, steps=3), body)
        for x in (-0.6, 0.55):
            p.fill([(x - 0.17, 0), (x - 0.12, -0.5), (x + 0.1, -0.5), (x + 0.17, 0)], body)
            p.fill(box(x - 0.48, -0.62, x + 0.48, -0.5, 0.04), blade)
            _wheel(p, x * 0.75, 0.46, 0.13)
        p.fill([(0.5, 0.0), (0.66, 0.0), (0.8, 0.18), (0.5, 0.18)], glass, True)
        for x in (-0.3, 0.05):
            p.dot(x, 0.08, 0.1, glass)
        return
    skids, tail, nose, tilt = p.chance(0.75), p.between(-0.15, 0.0), p.between(0.85, 1.0), p.between(-0.05, 0.05)
    if skids:
        for x in (0.05, 0.6):
            p.stroke([(x, 0.3), (x, 0.68)], blade, 0.08)
        p.stroke([(-0.2, 0.68), (0.85, 0.68), (0.98, 0.56)], blade, 0.1)
    p.fill([(0.1, tail - 0.12), (-0.9, tail - 0.05), (-0.9, tail + 0.05), (0.1, 0.3)], body)
    p.fill([(-1.0, tail - 0.32), (-0.84, tail - 0.32), (-0.7, tail), (-0.88, tail + 0.15)], body)
    if p.chance(0.7):
        p.stroke(moved([(-0.24, 0), (0.24, 0)], -0.92, tail - 0.05, p.between(0, 180)), blade, 0.09)
    p.stroke([(0.3, -0.2), (0.3, -0.6)], blade, 0.12)
    top, belly = [(-0.2, -high * 0.7), (0.3, -high), (nose * 0.8, -high * 0.6)], [(0.7, 0.42), (0.1, 0.42), (-0.2, 0.2)]
    p.fill(smooth([*top, (nose, 0.2), *belly]), body)
    pane = [(0.4, -high * 0.7), (nose * 0.75, -high * 0.5), (nose - 0.1, 0.1), (0.4, 0.12)]
    p.fill(smooth(pane, steps=2) if p.chance(0.4) else pane, glass, True)
    p.fill([(-0.55, -0.65 + tilt), (1.0, -0.65 - tilt), (1.0, -0.54 - tilt), (-0.55, -0.54 + tilt)], blade)
    for x in () if skids else (0.1, 0.62):
        _wheel(p, x, 0.48, 0.13)


def hot_air_balloon(p: Pen) -> None:
    cloth, second = p.colour(*PAINT), p.colour("white", "yellow", "cream", "navy", "orange", "teal")
    wide, neck, end = p.between(0.62, 0.9), p.between(0.2, 0.38), p.between(0.22, 0.4)
    shape = ((0, 0.02), (0.04, 0.42), (0.13, 0.72), (0.28, 0.95), (0.45, 1), (0.62, 0.9), (0.8, 0.62), (1, neck))
    edge = [(wide * w, -1 + (end + 1) * t) for t, w in shape]

    def gore(left: float, right: float) -> list[Point]:
        return [(x * right, y) for x, y in edge] + [(x * left, y) for x, y in reversed(edge)]

    half, top, low = p.between(0.15, 0.24), p.between(0.62, 0.7), p.between(0.92, 1.0)
    for side in (-1, 1):
        p.stroke([(side * wide * neck, end), (side * half, top)], p.colour("brown", "dark grey"), 0.07)
    p.fill(_both(edge), cloth)
    thirds = ((-0.8, -0.45), (-0.16, 0.16), (0.45, 0.8))
    for left, right in p.pick(thirds, thirds, ((-0.45, 0.45),), ()):
        p.fill(gore(left, right), second, True)
    if p.chance(0.25):
        p.fill(_both(edge[4:6]), p.colour(*PAINT), True)
    p.fill(_both([(half, top), (half * 0.8, low)]), p.colour("brown", "tan", "dark brown"))


DRAWINGS = {
    "car": car, "bus": bus, "bicycle": bicycle, "sailboat": sailboat, "airplane": airplane, "rocket": rocket,
    "helicopter": helicopter, "hot-air balloon": hot_air_balloon,
}  # fmt: skip

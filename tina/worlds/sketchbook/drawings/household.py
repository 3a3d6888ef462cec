"""Things of the household."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, moved, shade, smooth, star
from tina.worlds.sketchbook.shapes import band, heart, ornament, placed, turned

WOOD = ("brown", "dark brown", "tan", "tan", "white", "red", "black", "green")
CLOTH = ("red", "blue", "green", "purple", "yellow", "teal", "grey", "orange", "pink", "navy", "cream")
METAL = ("silver", "gold", "gold", "grey", "dark grey", "black")


def _dining_chair(p: Pen, wood: Colour) -> None:
    """A wooden chair, seen a little from the side and above."""
    wide, seat, back = p.between(0.4, 0.52), p.between(0.0, 0.2), p.between(-1.05, -0.8)
    skew, thick, dark = p.between(0.2, 0.36), p.between(0.07, 0.11), shade(wood, 0.75)
    deep = p.between(0.22, 0.32)
    for x in (-wide + thick + skew, wide - thick + skew):
        p.fill(band([(x, seat - deep), (x, 0.72)], thick), dark)
        p.fill(band([(x, seat - deep), (x + 0.08, back)], thick), wood)
    for k in range(p.pick(1, 2, 3, 3)):  # rungs across the back
        y = back + 0.14 + k * 0.26
        p.fill(band([(-wide + skew + 0.1, y), (wide + skew, y)], p.between(0.07, 0.12)), wood)
    front = [(-wide, seat), (wide, seat), (wide + skew, seat - deep), (-wide + skew, seat - deep)]
    for x in (-wide + thick, wide - thick):
        p.fill(band([(x, seat), (x, 1.0)], thick), wood)
    p.fill([*front[2:], (-wide, seat), (-wide, seat + 0.13), (wide, seat + 0.13), (wide, seat)], dark)
    p.fill(front, p.colour(*CLOTH) if p.chance(0.5) else shade(wood, 1.15), p.chance(0.5))


def _side_chair(p: Pen, wood: Colour) -> None:
    """From the side: like the letter h, perhaps on rockers."""
    seat, thick, lean, top = p.between(0.05, 0.2), p.between(0.08, 0.13), p.between(0.05, 0.28), p.between(-1.0, -0.8)
    rocks = p.chance(0.35)
    low = 0.8 if rocks else 1.0
    p.fill(band([(-0.42 - lean, top), (-0.42, seat), (-0.42 - lean * 0.6, low)], thick), wood)
    p.fill(band([(0.45, seat), (0.48, low)], thick), wood)
    if p.chance(0.5):
        p.fill(band([(-0.42, seat + 0.45), (0.45, seat + 0.45)], 0.07), wood)
    if p.chance(0.5) or rocks:  # an arm
        p.fill(band([(0.32, seat), (0.34, seat - 0.4)], 0.07), wood)
        p.fill(band([(-0.5, seat - 0.45), (0.42, seat - 0.42)], 0.08), wood)
    if rocks:
        p.fill(band(ellipse(0, -0.35, 1.1, 1.28, start=38, end=142, steps=10), 0.08), wood)
    p.fill(box(-0.5, seat - 0.1, 0.58, seat + 0.1, 0.06), p.colour(*CLOTH) if p.chance(0.6) else shade(wood, 0.85))


def _office_chair(p: Pen, metal: Colour) -> None:
    cloth, back, wide = p.colour(*CLOTH, "black", "dark grey"), p.between(-1.0, -0.85), p.between(0.42, 0.58)
    p.fill(band([(0, 0.1), (0, 0.75)], 0.08), metal)
    p.fill(band([(-0.6, 0.9), (0, 0.65), (0.6, 0.9)], 0.07), metal)
    for x in (-0.6, 0, 0.6):
        p.dot(x, 0.92, 0.11, p.colour("black", "dark grey"), False)
    if p.chance(0.6):
        for x in (-1, 1):
            p.fill(band([(x * 0.5, 0.2), (x * 0.74, 0.1), (x * 0.74, -0.18), (x * 0.66, -0.2)], 0.07), metal)
    p.fill(box(-wide, back, wide, 0.0, p.between(0.1, 0.3)), cloth)
    p.stroke([(-wide * 0.8, 0.06), (wide * 0.8, 0.06)], shade(cloth, 0.4), 0.08, True)
    p.fill(box(-wide - 0.1, 0.1, wide + 0.1, 0.36, 0.12), shade(cloth, 0.85))


def _armchair(p: Pen, cloth: Colour) -> None:
    wide, top, arm = p.between(0.6, 0.7), p.between(-0.95, -0.65), p.between(-0.15, 0.1)
    for x in (-0.65, 0.65):
        p.fill(box(x - 0.09, 0.75, x + 0.09, 1.0), p.colour("dark brown", "tan", "black"))
    p.fill(box(-wide, top, wide, 0.8, p.between(0.15, 0.35)), cloth)
    p.stroke([(-wide * 0.6, arm + 0.2), (wide * 0.6, arm + 0.2)], shade(cloth, 0.5), 0.09, True)
    if p.chance(0.4):
        for x, y in ((-0.28, 0), (0.28, 0), (0, 0.26)):
            p.dot(x, (top + arm) / 2 - 0.12 + y, 0.08, shade(cloth, 0.5))
    p.fill(box(-wide, arm + 0.25, wide, 0.85), shade(cloth, 1.1))
    p.stroke([(-wide * 0.7, 0.56), (wide * 0.7, 0.56)], shade(cloth, 0.5), 0.08, True)
    for x in (-1, 1):
        p.fill(box(x * 0.75 - 0.21, arm, x * 0.75 + 0.21, 0.85, 0.18), shade(cloth, 0.85))
        p.stroke([(x * 0.5, arm + 0.18), (x * 0.5, 0.8)], shade(cloth, 0.5), 0.07, True)


def chair(p: Pen) -> None:
    kind = p.pick(_dining_chair, _dining_chair, _side_chair, _side_chair, _office_chair, _armchair)
    kind(p, p.colour(*{_office_chair: METAL, _armchair: CLOTH}.get(kind, WOOD)))


def _shade(p: Pen, top: float, low: float, narrow: float, wide: float) -> None:
    colour = p.colour("yellow", "cream", "white", "orange", *CLOTH)
    middle = ((narrow + wide) / 2 - p.between(0, 0.1), (top + low) / 2)
    p.fill(turned(smooth([(narrow, top), middle, (wide, low)], False, 3)), colour)
    if p.chance(0.4):
        p.fill(turned([(wide * 0.94, low - 0.22), (wide * 0.96, low - 0.1)]), p.colour(*CLOTH), True)


def lamp(p: Pen) -> None:
    kind = p.pick("table", "table", "floor", "desk", "desk", "hanging", "oil")
    metal = p.colour(*METAL, "brown", "white", "teal")
    wide = p.between(0.5, 0.75)
    if kind == "table":
        low = p.between(-0.15, 0.05)
        body = p.pick(
            [(0.08, low), (0.14, 0.25), (0.36, 0.5), (0.3, 0.85), (0.16, 0.95)],
            [(0.08, low), (0.08, 0.78), (0.4, 0.84)],
            [(0.08, low), (0.3, 0.2), (0.36, 0.45), (0.14, 0.8)],
            [(0.1, low), (0.3, 0.9)],
        )
        p.fill(turned(smooth(body, False, 3)), metal)
        p.fill(box(-0.42, 0.86, 0.42, 1.0, 0.06), shade(metal, 0.8))
        if p.chance(0.4):
            p.stroke([(wide * 0.5, low - 0.1), (wide * 0.5, low + 0.3)], metal, 0.07)
        _shade(p, p.between(-1.0, -0.8), low, wide * p.between(0.4, 0.7), wide)
    elif kind == "floor":
        p.fill(box(-0.08, -0.5, 0.08, 0.9), metal)
        p.fill(turned([(0.15, 0.86), (0.4, 0.93), (0.4, 1.0)]), metal)
        _shade(p, -1.02, -0.42, wide * p.between(0.4, 0.6), wide * 0.85)
    elif kind == "desk":  # an arm with a joint
        x, y = p.between(-0.55, -0.4), p.between(-0.25, 0)
        tip = (p.between(0.05, 0.2), p.between(-0.8, -0.65))
        p.fill(band([(-0.1, 0.85), (x, y), tip], p.between(0.06, 0.09)), metal)
        p.dot(x, y, 0.12, shade(metal, 0.7), False)
        p.fill(turned([(0.25, 0.78), (0.45, 0.88), (0.45, 1.0)], -0.1), shade(metal, 0.85))
        cone = [(-0.15, -0.22), (0.15, -0.22), (0.5, 0.35), (-0.5, 0.35)]
        turn = p.between(-50, -15)
        p.fill(moved(ellipse(0, 0.36, 0.22, 0.2, steps=10), *tip, turn), p.colour("yellow", "white", "cream"))
        p.fill(moved(cone, *tip, turn), metal)
    elif kind == "hanging":
        p.stroke([(0, -1.1), (0, -0.3)], p.colour("black", "dark grey", "brown"), 0.09)
        p.fill(ellipse(0, 0.42, 0.24, 0.24), p.colour("yellow", "white", "cream"))
        p.fill(turned([(0.12, -0.4), (0.16, -0.2), (wide * 0.8, 0.05), (wide * 1.2, 0.42)]), metal)
        if p.chance(0.5):
            for x in (-0.6, 0, 0.6):
                p.stroke(
                    [(x * 0.9, 0.7 - 0.1 * abs(x)), (x * 1.3, 0.98 - 0.15 * abs(x))], p.colour("yellow", "orange"), 0.1
                )
    else:  # a storm lamp: a flame behind glass under a hood
        p.stroke(ellipse(0, -0.25, 0.62, 0.78, start=180, end=360, steps=12), metal, 0.08)
        p.stroke([(-0.6, -0.25), (-0.52, 0.6)], metal, 0.08)
        p.stroke([(0.6, -0.25), (0.52, 0.6)], metal, 0.08)
        p.fill(turned([(0.14, -0.82), (0.16, -0.62), (0.4, -0.45)]), metal)
        p.fill(
            turned(smooth([(0.22, -0.45), (0.42, 0), (0.26, 0.45)], False, 3)), p.colour("white", "cream", "sky"), True
        )
        p.fill(turned([(0.3, 0.42), (0.5, 0.55), (0.55, 0.98)]), metal)
        flame(p, 0, 0.42, 0.2, 0.55)


def flame(p: Pen, x: float, y: float, wide: float, tall: float) -> None:
    """A flame that stands on (x, y)."""
    lean = p.between(-0.6, 0.6) * wide
    right = [(x + wide * 0.5 + lean * 0.5, y - tall * 0.6), (x + wide, y - tall * 0.25), (x + wide * 0.5, y)]
    left = [(x - wide * 0.5, y), (x - wide, y - tall * 0.25), (x - wide * 0.4 + lean * 0.3, y - tall * 0.6)]
    outline = smooth([(x + lean, y - tall), *right, *left], steps=3)
    p.fill(outline, p.colour("yellow", "orange", "red"))
    if wide > 0.13:
        p.fill(
            ellipse(x, y - tall * 0.27, wide * 0.45, tall * 0.2, steps=10), p.colour("cream", "yellow", "white"), True
        )


def clock(p: Pen) -> None:
    kind, frame = p.pick("wall", "wall", "alarm", "alarm", "square", "tall", "cuckoo"), p.colour(*METAL, *WOOD, "blue")
    y, r = {"wall": (0, 0.95), "alarm": (0.1, 0.72), "square": (0, 0.8), "tall": (-0.5, 0.36), "cuckoo": (0.05, 0.4)}[
        kind
    ]
    if kind == "alarm":
        for x in (-1, 1):
            p.fill(band([(x * 0.3, 0.6), (x * 0.62, 1.02)], 0.1), shade(frame, 0.8))
            bell = moved(ellipse(0, 0, 0.34, 0.3, start=180, end=360, steps=10), x * 0.5, -0.62, x * 36)
            p.fill(bell, p.pick(frame, p.colour("gold", "silver")))
        p.fill(band([(0, -0.5), (0, -0.95)], 0.07), frame)
        p.fill(box(-0.17, -1.05, 0.17, -0.88), frame)
    elif kind == "square":
        p.fill(box(-0.95, -0.95, 0.95, 0.95, p.pick(0, 0.15, 0.35)), frame)
    elif kind == "tall":  # a grandfather: its pendulum behind a door
        p.fill(box(-0.52, 0.8, 0.52, 1.05), frame)
        p.fill(box(-0.36, -0.3, 0.36, 0.9), frame)
        p.fill(box(-0.22, 0.06, 0.22, 0.78), p.colour("cream", "white", "sky"), True)
        p.fill(band([(0, 0.06), (0, 0.5)], 0.05), p.colour("gold"))
        p.dot(0, 0.55, 0.14, p.colour("gold", "orange"), False)
        p.fill([(-0.52, -0.9), (0, -1.1), (0.52, -0.9), (0.52, 0), (-0.52, 0)], frame)
    elif kind == "cuckoo":
        for x in (-0.2, 0.2):
            low = p.between(0.75, 0.95)
            p.stroke([(x, 0.5), (x, low)], frame, 0.07)
            p.fill(ellipse(x, low, 0.1, 0.17, steps=8), shade(frame, 0.7))
        p.fill([(-0.55, -0.45), (0, -0.9), (0.55, -0.45), (0.55, 0.6), (-0.55, 0.6)], frame)
        p.fill(band([(-0.85, -0.22), (0, -0.98), (0.85, -0.22)], 0.1), shade(frame, 0.65))
    if kind != "square":
        p.fill(ellipse(0, y, r, r, steps=24), p.colour(*METAL, "red") if kind == "wall" else shade(frame, 0.85))
    r *= 0.86 if r > 0.5 else 0.9
    p.fill(ellipse(0, y, r, r, steps=24), p.colour("white", "white", "cream", "yellow", "sky"), True)
    ink = p.colour("black", "black", "navy", "dark brown", "red")
    if r > 0.5:
        ticks = p.pick(4, 12, 12) if r > 0.6 else 4
        for i in range(ticks):
            a = math.tau * i / ticks
            tick = [(r * k * math.sin(a), y - r * k * math.cos(a)) for k in (0.76, 0.92)]
            p.stroke(tick, ink, 0.1 if i * 4 % ticks == 0 else 0.07)
    hour = p.between(0, 12)
    minute = hour % 1 * 360
    thick = 0.11 if r > 0.5 else 0.08
    for angle, length in ((hour * 30, 0.45), (minute, 0.75)):
        a = math.radians(angle)
        p.stroke([(0, y), (r * length * math.sin(a), y - r * length * math.cos(a))], ink, thick)
    if r > 0.5:
        p.dot(0, y, 0.09, ink, False)


def bed(p: Pen) -> None:
    wood, cloth, linen = p.colour(*WOOD), p.colour(*CLOTH), p.colour("white", "cream", "sky", "pink")
    kind = p.pick("side", "side", "front", "aslant", "aslant", "bunk")
    if kind in ("side", "bunk"):
        levels = (0.3,) if kind == "side" else (-0.35, 0.55)
        head, foot = (p.between(-0.55, -0.25), p.between(0.1, 0.25)) if kind == "side" else (-0.85, -0.75)
        for y in levels:
            deep = p.between(0.2, 0.3)
            p.fill(box(-0.9, y + deep - 0.1, 0.9, y + deep + 0.1), wood)
            p.fill(box(-0.88, y, 0.88, y + deep), linen)
            p.fill(ellipse(-0.58, y - 0.06, 0.24, p.between(0.11, 0.16)), shade(linen, 0.92))
            p.stroke([(-0.8, y + 0.05), (-0.3, y + 0.05)], shade(linen, 0.6), 0.07, True)
            left = p.between(-0.35, -0.1)
            knees = (0.2, y - p.between(0.06, 0.22))
            spread = [(left, y - 0.02), knees, (0.86, y - 0.02), (0.88, y + deep), (left, y + deep)]
            p.fill(smooth(spread, steps=3), cloth)
            p.stroke([(left + 0.14, y - 0.02), (left + 0.14, y + deep)], shade(cloth, 1.5), 0.09, True)
        for x, top in ((-0.95, head), (0.95, foot)):
            p.fill(box(x - 0.11, top, x + 0.11, p.between(0.85, 0.95), 0.05), wood)
        if kind == "bunk":
            p.stroke([(0.45, -0.3), (0.45, 0.9)], wood, 0.08)
            p.stroke([(0.7, -0.3), (0.7, 0.9)], wood, 0.08)
            for y in (0.05, 0.3):
                p.stroke([(0.45, y), (0.7, y)], wood, 0.08)
        return
    if kind == "front":  # from its foot: headboard, pillows, blanket
        wide, top = p.between(0.75, 0.98), p.between(-0.9, -0.65)
        for x in (-1, 1):
            p.fill(box(x * wide - 0.1, top + 0.1, x * wide + 0.1, 0.95), shade(wood, 0.8))
        arch = ellipse(0, top + 0.4, wide, 0.4, start=180, end=360)
        p.fill(p.pick(box(-wide, top + 0.1, wide, 0.3), [(-wide, 0.3), *arch, (wide, 0.3)]), wood)
        for x in (-0.5, 0.5) if p.chance(0.7) else (0,):
            half = 0.34 if x else 0.5
            p.fill(box((x - half) * wide, -0.32, (x + half) * wide, 0.06, 0.12), linen, True)
        p.fill([(-wide * 0.96, 0.05), (wide * 0.96, 0.05), (wide * 1.04, 0.8), (-wide * 1.04, 0.8)], cloth)
        p.fill(box(-wide * 0.95, 0.1, wide * 0.95, 0.24), shade(linen, 0.95), True)
        return
    run, rise = p.between(0.75, 0.95), p.between(0.25, 0.4)  # head at the left and far, foot right and near
    a, b = (-0.95, 0.0), (-0.95 + 2 * 0.35, -rise - 0.15)  # near and far corner at the head
    dx, dy = run * 1.25, 0.35

    def at(along: float, across: float, up: float = 0.0) -> Point:
        return (a[0] + (b[0] - a[0]) * across + dx * along, a[1] + (b[1] - a[1]) * across + dy * along - up)

    tall, thick = p.between(0.4, 0.6), 0.28
    p.fill([at(0, 0, -0.5), at(0, 0, tall), at(0, 1, tall), at(0, 1, -0.5)], wood)
    p.fill([at(0, 0), at(1, 0), at(1, 1), at(1, 1, -thick), at(1, 0, -thick), at(0, 0, -thick)], shade(linen, 0.85))
    p.fill([at(0, 0), at(1, 0), at(1, 1), at(0, 1)], linen)
    pillow = [at(0.05, 0.1, 0.04), at(0.26, 0.1, 0.04), at(0.26, 0.9, 0.04), at(0.05, 0.9, 0.04)]
    p.fill(smooth(pillow, steps=3), shade(linen, 0.9), True)
    p.fill([at(0.36, 0, 0.02), at(1.02, 0, 0.02), at(1.02, 1, 0.02), at(0.36, 1, 0.02)], cloth)
    p.fill([at(0.36, 0), at(1.02, 0), at(1.02, 0, -thick), at(0.36, 0, -thick)], shade(cloth, 0.8))
    foot = p.between(-0.1, 0.15)
    p.fill([at(1.04, 0, -0.5), at(1.04, 0, foot), at(1.04, 1, foot), at(1.04, 1, -0.5)], wood)


def key(p: Pen) -> None:
    metal = p.colour("gold", "gold", "silver", "grey", "brown", "dark grey", "orange")
    kind = p.pick("ring", "ring", "oval", "heart", "clover", "modern", "modern")
    x, r, thick = -0.55, p.between(0.36, 0.44), p.between(0.07, 0.1)
    end = p.between(0.9, 1.0)
    if kind == "modern":
        notches = [
            (0.1 + 0.14 * i, thick + (0.06, 0.16, 0.02, 0.18, 0.08, 0.14)[(i + p.count(0, 1)) % 6]) for i in range(6)
        ]
        p.fill([(x, -thick * 1.4), (end - 0.12, -thick * 1.4), (end, 0), *notches[::-1], (x, thick)], metal)
        if p.chance(0.6):
            p.fill(box(x - r, -r, x + r, r, p.between(0.12, 0.4)), p.pick(metal, p.colour("black", "red", "blue")))
        else:
            p.fill(ellipse(x, 0, r, r * 1.1, steps=6), metal)
        p.dot(x - r * 0.4, 0, p.between(0.1, 0.15), p.colour("black", "dark grey", "white"))
        if p.chance(0.3):
            p.stroke([(x + r, -0.03), (0.75, -0.03)], shade(metal, 0.6), 0.07, True)
    else:
        p.fill(box(x + r * 0.8, -thick, end, thick), metal)
        low = p.between(0.32, 0.48)
        bit = p.pick(
            [[(0.5, 0), (0.66, 0), (0.66, low), (0.5, low)], [(0.76, 0), (0.92, 0), (0.92, low), (0.76, low)]],
            [[(0.5, 0), (0.9, 0), (0.9, low), (0.78, low), (0.78, 0.24), (0.64, 0.24), (0.64, low), (0.5, low)]],
            [[(0.4, 0), (0.54, 0), (0.54, low * 0.8), (0.4, low * 0.8)], [(0.6, 0), (0.72, 0), (0.72, low), (0.6, low)],
             [(0.78, 0), (0.9, 0), (0.9, low * 0.7), (0.78, low * 0.7)]],
            [[(0.52, 0), (0.9, 0), (0.9, low), (0.52, low)]],
        )  # fmt: skip
        for part in bit:
            p.fill(part, metal)
        if p.chance(0.6):
            p.fill(box(x + r + 0.04, -thick - 0.08, x + r + 0.17, thick + 0.08), shade(metal, 0.8))
        if kind == "heart":
            line = moved(heart(0, 0, r * 0.95), x + 0.06, 0, 90 if p.chance(0.5) else -90)
            p.fill(band(line + line[:1], 0.1), metal)
        elif kind == "clover":
            for dx, dy in ((0, -0.24), (0, 0.24), (-0.26, 0)):
                p.fill(band(ellipse(x + 0.12 + dx, dy, 0.21, 0.21, steps=12, end=359), 0.08), metal)
        else:
            squash = 1.0 if kind == "ring" else p.between(0.6, 0.75)
            p.fill(band(ellipse(x, 0, r * squash, r, end=359.9), p.between(0.08, 0.12)), metal)
    placed(p, 0, 0, 0, *p.pick((0, 1), (0, 1), (45, 1.12), (-45, 1.12), (90, 1), (-90, 1), (-30, 1.1)))


def candle(p: Pen) -> None:
    wax = p.colour("cream", "white", "red", "red", "green", "blue", "purple", "orange", "pink", "yellow")
    stand = p.colour("gold", "silver", "dark grey", "brown")
    kind = p.pick("pillar", "pillar", "stick", "saucer", "saucer", "arms")
    if kind == "arms":  # three on one stand
        p.fill(box(-0.08, 0, 0.08, 0.9), stand)
        p.fill(turned([(0.12, 0.8), (0.45, 0.94), (0.45, 1.02)]), stand)
        p.fill(band(ellipse(0, 0.1, 0.64, p.between(0.3, 0.45), start=0, end=180, steps=10), 0.07), stand)
        for x in (-0.64, 0, 0.64):
            y = -0.12 if x == 0 else 0.1
            p.fill(box(x - 0.11, y - 0.5, x + 0.11, y), wax)
            p.fill(turned([(0.19, y - 0.04), (0.12, y + 0.1)], x), stand)
            flame(p, x, y - 0.52, 0.12, 0.38)
        return
    half = p.between(*{"pillar": (0.3, 0.5), "stick": (0.13, 0.19), "saucer": (0.18, 0.26)}[kind])
    top, low = p.between(-0.45, 0.0), {"pillar": 1.0, "stick": 0.5, "saucer": 0.75}[kind]
    if kind == "saucer":
        p.fill(band(ellipse(0.7, 0.72, 0.22, 0.22, end=359), 0.07), stand)
        p.fill(turned([(0.72, 0.72), (0.66, 0.9), (0.4, 1.0)]), stand)
    elif kind == "stick":
        p.fill(turned([(0.1, 0.5), (0.08, 0.7), (0.2, 0.76), (0.1, 0.82), (0.42, 0.94), (0.42, 1.02)]), stand)
    p.stroke([(0, top - 0.18), (0, top + 0.05)], p.colour("black", "dark brown"), 0.08)
    p.fill(turned([(half, top), (half * p.between(0.95, 1.1), low)]), wax)
    if kind == "stick":
        p.fill(turned([(0.3, 0.42), (0.16, 0.58)]), stand)
    if p.chance(0.65):  # wax runs down
        drips = [(half * (-1 + 0.4 * i), top + p.between(0.12, 0.4) * (i % 2) + 0.1) for i in range(6)]
        coat = [(-half * 1.08, top - 0.04), *smooth(drips, False, 3), (half * 1.08, top - 0.04)]
        p.fill(coat, shade(wax, 1.2), half > 0.25)
    elif kind == "pillar":
        p.fill(box(-half, 0.35, half, p.between(0.5, 0.65)), p.colour("red", "gold", "white", "green"), True)
    flame(p, 0, top - 0.12, p.between(0.17, 0.24), p.between(0.5, 0.62))


def _programme(p: Pen, x0: float, y0: float, x1: float, y1: float) -> None:
    """What runs on the screen."""
    screen = p.colour("sky", "white", "light grey", "dark grey", "black", "teal")
    p.fill(box(x0, y0, x1, y1, p.pick(0.03, 0.12)), screen, True)
    kind, mid, high = p.pick("off", "hills", "bars", "play", "face"), (x0 + x1) / 2, (y0 + y1) / 2
    if kind == "off":
        for k in (0.25, 0.45):
            gleam = [(x0 + (x1 - x0) * k, y1 - 0.2), (x0 + (x1 - x0) * (k + 0.25), y0 + 0.2)]
            p.stroke(gleam, shade(screen, 1.6 if sum(screen) < 300 else 0.7), 0.09)
    elif kind == "hills":
        hills = [(x0 + 0.4, high), (mid, y1 - 0.25), (x1 - 0.4, high + 0.1)]
        p.fill([(x0 + 0.05, y1 - 0.05), *hills, (x1 - 0.05, y1 - 0.05)], p.colour("green", "brown"))
        p.dot(x1 - 0.35, y0 + 0.25, 0.13, p.colour("yellow", "red"), False)
    elif kind == "bars":
        step = (x1 - x0 - 0.08) / 6
        for i, name in enumerate(("yellow", "sky", "green", "magenta", "red", "blue")):
            p.fill(
                box(x0 + 0.04 + step * i, y0 + 0.06, x0 + 0.04 + step * (i + 1), y1 - 0.06), p.colour(name), i % 2 == 0
            )
    elif kind == "play":
        p.fill(
            [(mid - 0.2, high - 0.27), (mid + 0.28, high), (mid - 0.2, high + 0.27)], p.colour("red", "white", "orange")
        )
    else:  # somebody speaks
        p.fill(ellipse(mid, y1 - 0.04, 0.42, 0.32, start=180, end=360, steps=10), p.colour(*CLOTH))
        p.fill(ellipse(mid, high - 0.08, 0.2, 0.26), p.colour("skin", "brown"))


def television(p: Pen) -> None:
    case = p.colour("black", "dark grey", "brown", "red", "silver", "tan", "teal", "orange")
    if p.chance(0.45):  # flat
        wide, top, low = p.between(0.92, 1.05), p.between(-0.75, -0.6), p.between(0.42, 0.55)
        foot = p.pick("post", "post", "legs", "table")
        if foot == "legs":
            for x in (-0.6, 0.6):
                p.fill(
                    [(x - 0.04, low), (x + 0.04, low), (x + 0.22, low + 0.3), (x - 0.22, low + 0.3)], shade(case, 0.7)
                )
        else:
            p.fill(box(-0.12, low, 0.12, low + 0.22), shade(case, 0.7))
            p.fill(turned([(0.3, low + 0.16), (0.5, low + 0.28)]), shade(case, 0.7))
        if foot == "table":
            p.fill(box(-1.0, low + 0.26, 1.0, low + 0.5), p.colour("brown", "tan", "white"))
        p.fill(box(-wide, top, wide, low, p.pick(0.03, 0.08)), case)
        rim = p.between(0.09, 0.13)
        _programme(p, -wide + rim, top + rim, wide - rim, low - rim)
        return
    wide, top, low = p.between(0.75, 0.98), p.between(-0.5, -0.35), p.between(0.7, 0.85)
    if p.chance(0.8):  # aerial
        spread, metal = p.between(0.35, 0.6), p.colour("dark grey", "silver", "black")
        for x in (-spread, spread * p.between(0.6, 1)):
            p.stroke([(0, top), (x, top - p.between(0.4, 0.55))], metal, 0.08)
        p.fill(ellipse(0, top, 0.22, 0.13, start=180, end=360, steps=8), metal)
    splay = p.between(0, 0.15)
    for x in (-1, 1):
        p.fill(band([(x * wide * 0.65, low - 0.05), (x * (wide * 0.65 + splay), 1.02)], 0.08), shade(case, 0.6))
    p.fill(box(-wide, top, wide, low, p.between(0.05, 0.2)), case)
    if p.chance(0.7):  # knobs beside the screen
        right = wide - 0.42
        for y in (top + 0.3, top + 0.58):
            p.dot(wide - 0.22, y, 0.11, p.colour("white", "gold", "black"))
        if p.chance(0.6):
            for y in (low - 0.36, low - 0.2):
                p.stroke([(wide - 0.34, y), (wide - 0.1, y)], p.colour("white", "black"), 0.07, True)
    else:
        right = wide - 0.13
    _programme(p, -wide + 0.13, top + 0.13, right, low - 0.15)


def book(p: Pen) -> None:
    cover, paper = p.colour(*CLOTH, "brown", "dark brown", "black"), p.colour("white", "cream")
    other = p.colour("gold", "white", "red", "yellow")
    kind = p.pick("closed", "closed", "open", "open", "open", "lying", "stack")
    if kind == "closed":  # its cover, a little of the pages below
        wide, thick = p.between(0.6, 0.75), p.between(0.15, 0.25)
        p.fill(box(-wide, -0.95, wide, 0.98, 0.08), shade(cover, 0.75))
        p.fill(box(-wide + 0.12, 0.98 - thick - 0.04, wide + 0.02, 0.9), paper, True)
        p.fill(box(-wide, -0.98, wide, 0.98 - thick, 0.06), cover)
        p.stroke([(-wide + 0.2, -0.92), (-wide + 0.2, 0.92 - thick)], shade(cover, 0.5), 0.08, True)
        look = p.pick("lines", "motif", "frame")
        if look == "lines":
            for y, half in ((-0.55, 0.36), (-0.33, 0.24)):
                p.fill(box(0.1 - half, y - 0.06, 0.1 + half, y + 0.06), other, True)
        elif look == "motif":
            ornament(p, 0.1, -0.15, p.between(0.26, 0.34), other)
        else:
            p.fill(box(-wide + 0.38, -0.7, wide - 0.16, -0.1), other, True)
        if p.chance(0.4):
            ribbon = [(0.25, 0.7), (0.42, 0.7), (0.42, 1.12), (0.335, 1.02), (0.25, 1.12)]
            p.fill(ribbon, p.colour("red", "yellow", "blue"))
        placed(p, 0, 0, 0, p.pick(0, 0, -18, 18, 90))
    elif kind == "open":
        rise, top, low = p.between(0.1, 0.24), p.between(-0.6, -0.4), p.between(0.45, 0.65)
        for x in (-1, 1):
            p.fill([(0, top + 0.12), (x * 1.04, top), (x * 1.04, low + 0.1), (0, low + 0.22)], cover)
        for x in (-1, 1):
            bow = [(0, 0.06), (x * 0.25, -rise * 0.7), (x * 0.6, -rise), (x * 0.94, -0.02)]
            p.fill([(a, top + b) for a, b in bow] + [(a, low + b) for a, b in bow[::-1]], paper, True)
            if p.chance(0.2):
                p.fill(box(x * 0.5 - 0.25, top + 0.1, x * 0.5 + 0.25, top + 0.5), p.colour(*CLOTH))
                continue
            for k in range(p.count(3, 4)):
                y, end = top + 0.12 + 0.22 * k, 0.8 if k < 3 else 0.5
                line = [(x * 0.18, y - rise * 0.3), (x * 0.5, y - rise * 0.85), (x * end, y - rise * 0.4)]
                p.stroke(line, p.colour("grey", "dark grey"), 0.07)
        p.stroke([(0, top + 0.1), (0, low + 0.12)], shade(cover, 0.6), 0.08)
    else:
        y = 0.95 if kind == "stack" else 0.5
        for k in range(p.count(2, 4) if kind == "stack" else 1):
            tall, half = p.between(0.28, 0.42) * (1 if kind == "stack" else 1.4), p.between(0.75, 0.95)
            x = p.between(-0.1, 0.1)
            skin = p.colour(*CLOTH) if k else cover
            if kind == "lying":  # seen from above
                near, far, left = x + half - 0.1, x + half + 0.2, x - half
                top = [(left, y - tall), (left + 0.5, y - tall - 0.5), (far, y - tall - 0.5), (near, y - tall)]
                p.fill(top, shade(skin, 1.15))
                p.fill([(near, y), (far, y - 0.5), *top[2:]], paper)
            p.fill(box(x - half, y - tall, x + half, y, 0.1), skin)
            p.fill(box(x - half + 0.22, y - tall + 0.09, x + half + 0.05, y - 0.09), paper, True)
            if tall > 0.4:
                p.stroke(
                    [(x - half + 0.3, y - tall / 2), (x + half, y - tall / 2)], p.colour("light grey", "tan"), 0.06
                )
            y -= tall + 0.02
        if kind == "lying" and p.chance(0.5):
            p.fill(moved(star(0, 0, 0.17, 0.08, 5), 0.1, y - 0.23), other, True)


DRAWINGS = {
    "chair": chair,
    "lamp": lamp,
    "clock": clock,
    "bed": bed,
    "key": key,
    "candle": candle,
    "television": television,
    "book": book,
}

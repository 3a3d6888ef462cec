"""Tools."""

from __future__ import annotations

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth

WOOD = ("brown", "tan", "dark brown", "orange", "red", "yellow", "black")
STEEL = ("silver", "grey", "dark grey", "light grey", "dark grey")
PAINT = ("red", "blue", "green", "orange", "yellow", "teal", "purple", "pink", "black")


def _lay(p: Pen, *angles: float) -> None:
    """Turn all that is drawn so far by one of these angles, more or less."""
    angle = p.pick(*angles) + p.between(-8, 8)
    p.marks = [mark._replace(points=moved(mark.points, turn=angle)) for mark in p.marks]


def _both(half: list[Point]) -> list[Point]:
    """A shape from its right half."""
    return half + mirrored(half)[::-1]


def _handle(p: Pen, top: float, low: float, half: float, colour: Colour) -> None:
    """A wooden handle: straight, swelling, or with a grip of another colour."""
    kind = p.pick("straight", "swelling", "grip")
    if kind == "swelling":
        side = [(half * 0.8, top), (half * 0.8, (top + low) / 2 - 0.2), (half * 1.3, low - 0.1), (half, low)]
        p.fill(_both(smooth(side, False, 3)), colour)
    else:
        p.fill(box(-half, top, half, low), colour)
    if kind == "grip":
        p.fill(box(-half * 1.35, low - 0.6, half * 1.35, low, 0.05), p.colour("black", "red", "blue", "dark grey"))


def hammer(p: Pen) -> None:
    steel, low, half = p.colour(*STEEL), p.between(0.85, 1.0), p.between(0.08, 0.13)
    kind = p.pick("claw", "claw", "claw", "sledge", "mallet", "ball")
    _handle(p, -0.7, low, half, p.colour(*WOOD))
    if kind in ("sledge", "mallet"):
        wide, deep = p.between(0.45, 0.62), p.between(0.2, 0.28)
        colour = p.colour("tan", "brown", "black", "red") if kind == "mallet" else steel
        p.fill(box(-wide, -0.65 - deep, wide, -0.65 + deep, 0.05), colour)
        for x in p.pick((), (-wide * 0.68, wide * 0.68)):
            p.stroke([(x, -0.65 - deep), (x, -0.65 + deep)], shade(colour, 0.6), 0.08, True)
    else:
        high, face = p.between(0.13, 0.18), p.between(0.48, 0.62)
        p.fill(box(face - 0.2, -0.72 - high * 1.3, face, -0.72 + high * 1.3, 0.04), steel)
        p.fill(box(-0.2, -0.72 - high, face - 0.15, -0.72 + high * 0.7), steel)
        if kind == "ball":
            p.fill(ellipse(-0.38, -0.74, 0.22, 0.22, steps=12), steel)
        else:
            tip = p.between(0.7, 0.85)
            hook = smooth([(-0.45, -0.7 - high), (-tip, -0.42), (-tip + 0.06, -0.36)], False, 3)
            p.fill([(-0.15, -0.72 - high), *hook, (-0.45, -0.58), (-0.15, -0.6)], steel)
        p.fill(box(-0.17, -0.76 - high, 0.17, -0.7 + high), steel)
    _lay(p, 0, 0, 35, -35, 90)


def saw(p: Pen) -> None:
    steel, wood = p.colour(*STEEL), p.colour(*WOOD)
    if p.chance(0.25):  # a bow saw: a thin toothed blade under an arch
        arch = p.between(0.45, 0.75)
        p.stroke(ellipse(0, 0.35, 0.85, arch + 0.25, start=180, end=360, steps=12), wood, 0.16)
        count = p.count(8, 10)
        teeth = [(-0.9 + 0.9 * i / count, 0.58 if i % 2 else 0.4) for i in range(2 * count + 1)]
        p.fill([(-0.9, 0.3), *teeth, (0.9, 0.3)], steel)
        p.fill(box(0.76, 0.1, 0.96, 0.62, 0.05), shade(wood, 0.8))
        return _lay(p, 0, 0, -20)
    back, tip, edge = p.between(-0.45, -0.3), p.between(0.0, 0.2), p.between(0.22, 0.35)
    count = p.count(6, 9)
    teeth = []
    for i in range(count):
        x = 0.3 - 1.3 * i / count
        y = edge + (tip - edge) * i / count * 0.5
        teeth += [(x, y), (x - 0.65 / count, y + 0.16)]
    p.fill([(0.35, back), (-1.0, tip - 0.22), (-1.0, (tip + edge) / 2), *teeth[::-1], (0.35, edge)], steel)
    grip = [(0.25, back - 0.1), (0.6, back - 0.15), (0.98, back), (1.0, edge), (0.75, edge + 0.2), (0.3, edge + 0.05)]
    p.fill(smooth(grip, steps=3) if p.chance(0.6) else grip, wood)
    p.fill(ellipse(0.66, 0.0, 0.13, p.between(0.17, 0.22), turn=p.between(-25, 10), steps=12), shade(wood, 0.4), True)
    _lay(p, 0, 0, -25, 30)


def scissors(p: Pen) -> None:
    steel, paint = p.colour(*STEEL), p.colour(*PAINT)
    gape, w, long = p.between(14, 28), p.between(0.1, 0.16), p.between(0.85, 1.0)
    rx, ry, thick = p.between(0.18, 0.25), p.between(0.22, 0.33), p.between(0.12, 0.17)
    blunt = p.chance(0.3)
    for side in (-1, 1):
        tip = [(-w, 0.1 - long), (0.04, -long)] if blunt else [(-w, 0.3 - long), (w * 0.8, -long)]
        blade = [(-w, 0.3), *tip, (w, 0.15 - long), (w, 0.2)]
        p.fill(moved(mirrored(blade) if side > 0 else blade, 0, 0.05, side * gape), steel)
    for side in (-1, 1):
        end = moved([(0, 0.45)], 0, 0.05, -side * gape * 0.7)[0]
        x, y = side * (rx + 0.06) + end[0] * 0.4, 0.42 + ry
        p.stroke([(0, 0.1), (x * 0.75, y - ry)], paint, thick)
        p.stroke(ellipse(x, y, rx, ry, turn=-side * 20, end=361, steps=14), paint, thick)
    p.dot(0, 0.05, 0.09, shade(steel, 0.4))
    _lay(p, 0, 0, 45, 90, -30)


def wrench(p: Pen) -> None:
    steel, half = p.colour(*STEEL, "red", "blue"), p.between(0.11, 0.17)
    kind = p.pick("open", "open", "ring", "ring", "double", "adjustable")

    def jaw(y: float, size: float, turn: float) -> None:
        mouth = size * p.between(0.36, 0.46)
        rim = ellipse(0, 0, size, size, start=-55, end=235, steps=16)
        gap = [(-mouth, -size * 0.7), (-mouth, 0.02), (0, 0.14), (mouth, 0.02), (mouth, -size * 0.7)]
        p.fill(moved([*rim, *gap], 0, y, turn), steel)

    if kind == "adjustable":
        p.fill(_both([(half, -0.35), (half * 1.3, 0.95)]), steel)
        top = -p.between(0.9, 1.0)
        fixed = [(-0.4, top), (-0.12, top), (-0.12, -0.55), (0.35, -0.55), (0.35, -0.4), (0.15, -0.2), (-0.35, -0.25)]
        p.fill(fixed, steel)
        p.fill([(0.14, -0.58), (0.14, top + 0.1), (0.3, top + 0.02), (0.42, -0.5)], shade(steel, 0.8))
        p.dot(0.02, -0.36, 0.1, shade(steel, 0.5))
        return _lay(p, 0, 45, -45)
    p.fill(box(-half, -0.5, half, 0.8), steel)
    if p.chance(0.5):
        p.stroke([(0, -0.1), (0, 0.3)], shade(steel, 0.65), 0.09, True)
    jaw(-0.6, p.between(0.36, 0.44), p.between(-25, 25))
    if kind == "double":
        jaw(0.68, p.between(0.3, 0.38), 180 + p.between(-25, 25))
    elif kind == "ring":
        r = p.between(0.26, 0.32)
        p.fill(ellipse(0, 0.72, r, r, steps=14), steel)
        p.fill(ellipse(0, 0.72, r * 0.55, r * 0.55, steps=6), shade(steel, 0.4), True)
    else:
        p.fill(ellipse(0, 0.82, half, 0.14, steps=10), steel)
        p.dot(0, 0.72, 0.08, shade(steel, 0.4))
    _lay(p, 0, 45, -45, 30)


def axe(p: Pen) -> None:
    steel, wood = p.colour(*STEEL, "red"), p.colour(*WOOD)
    half, low, top = p.between(0.08, 0.13), p.between(0.85, 1.0), -p.between(0.85, 0.95)
    curve = p.between(-0.12, 0.12) if p.chance(0.6) else 0.0
    shaft = smooth([(half, top), (half + curve, 0.1), (half, low - 0.15), (half + 0.06, low)], False, 3)
    p.fill(shaft + [(x - 2 * half, y) for x, y in reversed(shaft)], wood)
    reach, flare, neck = p.between(0.52, 0.75), p.between(0.36, 0.55), p.between(0.12, 0.18)
    y = top + 0.38
    blade = [(-0.12, y - neck), (-reach * 0.6, y - neck * 1.1), (-reach, y - flare)]
    edge = smooth([(-reach, y - flare), (-reach - p.between(0.12, 0.22), y), (-reach, y + flare)], False, 4)
    blade += [*edge[1:], (-reach * 0.55, y + neck * 1.3), (-0.12, y + neck)]
    if p.chance(0.25):  # two blades
        p.fill(mirrored(blade), steel)
    else:
        p.fill(box(0, y - neck, half + p.between(0.1, 0.25), y + neck), steel)
    p.fill(blade, steel)
    p.fill(box(-half - 0.08, y - neck - 0.03, half + 0.08, y + neck + 0.03), shade(steel, 0.8))
    if p.chance(0.4):
        rim = [(0.12 - reach, y - flare * 0.65), (0.02 - reach, y), (0.12 - reach, y + flare * 0.65)]
        p.stroke(rim, shade(steel, 1.5), 0.08, True)
    _lay(p, 0, 0, 30, -40)


def ladder(p: Pen) -> None:
    wood = p.colour(*WOOD, "silver", "silver")
    thick, count = p.between(0.11, 0.17), p.count(4, 7)
    kind = p.pick("straight", "straight", "tapered", "steps", "rope")
    top, low = (-0.85, 0.95) if kind == "steps" else (-1.0, 1.0)
    wide = p.between(0.3, 0.45)
    narrow = wide * (p.between(0.6, 0.75) if kind in ("tapered", "steps") else 1.0)
    if kind == "steps":  # the hind legs, to the side
        back = shade(wood, 0.7)
        for x in (-narrow, narrow):
            p.fill([(x - 0.06, top), (x + 0.06, top), (x + 0.5, low - 0.1), (x + 0.38, low - 0.1)], back)
        p.stroke([(-narrow + 0.22, 0.15), (narrow + 0.24, 0.15)], back, 0.08)
    for i in range(count):
        t = (i + 0.6) / count
        half, y = narrow + (wide - narrow) * t + 0.05 * (kind == "rope"), top + (low - top) * t
        p.fill(box(-half, y - thick * 0.4, half, y + thick * 0.4), shade(wood, 0.85))
    for side in (-1, 1):
        if kind == "rope":
            rope = [(side * wide + 0.03 * (-1) ** i, -1 + 0.4 * i) for i in range(6)]
            p.stroke(smooth(rope, False, 3), wood, 0.1)
        else:
            x0, x1, half = side * narrow, side * wide, thick / 2
            p.fill([(x0 - half, top), (x0 + half, top), (x1 + half, low), (x1 - half, low)], wood)
    if kind == "steps":
        p.fill(box(-narrow - 0.12, top - 0.12, narrow + 0.16, top + 0.05), shade(wood, 0.85))
    _lay(p, 0, 0, 15, 25, -35)


def shovel(p: Pen) -> None:
    steel, wood, half = p.colour(*STEEL, "red", "green"), p.colour(*WOOD), p.between(0.07, 0.1)
    w, neck = p.between(0.28, 0.42), p.between(0.18, 0.34)
    p.fill(box(-half, -0.9, half, neck + 0.15), wood)
    grip = p.pick("d", "d", "t", "knob")
    if grip == "d":
        d = [(0, -0.62), (-0.22, -0.78), (-0.22, -1.0), (0.22, -1.0), (0.22, -0.78), (0, -0.62)]
        p.stroke(d, p.colour(*WOOD), 0.11)
    elif grip == "t":
        p.fill(box(-0.27, -1.0, 0.27, -0.84, 0.06), p.colour(*WOOD))
    else:
        p.fill(ellipse(0, -0.92, half * 1.5, 0.1, steps=10), wood)
    kind = p.pick("pointed", "pointed", "square", "snow")
    if kind == "pointed":
        p.fill(_both([(w * 0.95, neck), (w, 0.5), (w * 0.75, 0.8), (0, p.between(1.0, 1.1))]), steel)
    elif kind == "square":
        p.fill(_both([(w * 0.85, neck), (w, p.between(0.9, 1.0))]), steel)
    else:
        wide = p.between(0.48, 0.6)
        p.fill(_both([(wide * 0.8, neck + 0.1), (wide, neck + 0.2), (wide, 0.98)]), steel)
        for x in (-wide * 0.5, wide * 0.5):
            p.stroke([(x, neck + 0.25), (x, 0.85)], shade(steel, 0.7), 0.08, True)
    p.fill(_both([(half + 0.04, neck - 0.2), (half, neck + 0.35)]), shade(steel, 0.75))
    if kind != "snow":
        p.stroke([(0, neck + 0.1), (0, neck + 0.45)], shade(steel, 0.6), 0.08, True)
    _lay(p, 0, 0, 45, -30)


def pencil(p: Pen) -> None:
    paint, wood, half = p.colour(*PAINT, "yellow", "yellow"), p.colour("tan", "cream"), p.between(0.13, 0.25)
    lead = p.pick(shade(paint, 0.9), p.colour("black", "dark grey"), p.colour("black"))
    top, tip = (-p.between(0.9, 1.0), half * p.between(1.7, 2.4))
    if p.chance(0.25):  # a stub
        top = -0.55
    rubber = p.chance(0.7)
    end = top + (0.34 if rubber else 0.0)
    p.fill(_both([(half, end), (half, 0.95 - tip), (0, 0.98)]), wood)
    p.fill(_both([(half * 0.38, 0.98 - tip * 0.38), (0, 1.0)]), lead)
    cut = 0.95 - tip
    wave = [(-half, cut), (-half * 0.5, cut - 0.08), (0, cut + 0.03), (half * 0.5, cut - 0.08), (half, cut)]
    p.fill([(half, end), (-half, end), *wave], paint)
    p.stroke(wave, shade(paint, 0.5), 0.07, True)
    for x in p.pick((0.0,), (), ()) if half < 0.19 else p.pick((0.0,), (-half * 0.35, half * 0.35), ()):
        p.stroke([(x, end), (x, cut - 0.05)], shade(paint, 0.65), 0.06, True)
    if rubber:
        p.fill(box(-half, top, half, top + 0.22, 0.09), p.colour("pink", "red", "white"))
        p.fill(box(-half * 1.06, top + 0.16, half * 1.06, end), p.colour("silver", "gold"), True)
    _lay(p, 0, 40, 40, -45, 130)


DRAWINGS = {
    "hammer": hammer, "saw": saw, "scissors": scissors, "wrench": wrench, "axe": axe, "ladder": ladder,
    "shovel": shovel, "pencil": pencil,
}  # fmt: skip

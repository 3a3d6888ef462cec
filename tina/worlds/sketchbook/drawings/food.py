"""Food and sweets."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, moved, shade, smooth
from tina.worlds.sketchbook.shapes import band, bitten, fitted, leaf, placed

CRUMB = ("tan", "tan", "brown", "gold", "orange")
SWEET = ("pink", "pink", "brown", "dark brown", "white", "cream", "sky", "lime", "purple", "yellow", "magenta")
SPRINKLE = ("red", "blue", "yellow", "white", "green", "magenta")


def pizza(p: Pen) -> None:
    crust, sausage = p.colour("tan", "brown", "gold"), p.colour("red", "brown")
    cheese, olive = p.colour("yellow", "gold", "orange", "cream"), p.colour("black", "dark green", "green")
    kind, extra = p.pick("slice", "slice", "slice", "whole", "whole", "missing"), p.pick("none", "olives", "basil")

    def topping(x: float, y: float) -> None:
        if extra == "olives":
            p.dot(x, y, 0.09, olive)
        elif extra == "basil":
            p.fill(leaf(x - 0.1, y, 0.24, 0.15, p.between(0, 180)), p.colour("green"), True)

    if kind == "slice":  # tip down
        half, tip, bow = p.between(0.55, 0.88), p.between(0.85, 1.0), p.between(0.05, 0.2)
        if p.chance(0.5):  # cheese that runs
            x, drop = p.between(0.1, 0.3) * half, p.between(0.4, 0.6)
            p.fill(box(x, 0, x + 0.2, drop + 0.25, 0.09), shade(cheese, 0.95))
        p.fill([(-half * 0.97, -0.62), (0, tip), (half * 0.97, -0.62)], cheese)
        arch = [(half * (-1 + i / 4), -0.72 - bow * (1 - (1 - i / 4) ** 2)) for i in range(9)]
        p.fill(band(arch, [p.between(0.13, 0.18)] * 9), crust)
        if p.chance(0.6):
            p.stroke([(x * 0.9, y + 0.2) for x, y in arch], shade(crust, 0.6), 0.07, True)
        r = p.between(0.15, 0.22)
        right, left = (0.4, p.between(-0.35, -0.2)), (-0.36, p.between(-0.35, -0.15))
        for x, y in p.pick((left, right, (0, 0.25)), ((0, -0.28), (-0.2, 0.2)), (left, right, (0.15, 0.18))):
            p.fill(ellipse(x * half, y, r, r, steps=12), sausage, True)
        for x, y in ((0, -0.45), (-0.15, 0.02), (0.03, 0.55)):
            topping(x * half, y)
        placed(p, 0, 0, 0, p.pick(0, 0, 180, 30, -90))
        return
    start, end = p.pick((-70, 240), (-60, 225), (15, 320)) if kind == "missing" else (0, 360)
    for size, colour in ((p.between(0.92, 1.0), crust), (0.8, cheese)):
        outline = ellipse(0, 0, size, size, start=start, end=end, steps=26)
        p.fill([*outline, (0, 0)] if kind == "missing" else outline, colour, size == 0.8)
    if kind == "missing" and p.chance(0.6):  # the slice pulled out
        a, gap = math.radians((start + end) / 2 + 180), p.between(0.25, 0.35)
        arc = ellipse(gap * math.cos(a), gap * math.sin(a), 0.85, 0.85, start=end + 8, end=start + 352, steps=6)
        p.fill([(gap * math.cos(a), gap * math.sin(a)), *arc], cheese)
    turn, many, r = p.between(0, 60), p.count(4, 6), p.between(0.14, 0.19)
    cuts, span = p.chance(0.85), end - start
    for i in range(many):
        a = math.radians(start + span * (i + 0.5) / many + (turn if kind == "whole" else 0))
        p.fill(ellipse(0.5 * math.cos(a), 0.5 * math.sin(a), r, r, steps=12), sausage, False)
        p.fill(ellipse(0.5 * math.cos(a), 0.5 * math.sin(a), r * 0.6, r * 0.6, steps=8), shade(sausage, 0.75), True)
        a += math.radians(span / many / 2)
        if cuts and (kind == "whole" or i < many - 1):
            p.stroke([(0, 0), (0.95 * math.cos(a), 0.95 * math.sin(a))], shade(crust, 0.55), 0.07, True)
        elif i < many - 1:
            topping(0.4 * math.cos(a), 0.4 * math.sin(a))


def _scoop(p: Pen, x: float, y: float, r: float, colour: Colour) -> None:
    """A ball of ice cream with a frill at its foot."""
    frill = [(x + r * (1.08 - 0.27 * i), y + r * (0.35 + 0.3 * (i % 2))) for i in range(9)]
    p.fill([*ellipse(x, y, r, r, start=180, end=360, steps=10), *smooth(frill, False, 2)], colour)
    if p.chance(0.5):
        p.fill(ellipse(x - r * 0.45, y - r * 0.4, r * 0.13, r * 0.27, 35, steps=8), shade(colour, 1.4), True)


def ice_cream(p: Pen) -> None:
    kind, cone = p.pick("cone", "cone", "cone", "soft", "soft", "stick", "cup"), p.colour("tan", "gold", "brown")
    half, top = p.between(0.34, 0.5), p.between(-0.05, 0.2)
    if kind == "stick":
        wide, colour = p.between(0.36, 0.5), p.colour(*SWEET)
        p.fill(box(-0.12, 0.3, 0.12, 1.0, 0.1), p.colour("tan", "cream"))
        bar = [*ellipse(0, -1 + wide, wide, wide, start=180, end=360, steps=12), *box(-wide, 0, wide, 0.5, 0.1)[5:15]]
        p.fill(bitten(bar, wide, -1.0, p.between(0.4, 0.55)) if p.chance(0.4) else bar, colour)
        lines = p.pick("grooves", "dip", "plain")
        if lines == "dip":
            edge = [(-wide + wide * i / 3, -0.2 + 0.08 * (-1) ** i) for i in range(7)]
            p.fill([(-wide, 0.4), *edge, (wide, 0.4)], p.colour(*SWEET), True)
        elif lines == "grooves":
            for x in (-0.4, 0.4):
                p.stroke([(x * wide, -0.45), (x * wide, 0.25)], shade(colour, 0.65), 0.1, True)
        return
    if kind == "cup":
        for x, y in ((-0.33, -0.05), (0.33, -0.05), (0, -0.42))[: p.count(2, 3)]:
            _scoop(p, x, y, 0.4, p.colour(*SWEET))
        glass, wide = p.colour("sky", "pink", "light grey", "white"), p.between(0.25, 0.6)
        side = [(0.85, 0.08), (wide * 0.75, 0.62), (0.1, 0.68), (0.1, 0.84), (wide, 0.95)]
        p.fill(side + [(-x, y) for x, y in side[::-1]], glass)
        p.stroke([(-0.7, 0.24), (0.7, 0.24)], shade(glass, 0.7), 0.09, True)
    else:
        base = p.chance(0.3)  # a wafer cup with a flat foot
        foot = [(half * 0.5, 0.98), (-half * 0.5, 0.98)] if base else [(0.03, 1.0), (-0.03, 1.0)]
        p.fill([(-half, top), (half, top), *foot], cone)
        for x in (-0.4, 0.1):
            p.stroke([(x * half, top + 0.12), (half * (0.42 + x * 0.3), top + 0.55)], shade(cone, 0.6), 0.07, True)
            p.stroke([(-x * half, top + 0.12), (-half * (0.42 + x * 0.3), top + 0.55)], shade(cone, 0.6), 0.07, True)
        if base:
            p.fill(box(-half * 1.1, top - 0.05, half * 1.1, top + 0.2, 0.05), shade(cone, 0.9))
    if kind == "soft":
        colour, tiers = p.colour(*SWEET), p.count(3, 4)
        step, tip = (top + 0.72) / tiers, p.between(-0.18, 0.18)
        p.fill(smooth([(-0.24, -0.6), (tip, -1.05), (0.24, -0.6)], steps=4), colour)
        for i in reversed(range(tiers)):
            wide, y = (half + 0.08) * (1 - 0.72 * i / tiers), top - i * step - 0.05
            p.fill(ellipse(0, y, wide, step * 0.72, -8, steps=14), shade(colour, 1 - 0.06 * i))
            p.stroke([(-wide * 0.85, y + step * 0.2), (wide * 0.8, y - step * 0.25)], shade(colour, 0.65), 0.07, True)
    elif kind == "cone":
        if p.chance(0.55):  # a tower, or one
            r, y = half * 1.05, top - half * 0.25
            while y - r * 0.6 > -1.05 and r > 0.2:
                _scoop(p, 0, y, r, p.colour(*SWEET))
                y, r = y - r * 1.15, r * 0.9
            top_y = y + r * 0.35
        else:
            r = p.between(0.52, 0.62)
            _scoop(p, 0, top - r * 0.3, r, p.colour(*SWEET))
            top_y = top - r * 1.3
        if p.chance(0.35):
            p.fill(ellipse(0, top_y - 0.08, 0.15, 0.15, steps=10), p.colour("red"))
    if kind != "soft" and p.chance(0.3):
        p.fill(moved(box(-0.07, -0.5, 0.07, 0.3), 0.33, -0.5, 30), p.colour("brown", "tan"))
    fitted(p)


def hamburger(p: Pen) -> None:
    bun, meat = p.colour("tan", "orange", "brown", "gold"), p.colour("dark brown", "dark brown", "brown")
    crown, wide = p.between(0.45, 0.75), p.between(0.82, 1.0)
    layers = ["meat"] + [name for name in ("cheese", "lettuce", "tomato", "onion") if p.chance(0.6)]
    if p.chance(0.3):
        layers += ["meat"]
    p.random.shuffle(layers)
    height = 0.62 / (len(layers) + 0.8)
    y = 0.52  # upwards from the lower bun
    p.fill([(-wide, 0.5), (wide, 0.5), *ellipse(0, 0.58, wide * 0.96, p.between(0.27, 0.36), end=180, steps=12)], bun)
    for name in layers:
        deep = min(0.3, height * (1.3 if name == "meat" else 0.7))
        y -= deep
        if name == "meat":
            p.fill(box(-wide, y, wide, y + deep, deep * 0.45), meat)
        elif name == "lettuce":
            edge = [(-wide * 1.08 + wide * 0.27 * i, y + deep * (1.5 if i % 2 else 0.5)) for i in range(9)]
            p.fill([(-wide, y), *smooth(edge, False, 3), (wide, y)], p.colour("lime", "green"))
        elif name == "cheese":
            drip = [(wide * 0.6, y + deep), (wide * 0.25, y + deep + 0.2), (-0.1, y + deep)]
            p.fill([(-wide, y), (wide, y), *drip, (-wide, y + deep * 0.8)], p.colour("yellow", "orange"))
        else:
            colour = p.colour("red") if name == "tomato" else p.colour("white", "purple")
            p.fill(box(-wide * 0.9, y, wide * 0.9, y + deep, deep * 0.4), colour)
        p.stroke([(-wide * 0.95, y - 0.01), (wide * 0.95, y - 0.01)], shade(bun, 0.5), 0.07, True)
    p.fill(ellipse(0, y - 0.02, wide * 0.98, crown, start=180, end=360, steps=14), bun)
    if p.chance(0.75):
        for i in range(p.count(3, 6)):
            x, up = ((-0.45, 0.45), (0, 0.72), (0.45, 0.45), (-0.2, 0.3), (0.2, 0.35), (0.65, 0.25))[i]
            p.fill(ellipse(x * wide, y - up * crown, 0.1, 0.06, x * 50, steps=8), p.colour("cream", "white"), True)
    placed(p, 0, 0, 0.1 + (crown - 0.6) / 2, 0, 0.95)


def cupcake(p: Pen) -> None:
    paper, cream = p.colour("pink", "sky", "white", "red", "yellow", "brown", "teal", "purple"), p.colour(*SWEET)
    wide, foot, top = p.between(0.55, 0.78), p.between(0.62, 0.82), p.between(0.05, 0.28)
    shape = p.pick("swirl", "swirl", "dome", "bubbles", "muffin")
    if p.chance(0.45) and shape != "muffin":
        p.fill(box(-0.08, -1.15, 0.08, -0.6), p.colour("red", "sky", "yellow", "white"))
        p.fill(leaf(0, -1.1, 0.26, 0.2, -90), p.colour("orange", "yellow"))
    elif p.chance(0.7):
        p.fill(ellipse(0, -0.82, 0.2, 0.19, steps=12), p.colour("red", "red", "blue"))
        if p.chance(0.6):
            p.stroke([(0, -0.95), (0.1, -1.1), (0.25, -1.18)], p.colour("green", "brown"), 0.08)
    p.fill([(-wide, top), (wide, top), (wide * foot, 0.98), (-wide * foot, 0.98)], paper)
    pattern = p.pick("pleats", "pleats", "pleats", "zigzag", "band")
    if pattern == "pleats":
        many = p.count(3, 5)
        for i in range(many):
            x = wide * (2 * (i + 1) / (many + 1) - 1)
            p.stroke([(x, top + 0.25), (x * foot, 0.93)], shade(paper, 0.6), 0.08, True)
    elif pattern == "zigzag":
        teeth = [(wide * 0.88 * (-1 + i / 3), 0.55 + 0.12 * (-1) ** i) for i in range(7)]
        p.stroke(teeth, shade(paper, 0.55), 0.1, True)
    else:
        p.stroke([(-wide * 0.88, 0.6), (wide * 0.88, 0.6)], shade(paper, 0.55), 0.16, True)
    if shape == "swirl":
        tiers = p.count(2, 4)
        step = (top + 0.75) / tiers
        for i in range(tiers):
            w, y = (wide + 0.16) * (1 - 0.68 * i / tiers), top - i * step - 0.02
            p.fill(ellipse(0, y, w, step * 0.66, -7, steps=16), shade(cream, 1 - 0.05 * i))
            if i:
                p.stroke([(-w * 0.95, y + step * 0.4), (w, y + step * 0.22)], shade(cream, 0.65), 0.07, True)
        p.fill(smooth([(-0.2, -0.55), (0, -0.92), (0.2, -0.55)], steps=3), cream)
    elif shape == "bubbles":
        for x, y in ((-0.55, 0.05), (0.55, 0.05), (0, 0.05), (-0.3, -0.35), (0.3, -0.35), (0, -0.62)):
            r = p.between(0.3, 0.36)
            p.fill(ellipse(x * wide * 1.3, y, r, r, steps=12), shade(cream, p.between(0.9, 1.1)))
    else:
        if shape == "muffin":
            cream = p.colour("tan", "brown", "dark brown", "gold")
        reach = wide + 0.18
        frill = [(reach * (1 - i / 4), top + 0.1 * (-1) ** i + 0.04) for i in range(9)]
        p.fill([*ellipse(0, top, reach, top + 0.82, start=180, end=360, steps=14), *smooth(frill, False, 2)], cream)
    if shape != "swirl" or p.chance(0.4):
        for i in range(p.count(3, 6)):
            x, y = ((-0.3, -0.2), (0.32, -0.1), (0.02, -0.42), (0, 0.0), (-0.55, 0.02), (0.3, -0.48))[i]
            grain = moved(box(-0.11, -0.05, 0.11, 0.05), x * wide * 1.5, y, p.between(0, 180))
            p.fill(grain, p.colour(*SPRINKLE), True)
    fitted(p)


def doughnut(p: Pen) -> None:
    dough, icing = p.colour(*CRUMB), p.colour(*SWEET)
    flat, hole = p.pick(1.0, 1.0, p.between(0.6, 0.85)), p.between(0.24, 0.36)
    bite, seam = p.chance(0.22), p.between(0, 360)
    thick = p.between(0.16, 0.3) if flat < 1 else 0.0

    def ring(outer: float, inner: float, dy: float, wave: float = 0.0) -> list[Point]:
        rim, count = [], p.count(7, 10)
        for i in range(36):
            a = math.radians(seam + 10 * i)
            r = outer * (1 + wave * math.sin(count * a))
            rim.append((r * math.cos(a), r * flat * math.sin(a) + dy))
        rim = bitten(rim, 0.95, -0.2 * flat, 0.42) if bite else rim
        hollow = ellipse(0, dy, inner, inner * flat, start=seam + 360, end=seam, steps=16)
        return [*rim, rim[0], *hollow, hollow[0]]  # a seam leads inwards and back

    if thick:
        p.fill(ring(0.98, hole * 0.8, thick), shade(dough, 0.8))
    p.fill(ring(0.98, hole, 0.0), dough)
    if p.chance(0.8):
        p.fill(ring(p.between(0.8, 0.88), hole * 1.2, -thick * 0.2, p.between(0.02, 0.07)), icing, p.chance(0.4))
        pattern = p.pick("sprinkles", "sprinkles", "stripes", "plain")
    else:
        pattern, icing = p.pick("sugar", "plain"), dough
    if pattern in ("sprinkles", "sugar"):
        many, colours = p.count(6, 10), SPRINKLE if pattern == "sprinkles" else ("white", "cream")
        for i in range(many):
            a, r = math.tau * i / many + p.between(-0.2, 0.2), hole + (0.86 - hole) * p.between(0.35, 0.75)
            grain = moved(box(-0.1, -0.045, 0.1, 0.045), r * math.cos(a), r * flat * math.sin(a), p.between(0, 180))
            p.fill(grain, p.colour(*colours), True)
    elif pattern == "stripes":
        colour = p.colour("white", "brown", "cream")
        for i in range(8):
            a = math.radians(45 * i + seam)
            ends = ((hole * 1.3, a), (0.55, a + 0.12), (0.78, a))
            run = [(r * math.cos(b), r * flat * math.sin(b)) for r, b in ends]
            p.stroke(run, colour, 0.08, True)


def fried_egg(p: Pen) -> None:
    white, yolk = p.colour("white", "white", "cream"), p.colour("yellow", "orange", "gold")
    flat, lobes, turn = p.pick(1.0, 1.0, p.between(0.55, 0.8)), p.count(3, 5), p.between(0, math.tau)
    wave = p.between(0.05, 0.1 if lobes == 5 else 0.17)
    outline = []
    for i in range(lobes * 4):
        a = math.tau * i / (lobes * 4)
        r = 0.84 + wave * math.cos(lobes * a) + p.between(-0.07, 0.07)
        outline.append((r * math.cos(a + turn), r * flat * math.sin(a + turn)))
    outline = smooth(outline, steps=2)
    if p.chance(0.35):
        p.fill(moved(outline, 0, 0.05, 0, 1.08), p.colour("tan", "brown"))
    p.fill(outline, white)
    r = p.between(0.27, 0.42)
    spots = [(p.between(-0.18, 0.18), p.between(-0.12, 0.12) * flat)]
    if p.chance(0.2):
        r, spots = p.between(0.25, 0.3), [(-0.33, 0.05), (0.33, -0.05)]
    for x, y in spots:
        if flat < 1:  # seen from the side the yolk is a dome
            foot = ellipse(x, y, r, r * 0.45, end=180, steps=8)
            p.fill([*ellipse(x, y, r, r * 0.95, start=180, end=360, steps=12), *foot], yolk, True)
        else:
            p.fill(ellipse(x, y, r, r, steps=16), yolk, True)
        if p.chance(0.8):
            p.fill(ellipse(x - r * 0.4, y - r * 0.4, r * 0.2, r * 0.32, 40, steps=8), p.colour("white", "cream"))
    if p.chance(0.3):
        for i in range(5):
            a = math.tau * i / 5 + turn
            p.dot(0.6 * math.cos(a), 0.6 * flat * math.sin(a), 0.06, p.colour("black", "dark green"))


def _one_carrot(p: Pen, wide: float, tip: float, bend: float, skin: Colour, green: Colour) -> None:
    fronds = p.pick("plumes", "plumes", "leaves", "stalks")
    for turn in p.pick((-35, 35, 0), (-50, 50, -18, 18), (-25, 25), (-30, 20, 0)):
        long = p.between(0.5, 0.75)
        if fronds == "leaves":
            p.fill(leaf(turn / 400, -0.42, long, 0.28, turn - 90), green)
        elif fronds == "stalks":
            x, y = long * math.sin(math.radians(turn)), -0.42 - long * math.cos(math.radians(turn))
            p.stroke([(0, -0.42), (x, y)], green, 0.1)
            p.fill(ellipse(x, y, 0.15, 0.14, steps=8), green)
        else:
            plume = [(long * (0.15 + 0.17 * i), (0.12 if i % 2 else 0.05) * (1 - i / 12)) for i in range(6)]
            p.fill(moved([(0, 0), *plume, *[(x, -y) for x, y in plume[::-1]]], 0, -0.42, turn - 90), green)
    line = [(bend * t * t, -0.45 + (tip + 0.45) * t) for t in (0, 0.04, 0.12, 0.25, 0.45, 0.65, 0.85, 0.96, 1)]
    halves = [wide * h for h in (0.5, 0.82, 1, 1, 0.84, 0.6, 0.33, 0.17, 0.04)]
    p.fill(band(line, halves), skin)
    for i, side in zip((3, 4, 5, 6), (-1, 1, -1, 1) if p.chance(0.5) else (1, -1, 1, -1), strict=True):
        if p.chance(0.8):
            x, y = line[i]
            inner = x + side * halves[i] * p.between(0.0, 0.35)
            p.stroke([(x + side * halves[i], y), (inner, y + 0.03)], shade(skin, 0.6), 0.07, True)


def carrot(p: Pen) -> None:
    skin, green = p.colour(*["orange"] * 4, "purple", "yellow"), p.colour("green", "lime", "dark green")
    if p.chance(0.2):  # a bunch
        for i, turn in enumerate(p.pick((-26, 26, 0), (24, -22, 0))):
            first = len(p.marks)
            bend, colour = p.between(-0.1, 0.1), shade(skin, 1 - 0.08 * i)
            _one_carrot(p, p.between(0.19, 0.24), p.between(0.85, 1.0), bend, colour, green)
            placed(p, first, 0, 0.42)
            placed(p, first, 0, -0.4, turn)
        p.stroke([(-0.2, -0.42), (0.2, -0.42)], p.colour("red", "white", "brown"), 0.12, True)
    else:
        _one_carrot(p, p.between(0.25, 0.48), p.between(0.75, 1.0), p.between(-0.35, 0.35), skin, green)
    placed(p, 0, 0, 0, p.pick(0, 0, 40, -40, 90, 25))
    fitted(p)


def hot_dog(p: Pen) -> None:
    bun, meat = p.colour("tan", "gold", "brown", "orange"), p.colour("red", "brown", "orange")
    sauce, long, fat = p.colour("yellow", "red", "white"), p.between(0.68, 0.84), p.between(0.17, 0.24)
    bow = p.pick(0, 0, p.between(0.1, 0.28), -p.between(0.1, 0.2))

    def bent(points: list[Point]) -> list[Point]:
        return [(x, y + bow * (0.5 - x * x)) for x, y in points]

    half, seen = p.between(0.24, 0.36), p.pick("above", "above", "side")
    if seen == "above":
        rounded = [half * 0.75 * r for r in (0.45, 0.85, *[1] * 9, 0.85, 0.45)]
        for y in (-1, 1):
            middle = [(long * (-1 + i / 6), y * (fat * 0.6 + half * 0.5)) for i in range(13)]
            p.fill(bent(band(middle, rounded)), bun)
    else:
        bow *= 0.4
        p.fill(bent(box(-long, -0.35, long, 0.2, 0.2)), shade(bun, 0.8))
    if p.chance(0.35):
        frill = [(long * (-0.98 + 0.163 * i), (fat + 0.16) * (0.7 + 0.3 * (i % 2))) for i in range(13)]
        top = [(x, -y) for x, y in frill[::-1]]
        p.fill(bent(frill + (top if seen == "above" else [(x, y - 0.45) for x, y in top])), p.colour("lime", "green"))
    lift = 0.0 if seen == "above" else -0.12
    round_ends = (0.35, 0.8, 0.97, *[1] * 7, 0.97, 0.8, 0.35)
    sausage = band([(-1.0 + i / 6, 0.0) for i in range(13)], [fat * h for h in round_ends])
    p.fill(bent(moved(sausage, 0, lift * 1.04, 0, 1.06)), shade(meat, 0.45), True)
    p.fill(bent(moved(sausage, 0, lift)), meat)
    if seen == "side":
        under = ellipse(0, 0.1, long * 1.02, half * 0.6 + 0.14, end=180, steps=12)
        p.fill(bent([(-long, 0.0), (long, 0.0), *under]), bun)
    steps, high = p.count(6, 11), fat * p.between(0.45, 0.65)
    middle = lift - fat * 0.55 if seen == "side" else 0
    wiggle = [(long * (-0.92 + 1.84 * i / steps), middle + high * (-1) ** i) for i in range(steps + 1)]
    p.stroke(smooth(bent(wiggle), False, 3) if p.chance(0.6) else bent(wiggle), sauce, p.between(0.09, 0.13), True)
    placed(p, 0, 0, 0, p.pick(0, 0, -35, 35, -20))


DRAWINGS = {
    "pizza": pizza,
    "ice cream": ice_cream,
    "hamburger": hamburger,
    "cupcake": cupcake,
    "doughnut": doughnut,
    "fried egg": fried_egg,
    "carrot": carrot,
    "hot dog": hot_dog,
}

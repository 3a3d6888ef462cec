"""Things from the kitchen."""

from __future__ import annotations

from tina.worlds.sketchbook.pen import Colour, Pen, Point, box, ellipse, mirrored, moved, shade, smooth, star
from tina.worlds.sketchbook.shapes import band, ornament, placed, turned

GAY = ("red", "blue", "yellow", "green", "white", "orange", "teal", "pink", "purple", "cream", "navy")
METAL = ("silver", "silver", "light grey", "grey", "gold", "white")
WOOD = ("brown", "tan", "dark brown", "orange")
HANDLE = ("black", "dark brown", "brown", "red", "blue", "tan", "navy", "green")


def steam(p: Pen, x: float, y: float, tall: float) -> None:
    pale, many = p.colour("light grey", "white", "grey"), p.count(1, 3)
    for k in range(many):
        x0 = x + (k - (many - 1) / 2) * 0.28
        wave = [(x0 + 0.08 * (-1) ** i, y - tall * i / 4) for i in range(5)]
        p.stroke(smooth(wave, False, 3), pale, p.between(0.08, 0.12))


def mug(p: Pen) -> None:
    glaze, other = p.colour(*GAY), p.colour("white", "red", "black", "yellow", "blue")
    wide, tall = p.between(0.5, 0.72), p.between(0.6, 0.92)
    halves = p.pick((1, 1, 1, 1), (1, 1, 1, 1), (1, 0.93, 0.86, 0.78), (0.9, 1, 1, 0.65), (1, 0.85, 0.84, 0.92))
    x, rim = -0.22, p.between(0.1, 0.22)
    side = [(wide * h, -tall + 2 * tall * i / 3) for i, h in enumerate(halves)]
    reach, drop = p.between(0.38, 0.52), tall * p.between(0.42, 0.62)
    ear = ellipse(x + wide * 0.9, -tall * 0.05, reach, drop, start=-100, end=100, steps=12)
    if p.chance(0.3):  # an angular handle
        out, back = x + wide + reach, x + wide * 0.8
        ear = [(back, -drop), (out, -drop), (out - reach * p.between(0, 0.4), drop), (back, drop)]
    p.fill(band(ear, p.between(0.08, 0.13)), shade(glaze, 0.85))
    bottom = [(x + c * side[-1][0], tall + rim * 0.7 * s) for c, s in ((0.7, 0.7), (0, 1), (-0.7, 0.7))]
    outline = turned(smooth(side, False, 3), x)
    middle = len(outline) // 2
    p.fill(outline[:middle] + bottom + outline[middle:], glaze)
    if p.chance(0.8):  # one looks into it
        p.fill(ellipse(x, -tall, side[0][0], rim), shade(glaze, 1.15))
        drink = p.colour("dark brown", "brown", "black", "tan", "white")
        p.fill(ellipse(x, -tall + 0.02, side[0][0] * 0.82, rim * 0.7), drink, True)
    elif p.chance(0.5):
        p.fill(box(x - wide, -tall, x + wide, -tall + 0.16), other, True)
    deco = p.pick("none", "stripe", "stripes", "motif", "motif")
    if deco == "motif":
        ornament(p, x, tall * 0.2, wide * p.between(0.4, 0.55), other)
    elif deco != "none":
        for y in (0.25,) if deco == "stripe" else (-0.05, 0.45):
            p.fill(turned([(wide * 0.84, tall * y), (wide * 0.8, tall * y + p.between(0.12, 0.25))], x), other, True)
    if p.chance(0.35):
        placed(p, 0, 0, 0.3, 0, 0.8)
        steam(p, x * 0.8, -tall * 0.8 + 0.08, p.between(0.4, 0.55))


def teapot(p: Pen) -> None:
    glaze, other = p.colour(*GAY, "brown", "silver"), p.colour("white", "red", "gold", "blue", "black")
    kind = p.pick("round", "round", "squat", "tall", "bow")
    wide, high = {"round": (0.58, 0.56), "squat": (0.66, 0.42), "tall": (0.46, 0.68), "bow": (0.62, 0.48)}[kind]
    wide, high = wide * p.between(0.92, 1.08), high * p.between(0.92, 1.08)
    y, dark = 0.3, shade(glaze, 0.85)
    lift = p.between(0.0, 0.3)
    if p.chance(0.7):
        bend = [(-wide - 0.15, y + high * 0.1), (-wide - 0.22, y - 0.25), (-wide - 0.42, y - 0.35 - lift)]
        spout = smooth([(-wide * 0.7, y + high * 0.35), *bend], False, 3)
        spout = smooth(spout, False, 3)
    else:
        spout = [(-wide * 0.6, y + high * 0.2), (-wide - 0.42, y - 0.3 - lift)]
    p.fill(band(spout, [0.24, 0.14, 0.09]), dark)
    thick = p.between(0.07, 0.11)
    if kind == "bow":  # a hoop over the lid
        hoop = ellipse(0, y - high * 0.6, wide * 0.85, p.between(0.65, 0.85), start=180, end=360, steps=14)
        p.fill(band(hoop, thick), p.colour(*WOOD, "black"))
    else:
        ear = ellipse(wide * 0.85, y - 0.04, 0.42, high * p.between(0.55, 0.72), start=-110, end=110, steps=12)
        p.fill(band(ear, thick), dark)
    p.fill(turned([(wide * 0.5, y + high * 0.8), (wide * p.between(0.5, 0.65), y + high + 0.1)]), dark)
    if kind == "tall":
        side = [(wide * 0.55, y - high), (wide * 0.9, y), (wide * 1.1, y + high * 0.8), (wide * 0.8, y + high)]
        p.fill(turned(smooth(side, False, 3)), glaze)
    else:
        p.fill(ellipse(0, y, wide, high), glaze)
    brim = y - high * (0.95 if kind == "tall" else 0.82)
    dome = p.between(0.14, 0.3)
    lid = turned([(0.1, brim - dome), (wide * 0.4, brim - dome * 0.6), (wide * 0.58, brim)])
    p.fill(lid, p.pick(glaze, shade(glaze, 1.15), other))
    p.stroke([(-wide * 0.62, brim + 0.04), (wide * 0.62, brim + 0.04)], shade(glaze, 0.55), 0.08, True)
    p.dot(0, brim - dome - 0.06, p.between(0.09, 0.14), p.pick(glaze, other), False)
    if p.chance(0.65):
        if p.chance(0.3):
            p.fill(turned([(wide * 0.92, y + 0.02), (wide * 0.9, y + p.between(0.14, 0.22))]), other, True)
        else:
            ornament(p, 0, y + 0.1, high * p.between(0.38, 0.5), other)


def _lie(p: Pen) -> None:
    """How cutlery lies: upright, aslant, on its side."""
    turn = p.pick(0, 0, 0, 35, 45, -45, 90, 180)
    placed(p, 0, 0, 0, turn, 1.12 if turn in (35, 45, -45) else 1.0)


def _handle(p: Pen, top: float, slim: float, metal: Colour) -> None:
    """The handle of fork or spoon, from `top` down to 1."""
    end, kind = p.between(0.1, 0.2), p.pick("metal", "metal", "metal", "grip", "drop")
    p.fill(turned([(slim, top), (slim, 0.35), (end * 0.85, 0.75), (end, 0.92), (end * 0.5, 1.0)]), metal)
    if kind == "grip":
        low, colour = p.between(0.25, 0.42), p.colour(*HANDLE)
        p.fill(box(-end - 0.04, low, end + 0.04, 1.05, min(0.12, end)), colour)
        for y in (low + 0.18, 0.86) if p.chance(0.6) else ():
            p.dot(0, y, 0.07, p.colour("silver", "gold"))
    elif kind == "drop" and end > 0.13:
        p.fill(ellipse(0, 0.82, 0.07, 0.14, steps=8), shade(metal, 0.5), True)


def fork(p: Pen) -> None:
    metal = p.colour(*METAL, *(("red", "blue", "white", "green") if p.chance(0.25) else ()))
    tines = p.pick(2, 3, 3, 3, 4, 4)
    wide, crotch, slim = p.between(0.3, 0.38) + 0.06 * (tines - 3), p.between(-0.4, -0.15), p.between(0.07, 0.1)
    base, tip = crotch + p.between(0.22, 0.38), p.between(0.02, 0.05)
    pitch = 2 * wide / (tines - 0.54)
    thick = pitch * 0.46
    edge: list[Point] = []
    for i in range(tines):
        x = -wide + i * pitch
        edge += [(x, crotch), (x + tip, -1), (x + thick - tip, -1), (x + thick, crotch)]
    right = [(wide * 0.97, base - 0.2), (wide * p.between(0.6, 0.85), base - 0.05), (slim, base + 0.12)]
    _handle(p, base, slim, metal)
    p.fill(edge + right + mirrored(right)[::-1], metal)
    _lie(p)


def spoon(p: Pen) -> None:
    wooden = p.chance(0.3)
    metal = p.colour(*WOOD) if wooden else p.colour(*METAL, *(("red", "blue", "green") if p.chance(0.25) else ()))
    wide, tall, slim = p.between(0.25, 0.36), p.between(0.42, 0.54), p.between(0.07, 0.09)
    if wooden:
        p.fill(turned([(slim, -0.3), (slim, 0.8), (slim * p.between(1, 1.6), 0.98)]), metal)
    else:
        _handle(p, -0.3, slim, metal)
    y, egg = -1 + tall, p.between(0.85, 1.15)
    side = [(0.01, y - tall), (wide * 0.75, y - tall * 0.7), (wide, y), (wide * 0.7 * egg, y + tall * 0.68)]
    bowl = turned(smooth([*side, (slim, y + tall)], False, 4))
    p.fill(bowl, metal)
    hollow = p.pick("whole", "whole", "shine", "shine", "holes" if wooden else "none")
    if hollow == "whole":
        p.fill(moved(bowl, 0, y * 0.36 - tall * 0.1, 0, 0.64), shade(metal, p.pick(0.6, 0.75, 1.3)), True)
    elif hollow == "shine":
        shine = ellipse(0, y, wide * 0.55, tall * 0.6, start=140, end=250, steps=8)
        p.stroke(shine, shade(metal, p.pick(0.5, 1.4)), 0.1, True)
    elif hollow == "holes":
        p.fill(ellipse(0, y, 0.09, tall * 0.45, steps=10), shade(metal, 0.3), True)
    _lie(p)


def frying_pan(p: Pen) -> None:
    iron, grip = p.colour("black", "dark grey", "grey", "red", "navy", "silver", "orange"), p.colour(*HANDLE)
    inside = p.pick(shade(iron, 1.5), shade(iron, 0.6), p.colour("dark grey", "grey"))
    if p.chance(0.6):  # from above, the handle to the right; turned afterwards
        r, x, thick = p.between(0.52, 0.66), -0.36, p.between(0.08, 0.13)
        if p.chance(0.25):  # lips to pour from
            lips = [(x - 0.22, r * 0.9), (x, r + 0.13), (x + 0.22, r * 0.9)]
            p.fill(lips + [(px, -py) for px, py in lips[::-1]], iron)
        p.fill(band([(x + r * 0.8, 0), (0.6, 0), (1.08, 0)], [thick, thick * 0.8, thick * 1.2]), grip)
        p.dot(0.98, 0, 0.07, p.colour("white", "light grey"))
        p.fill(band([(x + r * 0.8, 0), (x + r + 0.16, 0)], [thick * 1.6, thick * 1.1]), iron)
        p.fill(ellipse(x, 0, r, r), iron)
        p.fill(ellipse(x, 0, r * 0.84, r * 0.84), inside, True)
        if p.chance(0.75):  # the flat bottom
            p.fill(ellipse(x, 0, r * 0.7, r * 0.7), shade(inside, 0.85))
        if p.chance(0.2):
            butter = moved(box(-0.16, -0.13, 0.16, 0.13), x + 0.05, 0.05, p.between(0, 90))
            p.fill(butter, p.colour("yellow", "cream"), True)
        turn = p.pick(0, -45, -45, 90, -90, 135, -20)
        placed(p, 0, 0, 0, turn, 1.08 if turn % 90 else 1.0)
        return
    x, wide, flat, deep = -0.34, p.between(0.62, 0.72), p.between(0.14, 0.26), p.between(0.28, 0.42)
    rise = p.between(0.0, 0.4)
    p.fill(band([(x + wide * 0.85, 0.03), (0.55, -rise * 0.6), (1.1, -rise)], [0.09, 0.09, 0.12]), grip)
    bottom = ellipse(x, deep, wide * p.between(0.62, 0.8), flat * 0.7, start=0, end=180, steps=8)
    p.fill([(x + wide, 0), *bottom, (x - wide, 0)], iron)
    p.fill(ellipse(x, 0, wide, flat), shade(iron, 1.2))
    p.fill(ellipse(x, 0.01, wide * 0.86, flat * 0.75), inside, True)
    if p.chance(0.4):
        steam(p, x, -0.15, p.between(0.5, 0.65))


def wine_glass(p: Pen) -> None:
    glass = p.colour("white", "sky", "light grey", "cream", "white")
    wine = p.colour("red", "magenta", "purple", "yellow", "gold", "pink")
    side, joint = p.pick(
        ([(0.42, -1), (0.58, -0.55), (0.48, -0.15), (0.08, 0.1)], 0.08),
        ([(0.4, -1), (0.48, -0.6), (0.4, -0.2), (0.07, 0.05)], 0.03),
        ([(0.5, -1), (0.56, -0.65), (0.44, -0.25), (0.07, 0)], -0.02),
        ([(0.27, -1.05), (0.32, -0.55), (0.26, 0), (0.06, 0.22)], 0.2),
        ([(0.72, -0.85), (0.66, -0.55), (0.4, -0.32), (0.06, -0.24)], -0.26),
        ([(0.72, -0.9), (0.5, -0.6), (0.28, -0.3), (0.06, -0.02)], -0.05),
    )  # fmt: skip
    stretch = p.between(0.88, 1.12)
    side = smooth([(half * stretch, y) for half, y in side], False, 4)
    foot, stem = p.between(0.34, 0.52), p.between(0.06, 0.09)
    p.fill(
        turned([(stem, joint - 0.05), (stem, 0.82), (foot * 0.4, 0.88), (foot, 0.96), (foot, 1.03)]), shade(glass, 0.9)
    )
    p.fill(turned(side), glass)
    level = side[0][1] + (joint - side[0][1]) * p.pick(0.15, 0.3, 0.45, 0.6, 0.95)
    thin = 0.84
    empty = [(half * thin, y) for half, y in side if y <= level] or side[:1]
    if len(empty) > 1:
        p.fill(turned(empty), shade(glass, 1.1), True)
    if level < joint - 0.15:
        p.fill(turned([(half * thin, y) for half, y in side[len(empty) - 1 :] if y < joint - 0.04]), wine)
    if p.chance(0.4):
        p.fill(ellipse(0, side[0][1], side[0][0], 0.1), shade(glass, 1.05))
        p.fill(ellipse(0, side[0][1], side[0][0] * 0.8, 0.06), shade(glass, 0.75), True)


def bottle(p: Pen) -> None:
    glass = p.colour("green", "dark green", "brown", "dark brown", "sky", "white", "blue", "red")
    kind = p.pick("wine", "wine", "beer", "milk", "soda", "flask", "sauce")
    side = {
        "wine": [(0.1, -0.9), (0.11, -0.4), (0.3, -0.12), (0.32, 0.2), (0.32, 0.98)],
        "beer": [(0.1, -0.85), (0.13, -0.45), (0.28, -0.05), (0.36, 0.2), (0.36, 0.98)],
        "milk": [(0.22, -0.88), (0.19, -0.5), (0.3, -0.2), (0.4, 0.1), (0.4, 0.98)],
        "soda": [(0.12, -0.8), (0.32, -0.42), (0.36, -0.15), (0.25, 0.15), (0.35, 0.45), (0.35, 0.98)],
        "flask": [(0.14, -0.85), (0.14, -0.3), (0.45, 0), (0.62, 0.4), (0.5, 0.85), (0.3, 0.98)],
        "sauce": [(0.1, -0.7), (0.15, -0.45), (0.34, -0.3), (0.34, 0.2), (0.34, 0.98)],
    }[kind]  # fmt: skip
    stretch, top = p.between(0.92, 1.25), side[0][1]
    side = smooth([(half * stretch, y) for half, y in side], False, 3)
    neck, wide = side[0][0], max(half for half, _ in side)
    corked = kind in ("wine", "flask") and p.chance(0.6)
    stop = p.colour(*(("tan", "brown") if corked else ("red", "blue", "white", "gold", "black")))
    p.fill(box(-neck - 0.03, top - p.between(0.12, 0.22), neck + 0.03, top + 0.06), stop)
    p.fill(turned(side), glass)
    body = [(half * 0.78, y) for half, y in side if y > 0.0]
    look = p.pick("label", "label", "label", "liquid", "shine")
    if (kind == "milk" and p.chance(0.5)) or look == "liquid":
        level = p.between(-0.1, 0.3)
        p.fill(turned([(half * 0.7, y) for half, y in side if top + 0.1 < y <= level]), shade(glass, 1.3), True)
        drink = p.colour("white", "red", "orange", "lime", "purple")
        p.fill(turned([(half * 0.78, y) for half, y in side if level < y < 0.92]), drink)
    elif look == "label":
        paper, low = p.colour("white", "cream", "yellow", "red", "sky"), p.between(0.6, 0.8)
        high = p.between(0.05, 0.25)
        p.fill(box(-wide * 0.86, high, wide * 0.86, low), paper, True)
        if p.chance(0.6):
            mark = p.colour("red", "black", "blue", "gold", "green")
            at = (0, (low + high) / 2)
            shape = p.pick(ellipse(*at, wide * 0.45, 0.12), star(*at, wide * 0.5, 0.08, 5))
            p.fill(shape, mark)
        if p.chance(0.4):
            p.fill(box(-neck * 1.05, top + 0.12, neck * 1.05, top + 0.24), paper, True)
    else:
        p.fill(band([(-wide * 0.5, body[0][1]), (-wide * 0.5, 0.75)], 0.07), shade(glass, 1.6), True)
        p.fill(ellipse(-neck * 0.2, top + 0.25, 0.06, 0.14, steps=8), shade(glass, 1.6), True)
    if p.chance(0.12):
        placed(p, 0, turn=p.pick(90, 60, -60))


def knife(p: Pen) -> None:
    steel, grip = p.colour("silver", "silver", "light grey", "white", "grey", "gold"), p.colour(*HANDLE)
    kind = p.pick("chef", "chef", "table", "table", "bread", "cleaver", "paring")
    start, tall = p.between(0.08, 0.25), p.between(0.85, 1.2)
    if kind == "table":  # of one piece, round at the end
        start -= 0.1
        end = [(-0.85, -0.14), (-1.04, 0), (-0.92, 0.14), (-0.5, 0.18)]
        blade = smooth([(start, -0.12), (-0.4, -0.15), *end, (start - 0.15, 0.15), (start, 0.08)], steps=3)
    elif kind == "bread":
        teeth = [(-0.92 + 0.16 * i + 0.08 * (k - 1), 0.2 - 0.09 * (k == 1)) for i in range(6) for k in (0, 1)]
        blade = [(start, -0.2), (-0.8, -0.2), (-1.02, -0.06), *teeth, (start, 0.14)]
    elif kind == "cleaver":
        blade = [(start, -0.3), (-1.0, -0.34), (-1.0, 0.36), (start - 0.04, 0.32)]
    elif kind == "paring":
        start -= 0.12
        blade = [(start, -0.16), (-0.5, -0.16), (-0.95, 0.08), (-0.5, 0.18), (start, 0.16)]
    else:
        tip = [(-0.4, -0.22), (-0.75, -0.1), (-1.05, 0.18), (-0.7, 0.29), (-0.3, 0.32)]
        blade = [(start, -0.22), *tip, (start - 0.05, 0.3), (start - 0.03, 0.1)]
    p.fill([(x, y * tall) for x, y in blade], steel)
    if kind == "cleaver":
        p.dot(-0.82, -0.16, 0.09, shade(steel, 0.3))
    thick = p.between(0.1, 0.15)
    if kind == "table" and p.chance(0.65):
        p.fill(band([(start - 0.08, 0), (0.55, 0), (1.02, 0)], [0.06, 0.1, thick]), shade(steel, 0.9))
    else:
        lower = 0.0 if kind == "cleaver" else -0.05
        end = [(0.95, lower - thick), (1.04, lower), (1.0, lower + thick * 1.3), (0.7, lower + thick)]
        butt = [(start - 0.02, lower - thick), *end, (start - 0.02, lower + thick)]
        p.fill(butt, grip)
        if p.chance(0.7):
            for x in (0.35, 0.6, 0.85):
                p.dot(x, lower, 0.065, p.colour("silver", "gold"))
        if p.chance(0.5):
            p.fill(box(start - 0.06, lower - thick - 0.03, start + 0.08, lower + thick + 0.05), shade(steel, 0.7))
    placed(p, 0, 0, 0, *p.pick((0, 1), (0, 1), (45, 1.12), (-45, 1.12), (90, 1), (-90, 1), (30, 1.08)))


DRAWINGS = {
    "mug": mug,
    "teapot": teapot,
    "fork": fork,
    "spoon": spoon,
    "frying pan": frying_pan,
    "wine glass": wine_glass,
    "bottle": bottle,
    "knife": knife,
}

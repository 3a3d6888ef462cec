"""Animals that live on land."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, ellipse, mirrored, moved, shade, smooth
from tina.worlds.sketchbook.shapes import band, placed

FUR = ("orange", "grey", "black", "white", "tan", "brown", "dark grey", "cream")


def limb(points: list[Point], thick: float, thin: float | None = None, steps: int = 4) -> list[Point]:
    """The outline of a leg, neck or tail along the points, from half-width `thick` to `thin`, its end rounded."""
    line = smooth(points, False, steps)
    thin = thick if thin is None else thin
    halves = [thick + (thin - thick) * i / (len(line) - 1) for i in range(len(line))]
    outline, count = band(line, halves), len(line)
    (x0, y0), (x1, y1) = line[-2], line[-1]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    outline.insert(count, (x1 + (x1 - x0) / length * thin * 0.7, y1 + (y1 - y0) / length * thin * 0.7))
    return outline


def against(p: Pen, colour: Colour) -> Colour:
    """A colour that shows up on `colour`."""
    return p.colour("black", "dark brown") if sum(colour) > 290 else p.colour("cream", "yellow", "white")


def eye(p: Pen, x: float, y: float, r: float, body: Colour, kind: str = "dot") -> None:
    if kind == "asleep":
        p.stroke(ellipse(x, y - r / 2, r * 1.2, r, end=180, steps=6), against(p, body), 0.08, True)
    elif kind == "wide":
        p.fill(ellipse(x, y, r * 1.35, r * 1.5, steps=12), p.colour("white", "cream"), True)
        p.dot(x, y + r * 0.2, r * 0.75, p.colour("black", "navy"), False)
    else:
        p.dot(x, y, r, against(p, body))


def _cat_head(p: Pen, fur: Colour, small: bool) -> None:
    """A face with pointed ears that fills the square."""
    wide, tip, kind = p.between(0.82, 1.0), p.between(0.6, 0.8), p.pick("dot", "dot", "wide", "asleep")
    dark, inner, r = against(p, fur), p.colour("pink", "cream", "brown"), 0.2 if small else p.between(0.11, 0.17)
    ears = [(wide * 0.98, 0.1), (tip + 0.1, p.between(-1.05, -0.85)), (0.34, -0.5)]
    p.fill([*ears, *mirrored(ears)[::-1], *mirrored(ellipse(0, 0.1, wide, 0.8, end=180, steps=12))], fur)
    for s in (-1, 1):
        p.fill([(s * (wide - 0.12), -0.32), (s * (tip + 0.06), -0.75), (s * 0.45, -0.45)], inner, True)
        eye(p, s * 0.4, 0.08, r, fur, kind)
    p.fill([(-0.14, 0.36), (0.14, 0.36), (0, 0.52)], p.colour("pink", "magenta") if dark[0] < 128 else dark, True)
    if small:
        return
    p.stroke([(-0.26, 0.62), (-0.1, 0.68), (0, 0.52), (0.1, 0.68), (0.26, 0.62)], dark, 0.07, True)
    lines, droop = p.count(2, 3), p.between(-0.1, 0.15)
    for s in (-1, 1):
        for i in range(lines):
            p.stroke([(s * 0.5, 0.42 + 0.1 * i), (s * 1.15, 0.25 + 0.2 * i + droop)], dark, 0.06)
    if p.chance(0.4):
        for x in (-0.17, 0, 0.17):
            p.stroke([(x, -0.48), (x * 0.8, -0.2)], shade(fur, 0.6), 0.1, True)


def cat(p: Pen) -> None:
    fur, kind = p.colour(*FUR), p.pick("face", "face", "sitting", "sitting", "walking", "arched")
    if kind == "face":
        _cat_head(p, fur, False)
        return
    striped, tail = p.chance(0.4), p.between(0.08, 0.13)
    if kind == "sitting":
        wide, side = p.between(0.4, 0.58), p.between(0.2, 0.55)
        curl = [(wide * 0.6, 0.85), (wide + 0.25, 0.8), (wide + 0.38, 0.45), (wide + side * 0.5, 0.1),
            (wide + side, -0.1)]  # fmt: skip
        p.fill(limb(curl, tail, tail * 0.8), shade(fur, 0.85))
        right = [(0.3, -0.2), (wide * 0.85, 0.4), (wide, 0.8), (wide * 0.8, 1.0)]
        p.fill(smooth([*right, *mirrored(right)[::-1]], steps=3), fur)
        for s in (-1, 1):
            p.stroke([(s * 0.12, 0.5), (s * 0.12, 0.95)], shade(fur, 0.55), 0.07, True)
        first, head = len(p.marks), p.between(0.46, 0.56)
        spot = (p.between(-0.1, 0.1), -0.98 + head)
    else:
        lift = p.between(0.45, 0.6) if kind == "arched" else p.between(-0.05, 0.12)
        low, back = p.between(0.6, 0.78), [(-0.5, -0.02), (0, 0.02 - lift), (0.5, 0.02)]
        up = [(0.5, 0), (0.72, -0.15), (0.72, -0.55), (p.between(0.5, 0.95), -0.95)]
        p.fill(limb(up if p.chance(0.75) else [(0.5, 0), (0.8, 0.1), (0.95, 0.5), (1.05, 0.45)], tail,
            tail * 0.8), shade(fur, 0.85))  # fmt: skip
        for x, step in ((-0.28, 0.14), (0.35, -0.12), (-0.5, -0.1), (0.52, 0.1)):
            p.fill(limb([(x, 0.05), (x + step * 0.5, 0.4), (x + step, low)], 0.14, 0.1), shade(fur, 0.85
                if step > 0 else 1))  # fmt: skip
        p.fill(limb(back, p.between(0.24, 0.3), 0.24), fur)
        first, head, spot = len(p.marks), p.between(0.36, 0.44), (-0.62, p.between(-0.4, -0.15))
        if striped:
            for x in (-0.15, 0.1, 0.35):
                p.stroke([(x, -0.22 - lift * (1 - 2.5 * x * x)), (x, 0.05 - lift * 0.8)], shade(fur, 0.5), 0.09, True)
    _cat_head(p, fur, True)
    placed(p, first, *spot, p.between(-10, 10), head)


def rabbit(p: Pen) -> None:
    fur, inner = (p.colour("white", "grey", "tan", "brown", "cream", "light grey", "dark grey"),
        p.colour("pink", "cream"))  # fmt: skip
    kind, long, fat = p.pick("face", "face", "side", "side", "upright"), p.between(0.85, 1.1), p.between(0.12, 0.18)
    if kind == "side":  # it sits and looks to the left
        lean, wide = p.between(-0.1, 0.5), p.between(0.5, 0.62)
        p.fill(ellipse(0.2 + wide, 0.45, 0.19, 0.18, steps=12), p.colour("white", "cream"))
        for k, tone in ((0.22, 0.8), (0, 1)):
            ear = [(-0.42 + k * 0.4, -0.2), (-0.4 + k + lean * 0.4, -0.6), (-0.38 + k * 1.3 + lean, -0.98 * long**0.3)]
            p.fill(limb(ear, fat * 0.75, fat * 0.7), shade(fur, tone))
        p.fill(limb([(-0.35, 0.4), (-0.4, 0.85)], 0.11), shade(fur, 0.85))
        p.fill(smooth([(-0.5, 0.25), (-0.1, -0.1), (0.2 + wide * 0.7, 0.0), (0.22 + wide, 0.5), (0.15 +
            wide * 0.6, 0.9), (-0.3, 0.85)]), fur)  # fmt: skip
        p.fill(ellipse(-0.5, -0.05, p.between(0.3, 0.38), 0.29, turn=-20), fur)
        p.stroke(ellipse(0.35, 0.6, 0.3, 0.32, start=150, end=300, steps=8), shade(fur, 0.55), 0.07, True)
        p.fill(ellipse(0.15, 0.9, 0.34, 0.1, steps=12), fur)
        p.fill(ellipse(-0.8, 0.02, 0.07, 0.06, steps=8), p.colour("pink", "black"), True)
        eye(p, -0.56, -0.12, 0.08, fur)
        return
    full = kind == "upright"
    size, y = (0.36, -0.1) if full else (0.6, 0.36)
    bent = p.pick(-1, 0, 0, 1)
    if full:
        p.fill(ellipse(0, 0.55, p.between(0.36, 0.5), 0.45), fur)
        p.fill(ellipse(0, 0.6, 0.24, 0.28, steps=14), p.colour("white", "cream"), True)
        for s in (-1, 1):
            p.fill(ellipse(s * 0.28, 0.92, 0.24, 0.12, steps=12), shade(fur, 0.9))
    for s in (-1, 1):
        base, spread = y - size * 0.5, p.between(0.1, 0.3)
        tip = (s * (0.25 + spread), -0.95 if long > 0.95 else -0.85)
        line = [(s * size * 0.42, base), (s * (0.2 + spread * 0.7), (base + tip[1]) / 2 - 0.05), tip]
        if s == bent:
            line[2] = (s * (0.6 + spread), line[1][1] + 0.15)
        p.fill(limb(line, fat, fat * 0.8), fur)
        if s != bent:
            p.fill(moved(limb(line, fat * 0.42, fat * 0.3), 0, 0.06), inner, True)
    kind = p.pick("dot", "dot", "wide", "asleep")
    p.fill(ellipse(0, y, size * p.between(0.95, 1.12), size), fur)
    for s in (-1, 1):
        eye(p, s * size * 0.45, y - size * 0.12, max(0.08, size * 0.16), fur, kind)
        if not full and p.chance(0.7):
            p.stroke([(s * 0.35, y + 0.2), (s * 0.85, y + p.between(0.1, 0.35))], against(p, fur), 0.06)
    p.fill([(-size * 0.2, y + size * 0.2), (size * 0.2, y + size * 0.2), (0, y + size * 0.4)],
        p.colour("pink", "black"), True)  # fmt: skip
    p.fill([(-size * 0.2, y + size * 0.52), (size * 0.2, y + size * 0.52), (size * 0.17, y + size * 0.88),
        (-size * 0.17, y + size * 0.88)], p.colour("white"), True)  # fmt: skip


def elephant(p: Pen) -> None:
    skin = p.colour("grey", "grey", "dark grey", "light grey", "sky", "tan", "pink")
    dark, ivory = shade(skin, 0.6), p.colour("white", "cream")
    if p.chance(0.3):  # from the front
        wide, sway = p.between(0.85, 1.02), p.between(-0.35, 0.35)
        for s in (-1, 1):
            p.fill(smooth([(s * 0.3, -0.55), (s * 0.75, -0.85), (s * wide, -0.35), (s * 0.8, 0.2), (s *
                0.35, 0.15)], steps=3), skin)  # fmt: skip
            p.fill(smooth([(s * 0.45, -0.4), (s * 0.72, -0.6), (s * 0.82, -0.3), (s * 0.66, 0)], steps=3),
                p.colour("pink", "tan"), True)  # fmt: skip
        for s in (-1, 1):
            if wide > 0.9:
                p.fill(limb([(s * 0.22, 0.25), (s * 0.42, 0.5), (s * 0.5, 0.72)], 0.09, 0.04), ivory)
        p.fill(ellipse(0, -0.25, 0.46, 0.55), skin)
        p.fill(limb([(0, -0.1), (0, 0.4), (sway * 0.4, 0.75), (sway, 0.95)], 0.22, 0.13), skin)
        for s in (-1, 1):
            eye(p, s * 0.25, -0.3, 0.09, skin)
        for y in (0.25, 0.48, 0.7):
            p.stroke([(-0.12, y), (0.12, y)], dark, 0.07, True)
        return
    fat, low, big = p.between(0.38, 0.5), p.between(0.82, 0.98), p.between(0.8, 1.15)
    p.stroke(smooth([(0.85, -0.15), (0.98, 0.1), (0.95, p.between(0.3, 0.45))], False, 3), dark, 0.09)
    stride = p.between(0, 0.12)
    for x, tone, shift in ((-0.22, 0.8, stride), (0.42, 0.8, -stride), (-0.08, 1, -stride), (0.66, 1, stride)):
        foot = x + shift
        p.fill([(x - 0.14, 0.1), (x + 0.14, 0.1), (foot + 0.14, low), (foot - 0.14, low)], shade(skin, tone))
    p.fill(smooth([(-0.35, -0.2), (0, -fat - 0.05), (0.5, -fat - 0.1), (0.85, -0.15), (0.8, 0.3), (0.2,
        0.42), (-0.3, 0.3)], steps=3), skin)  # fmt: skip
    trunk = p.pick([(-0.7, -0.2), (-0.88, 0.25), (-0.86, 0.6), (-0.98, 0.8)], [(-0.7, -0.2), (-0.88, 0.2),
        (-0.8, 0.55), (-0.6, 0.6), (-0.55, 0.45)], [(-0.7, -0.15), (-0.95, 0.1), (-1.02, -0.3), (-0.85,
        -0.75)])  # fmt: skip
    p.fill(limb(trunk, 0.17, 0.09), skin)
    p.fill(ellipse(-0.52, -0.3, 0.36, 0.37), skin)
    if p.chance(0.7):
        p.fill(limb([(-0.62, 0.02), (-0.75, 0.25), (-0.95, 0.22)], 0.075, 0.03), ivory, True)
    ear = [(-0.5, -0.5), (-0.2, -0.72), (0.02, -0.5), (-0.02, -0.1), (-0.22, 0.12), (-0.38, -0.1)]
    ear = smooth([(-0.3 + (x + 0.3) * big, -0.25 + (y + 0.25) * big) for x, y in ear], steps=3)
    p.fill(ear, shade(skin, 0.9))
    p.stroke([*ear, ear[0]], dark, 0.07, True)
    eye(p, -0.63, -0.35, 0.07, skin)


def giraffe(p: Pen) -> None:
    skin, patch = p.colour("yellow", "gold", "orange", "tan", "cream"), p.colour("brown", "dark brown", "brown")
    if p.chance(0.3):  # head and neck
        lean, wide = p.between(-0.25, 0.25), p.between(0.2, 0.28)
        p.fill([(lean - wide * 0.8, -0.2), (lean + wide * 0.8, -0.2), (wide * 1.5, 1.05), (-wide * 1.5, 1.05)], skin)
        for x, y, r in ((-0.12, 0.6, 0.13), (0.14, 0.42, 0.11), (0.15, 0.85, 0.14), (-0.2, 0.95, 0.1)):
            p.fill(ellipse(x + lean * (1 - y) * 0.6, y, r, r * 1.2, steps=6), patch, True)
        for s in (-1, 1):
            p.stroke([(lean + s * 0.14, -0.6), (lean + s * 0.2, -0.92)], skin, 0.1)
            p.dot(lean + s * 0.2, -0.95, 0.1, patch, False)
            p.fill(moved(ellipse(0.24, 0, 0.26, 0.12, steps=10), lean + s * 0.22, -0.55, -20 if s > 0 else 200), skin)
        p.fill(smooth([(lean - 0.3, -0.6), (lean + 0.3, -0.6), (lean + 0.22, 0), (lean + 0.24, 0.25),
            (lean - 0.24, 0.25), (lean - 0.22, 0)]), skin)  # fmt: skip
        p.fill(ellipse(lean, 0.14, 0.27, 0.22, steps=14), p.colour("cream", "white"))
        for s in (-1, 1):
            eye(p, lean + s * 0.18, -0.38, 0.09, skin)
            p.dot(lean + s * 0.11, 0.12, 0.06, patch)
        return
    lean, top, low = p.between(-0.75, -0.45), p.between(-0.85, -0.68), p.between(0.0, 0.15)
    head = (lean, top)
    p.stroke(smooth([(0.62, low), (0.8, low + 0.25), (0.78, low + 0.45)], False, 3), patch, 0.09)
    stride = p.between(-0.1, 0.12)
    for x, tone, shift in ((-0.02, 0.8, stride), (0.44, 0.8, -stride), (-0.12, 1, -stride), (0.56, 1, stride)):
        p.fill(limb([(x, low + 0.1), (x + shift, 0.98)], 0.09, 0.065), shade(skin, tone))
    p.fill(limb([(0.05, low + 0.1), (lean * 0.45, (low + top) / 2), (head[0] + 0.08, top)], 0.2, 0.09), skin)
    p.fill(smooth([(-0.2, low - 0.1), (0.25, low - 0.2), (0.62, low), (0.62, low + 0.3), (0.2, low + 0.3),
        (-0.18, low + 0.25)], steps=3), skin)  # fmt: skip
    for x in (0.04, 0.15):
        p.stroke([(head[0] + x, top), (head[0] + x + 0.03, top - 0.22)], patch, 0.08)
    p.fill(limb([(head[0] + 0.22, top - 0.08), (head[0] + 0.3, top - 0.13)], 0.07), skin)
    p.fill(limb([(head[0] + 0.14, top - 0.02), (head[0] - 0.08, top + 0.06), (head[0] - 0.22, top +
        0.16)], 0.13, 0.09), skin)  # fmt: skip
    eye(p, head[0] + 0.02, top - 0.02, 0.06, skin)
    for t in (0.2, 0.45, 0.7):
        x, y = lean * 0.9 * t + 0.02, low + (top - low) * t
        p.fill(ellipse(x, y, 0.09 - 0.03 * t, 0.1, turn=p.between(0, 60), steps=5), patch, True)
    for x, y in ((0.02, 0.02), (0.25, -0.03), (0.48, 0.05), (0.15, 0.19), (0.38, 0.2)):
        p.fill(ellipse(x, low + y, 0.1, 0.08, turn=p.between(0, 90), steps=5), patch, True)


def pig(p: Pen) -> None:
    skin = p.colour("pink", "pink", "pink", "tan", "cream", "brown", "dark grey")
    snout, dark, looks = shade(skin, 0.85), shade(skin, 0.45), p.pick("dot", "dot", "wide", "asleep")
    if p.chance(0.5):  # the face
        wide, high, flop = p.between(0.78, 0.95), p.between(0.7, 0.82), p.chance(0.5)
        for s in (-1, 1):
            tip = (s * 0.98, -0.25) if flop else (s * 0.85, -0.98)
            p.fill([(s * 0.25, -0.62), tip, (s * 0.82, -0.05)] if not flop else [(s * 0.3, -0.7), (s *
                0.95, -0.75), tip], skin)  # fmt: skip
        p.fill(ellipse(0, 0.12, wide, high, steps=22), skin)
        if flop:
            for s in (-1, 1):
                p.fill([(s * 0.3, -0.62), (s * 0.95, -0.75), (s * 0.8, -0.15)], snout, True)
        y, r = p.between(0.25, 0.38), p.between(0.34, 0.44)
        for s in (-1, 1):
            eye(p, s * p.between(0.4, 0.48), y - r - 0.06, 0.1, skin, looks)
        p.fill(ellipse(0, y, r, r * p.between(0.65, 0.8)), snout)
        p.stroke(ellipse(0, y, r, r * 0.72), dark, 0.07, True)
        for s in (-1, 1):
            p.fill(ellipse(s * r * 0.4, y, 0.08, 0.12, steps=8), dark, True)
        if p.chance(0.6):
            p.stroke(ellipse(0, 0.62, 0.22, 0.1, start=10, end=170, steps=6), dark, 0.07, True)
        return
    fat, low = p.between(0.42, 0.56), p.between(0.75, 0.9)
    p.stroke(smooth([(0.72, -0.1), (0.9, -0.05), (0.98, -0.22), (0.86, -0.3), (0.82, -0.15), (1.0,
        -0.05)], False, 4), skin, 0.08)  # fmt: skip
    for x, tone in ((-0.25, 0.8), (0.3, 0.8), (-0.4, 1), (0.48, 1)):
        p.fill([(x - 0.13, 0.2), (x + 0.13, 0.2), (x + 0.1, low), (x - 0.1, low)], shade(skin, tone))
    p.fill(ellipse(0.1, 0.02, 0.7, fat, steps=22), skin)
    for x, y in ((0.2, -0.2), (0.5, 0.1)) if p.chance(0.3) else ():
        p.fill(ellipse(x, y, 0.18, 0.14, steps=8), dark, True)
    p.fill(smooth([(-0.35, -0.45), (-0.7, -0.35), (-0.85, -0.12), (-0.8, 0.2), (-0.4, 0.3), (-0.15, 0)], steps=3), skin)
    p.fill([(-0.76, -0.2), (-0.97, -0.22), (-1.0, 0.2), (-0.78, 0.22)], snout)
    p.stroke([(-0.76, -0.2), (-0.78, 0.22)], dark, 0.07, True)
    p.dot(-0.9, 0, 0.06, dark)
    p.fill([(-0.55, -0.35), (-0.62, -0.75), (-0.25, -0.45)] if p.chance(0.6) else [(-0.5, -0.42), (-0.2,
        -0.45), (-0.45, -0.02)], snout)  # fmt: skip
    eye(p, -0.62, -0.12, 0.08, skin, looks)
    if p.chance(0.5):
        p.stroke([(-0.78, 0.24), (-0.6, 0.26), (-0.52, 0.2)], dark, 0.07, True)


def turtle(p: Pen) -> None:
    skin, shell = (p.colour("green", "lime", "tan", "teal"), p.colour("dark green", "brown", "green",
        "gold", "dark brown"))  # fmt: skip
    lines = shade(shell, 0.5) if sum(shell) > 250 else shade(shell, 1.9)
    if p.chance(0.4):  # seen from above
        wide, sea = p.between(0.5, 0.64), p.chance(0.5)
        for s in (-1, 1):
            fore = ([(s * 0.35, -0.35), (s * 0.75, -0.5), (s * 0.95, -0.1)] if sea else [(s * 0.35,
                -0.35), (s * 0.72, -0.72)])  # fmt: skip
            p.fill(limb(fore, 0.16, 0.07 if sea else 0.14), skin)
            p.fill(limb([(s * 0.3, 0.5), (s * p.between(0.5, 0.7), 0.92)], 0.13, 0.09), skin)
        p.fill([(-0.1, 0.7), (0.1, 0.7), (0, 1.05)], skin)
        p.fill(ellipse(p.between(-0.1, 0.1), -0.78, 0.2, 0.25, steps=14), skin)
        p.fill(smooth([(0, -0.62), (wide * 0.8, -0.4), (wide, 0.1), (wide * 0.6, 0.68), (0, 0.85), (-wide
            * 0.6, 0.68), (-wide, 0.1), (-wide * 0.8, -0.4)], steps=3), shell)  # fmt: skip
        r = wide * p.between(0.4, 0.5)
        ring = [(r * math.cos(math.radians(60 * i + 30)), 0.1 + 1.25 * r * math.sin(math.radians(60 * i +
            30))) for i in range(6)]  # fmt: skip
        p.stroke([*ring, ring[0]], lines, 0.07, True)
        for x, y in ring:
            p.stroke([(x, y), (x * 1.75, 0.1 + (y - 0.1) * 1.65)], lines, 0.07, True)
        return
    tall, low, reach = p.between(0.6, 0.95), p.between(0.3, 0.42), p.between(-0.35, 0.1)
    p.fill([(0.6, low - 0.05), (0.98, low + p.between(-0.05, 0.15)), (0.6, low + 0.15)], skin)
    p.fill(limb([(-0.45, low), (-0.72, low - 0.1 + reach * 0.3), (-0.8, reach)], 0.14, 0.14), skin)
    p.fill(ellipse(-0.84, reach, 0.21, 0.17, steps=14), skin)
    eye(p, -0.9, reach - 0.03, 0.06, skin)
    for x in (-0.4, 0.42):
        p.fill(limb([(x, low), (x + p.between(-0.12, 0.06), low + 0.42)], 0.17, 0.13), skin)
    dome = ellipse(0, low, 0.74, tall, start=180, end=360, steps=14)
    p.fill([*dome, (0.66, low + 0.14), (-0.66, low + 0.14)], shell)
    p.stroke([(-0.7, low), (0.7, low)], lines, 0.08, True)
    if p.chance(0.6):  # plates
        top = low - tall * 0.68
        plate = [(-0.2, top), (0.2, top), (0.32, low - tall * 0.3), (-0.32, low - tall * 0.3)]
        p.stroke([*plate, plate[0]], lines, 0.07, True)
        for s in (-1, 1):
            p.stroke([(s * 0.32, low - tall * 0.3), (s * 0.4, low)], lines, 0.07, True)
            p.stroke([(s * 0.2, top), (s * 0.3, low - tall * 0.88)], lines, 0.07, True)
    else:
        for x, y in ((-0.4, 0.3), (0, 0.32), (0.4, 0.3), (-0.2, 0.65), (0.2, 0.65)):
            p.fill(ellipse(x, low - y * tall, 0.13, 0.11, steps=6), lines, True)


def snail(p: Pen) -> None:
    skin, shell = (p.colour("tan", "grey", "brown", "lime", "cream", "gold"), p.colour("brown", "orange",
        "red", "purple", "gold", "pink", "dark brown"))  # fmt: skip
    lines, r, rise = (shade(shell, 0.5) if sum(shell) > 280 else shade(shell, 2.2), p.between(0.5, 0.64),
        p.between(0.0, 0.35))  # fmt: skip
    for dx in (-0.2, 0.06):  # the horns
        tip = (-0.8 + dx + p.between(-0.1, 0), rise - 0.55 + p.between(-0.08, 0.05))
        p.stroke([(-0.72, rise), tip], skin, 0.09)
        p.dot(*tip, 0.1, shade(skin, 0.7), False)
    foot = [(-0.9, rise - 0.1), (-0.7, rise - 0.2), (-0.5, rise), (-0.42, 0.5), (0.4, 0.55), (0.98,
        p.between(0.78, 0.88)), (0.9, 0.9), (-0.65, 0.9), (-0.86, 0.6), (-0.92, rise + 0.15)]  # fmt: skip
    p.fill(smooth(foot, steps=3), skin)
    x, y = p.between(0.12, 0.25), 0.68 - r
    if p.chance(0.25):  # a pointed shell
        p.fill(smooth([(x - r, y), (x - r * 0.3, y - r), (x + r * 0.7, y - r * 0.8), (x + r * 1.15, y - r
            * 0.9), (x + r, y + 0.1), (x + r * 0.5, y + r), (x - r * 0.6, y + r * 0.9)], steps=3), shell)  # fmt: skip
    else:
        p.fill(ellipse(x, y, r, r * p.between(0.9, 1.05), steps=24), shell)
    turns, start = p.between(1.6, 2.3), p.between(0, 1) if p.chance(0.3) else 0.25
    spiral = []
    for i in range(29):
        a, d = math.tau * (start + turns * i / 28), r * 0.92 * (1 - i / 28) ** 0.85
        spiral.append((x + d * math.cos(a), y + d * math.sin(a)))
    p.stroke(spiral, lines, p.between(0.09, 0.13), True)
    if p.chance(0.5):
        p.stroke([(-0.84, rise + 0.2), (-0.72, rise + 0.26), (-0.62, rise + 0.2)], shade(skin, 0.5), 0.07, True)


def hedgehog(p: Pen) -> None:
    spine, face = (p.colour("brown", "dark brown", "dark grey", "grey", "tan"), p.colour("tan", "cream",
        "skin", "light grey"))  # fmt: skip
    spikes, long, dark = p.count(8, 11), p.between(0.25, 0.36), p.colour("black", "dark brown")
    light = shade(spine, 0.5) if sum(spine) > 330 else shade(spine, 2.0)

    def coat(x: float, y: float, rx: float, ry: float, start: float, end: float, lean: float) -> list[Point]:
        points = []
        for i in range(2 * spikes + 1):
            out = 1.0 + long * (i % 2)
            a = math.radians(start + (end - start) * i / (2 * spikes) + lean * (i % 2))
            points.append((x + rx * out * math.cos(a), y + ry * out * math.sin(a)))
        return points

    if p.chance(0.2):  # from the front, or rolled into a ball
        ball = p.chance(0.5)
        p.fill(coat(0, 0.05, 0.76, 0.74, 90, 450, 0), spine)
        if not ball:
            for s in (-1, 1):
                p.fill(ellipse(s * 0.34, 0.88, 0.18, 0.12, steps=10), shade(face, 0.8))
                p.fill(ellipse(s * 0.42, -0.3, 0.16, 0.16, steps=10), face)
        r = 0.38 if ball else 0.5
        p.fill(smooth([(-r, 0), (-r * 0.5, -r * 0.55), (0, -r * 0.25), (r * 0.5, -r * 0.55), (r, 0), (r *
            0.75, r * 1.1), (0, r * 1.4), (-r * 0.75, r * 1.1)], steps=3), face, True)  # fmt: skip
        for s in (-1, 1):
            p.dot(s * r * 0.45, 0.1, 0.08, dark, False)
        p.dot(0, 0.3, 0.12, dark, False)
        return
    low, tall, nose = p.between(0.5, 0.62), p.between(0.82, 1.05), p.between(-0.98, -0.88)
    for x in (-0.4, -0.15, 0.3, 0.52):
        p.fill(ellipse(x, low + 0.1, 0.13, 0.16, steps=10), shade(face, 0.75))
    p.fill(smooth([(-0.35, low - 0.75), (-0.6, low - 0.5), (nose, low - 0.2), (nose + 0.05, low - 0.06),
        (-0.5, low + 0.1), (0, low + 0.1)], steps=3), face)  # fmt: skip
    p.fill([*coat(0.17, low, 0.64, tall * 0.9, 190, 365, 4), (0.6, low + 0.12), (-0.2, low + 0.12), (-0.3,
        low - 0.3)], spine)  # fmt: skip
    for x, y in ((-0.15, 0.6), (0.15, 0.75), (0.45, 0.6), (0, 0.32), (0.3, 0.42), (0.6, 0.28)):
        y = low - y * tall * 0.85
        p.stroke([(x - 0.06, y + 0.07), (x + 0.07, y - 0.08)], light, 0.08, True)
    if p.chance(0.6):
        p.fill(ellipse(-0.38, low - 0.5, 0.13, 0.15, steps=10), shade(face, 0.85))
    p.dot(nose + 0.02, low - 0.16, 0.1, dark, False)
    eye(p, -0.6, low - 0.27, 0.075, face)


DRAWINGS = {
    "cat": cat, "rabbit": rabbit, "elephant": elephant, "giraffe": giraffe, "pig": pig, "turtle": turtle,
    "snail": snail, "hedgehog": hedgehog,
}  # fmt: skip

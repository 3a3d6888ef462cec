"""Animals of the sea."""

from __future__ import annotations

import math

from tina.worlds.sketchbook.pen import Colour, Pen, Point, ellipse, mirrored, moved, shade, smooth, star
from tina.worlds.sketchbook.shapes import band

BRIGHT = ("orange", "yellow", "red", "sky", "blue", "teal", "purple", "pink", "lime", "magenta")
PALE = ("cream", "white", "light grey")
WATER = ("blue", "sky", "teal")


def _eye(p: Pen, x: float, y: float, r: float) -> None:
    """A white with a black pupil, or a plain dark eye."""
    if r > 0.1:
        p.dot(x, y, r, p.colour("white", "cream"))
        p.fill(ellipse(x + r * p.between(-0.2, 0.2), y, r * 0.55, r * 0.55, steps=8), p.colour("black"))
    else:
        p.dot(x, y, r, p.colour("black"))


def _curl(x: float, y: float, length: float, heading: float, bend: float, curl: float) -> list[Point]:
    """A way that sets out to `heading` (degrees, 90 = down), turns by `bend` and, in its second half, by `curl`."""
    way, steps = [(x, y)], 12
    for i in range(steps):
        heading += (bend if i < steps * 0.5 else curl) * 2 / steps
        x += length / steps * math.cos(math.radians(heading))
        y += length / steps * math.sin(math.radians(heading))
        way.append((x, y))
    return way


def fish(p: Pen) -> None:
    skin, trim = p.colour(*BRIGHT, "silver", "gold"), p.colour(*BRIGHT, "gold")
    fin = p.pick(trim, shade(skin, 0.75))
    kind = p.pick("oval", "oval", "oval", "round", "angel", "puffer")
    high = {"oval": p.between(0.32, 0.48), "round": p.between(0.55, 0.68), "angel": 0.58, "puffer": 0.66}[kind]
    back, nose, fork = p.between(0.32, 0.48), p.between(-1.0, -0.88), p.between(0.35, 0.55)
    notch = p.between(0.72, 0.95)
    tail = [(back - 0.1, 0), (0.92, -fork), (1.02, -fork * 0.85), (notch, 0), (1.02, fork * 0.85), (0.92, fork)]
    p.fill(smooth(tail, steps=3) if p.chance(0.4) else tail, fin)
    if kind == "angel":  # long fins above and below
        sweep = p.between(0.3, 0.55)
        for side in (-1, 1):
            p.fill([(-0.35, side * 0.4), (0.15, side * 0.8), (sweep, side * 1.05), (0.3, side * 0.25)], fin)
    elif kind == "puffer":
        p.fill(star(-0.3, 0, 0.86, 0.66, 14), shade(skin, 0.8))
    else:
        peak = high + p.between(0.15, 0.35)
        p.fill([(-0.5, -high * 0.6), (-0.1, -peak), (0.25, -peak + 0.08), (0.25, -high * 0.4)], fin)
        p.fill([(-0.2, high * 0.7), (0.05, peak - 0.02), (0.25, peak - 0.1), (0.2, high * 0.4)], fin)
    upper = [(nose * 0.75, -high * 0.6), (-0.25, -high), (back * 0.6, -high * 0.6), (back + 0.12, -0.1)]
    p.fill(smooth([(nose, 0.02), *upper, *[(x, -y) for x, y in reversed(upper)]], steps=4), skin)
    marking = p.pick("stripes", "stripes", "gill", "gill", "scales", "band")
    if marking == "stripes":
        for x in p.pick((-0.32, 0.12), (-0.38, -0.08, 0.22), (-0.1,)):
            tall = high * (0.9 if x < 0 else 0.62)
            stripe = smooth([(x, -tall), (x + 0.06, 0), (x, tall)], False, 3)
            p.stroke(stripe, p.colour("white", "black", "navy"), 0.13, True)
    else:
        p.stroke(ellipse(-0.62, 0, 0.2, high * 0.62, start=-70, end=70, steps=6), shade(skin, 0.5), 0.08, True)
    if marking == "scales":
        for x, y in ((-0.18, -0.4), (-0.18, 0.35), (0.1, 0), (0.22, -0.36)):
            p.stroke(ellipse(x, y * high, 0.13, 0.13, start=-80, end=80, steps=5), shade(skin, 0.55), 0.07, True)
    elif marking == "band":
        p.stroke([(-0.35, 0), (back, 0)], trim, 0.14, True)
    if p.chance(0.6) and marking != "scales":
        p.fill(smooth([(-0.3, 0.05), (0.02, 0.0), (0.08, 0.24), (-0.12, 0.22)], steps=3), fin)
    _eye(p, nose + 0.28, -high * 0.25, p.between(0.09, 0.15))
    if p.chance(0.5):
        p.stroke([(nose, high * 0.3), (nose + 0.2, high * 0.34)], shade(skin, 0.4), 0.08, True)


def _spout(p: Pen, x: float, y: float) -> None:
    water, tall, wide = p.colour(*WATER), p.between(0.36, 0.48), p.between(0.24, 0.36)
    for side in (-1, 1):
        jet = [(0, 0), (0.04, -tall * 0.75), (wide * 0.6, -tall), (wide, -tall * 0.5)]
        p.stroke(smooth([(x + side * px, y + py) for px, py in jet], False, 4), water, p.between(0.08, 0.11))


def whale(p: Pen) -> None:
    skin, belly = p.colour("blue", "blue", "navy", "grey", "dark grey", "teal", "sky", "black"), p.colour(*PALE)
    if p.chance(0.15):  # only the flukes show above the waves
        wide, drop = p.between(0.8, 1.0), p.between(-0.75, -0.5)
        foot = [(0.17, 0.0), (0.2, 0.4), (0.42, 0.9)]
        half = [(0, -0.42), (0.35, -0.72), (wide, drop - 0.2), (wide * 0.7, -0.12), *foot]
        p.fill(smooth(half, False, 3) + smooth(mirrored(half), False, 3)[::-1], skin)
        for y in (0.72, 0.95)[: p.count(1, 2)]:
            waves = [(-1 + 0.25 * i, y + 0.07 * (-1) ** i) for i in range(9)]
            p.stroke(smooth(waves, False, 3), p.colour(*WATER), 0.1)
        return
    boxy, low, lift = p.chance(0.3), p.between(0.62, 0.8), p.between(-0.5, -0.2)
    top = p.between(-0.4, -0.25)
    spread = p.between(0.25, 0.34)
    x, y = p.between(0.8, 0.9), lift
    fluke = [(0, 0.2), (0.08, -0.1), (spread * 1.3, -0.42), (spread * 1.1, -0.02), (0.1, 0.22)]
    p.fill(smooth([(px + x, py + y) for px, py in mirrored(fluke)[::-1] + fluke[1:]], steps=3), skin)
    if p.chance(0.75):
        _spout(p, -0.62 if boxy else p.between(-0.55, -0.35), top + 0.05)
    if boxy:  # a sperm whale
        head = [(-0.96, top + 0.15), (-0.85, top), (-0.3, top - 0.02)]
        jaw = [(0.0, low * 0.85), (-0.5, low * 0.8), (-0.62, low * 0.62), (-0.93, low * 0.5)]
    else:
        head = [(-0.97, 0.15), (-0.85, top + 0.22), (-0.45, top)]
        jaw = [(0.0, low), (-0.5, low), (-0.85, low * 0.8)]
    spine = [(0.1, top + 0.12), (0.5, 0.22), (0.7, lift + 0.35), (x - 0.06, y)]
    under = [(x + 0.1, y + 0.02), (0.9, 0.2), (0.55, low * 0.75)]
    p.fill(smooth([*head, *spine, *under, *jaw], steps=4), skin)
    if boxy:
        p.stroke([(-0.9, low * 0.48), (-0.35, low * 0.42)], belly, 0.09, True)
    elif p.chance(0.75):
        line = [(-0.93, 0.28), (-0.5, 0.36), (0, 0.42), (0.45, 0.42)]
        edge = [(0.3, low * 0.88), (0.0, low * 0.97), (-0.5, low * 0.97), (-0.82, low * 0.78)]
        p.fill(smooth(line, False, 3) + edge, belly, True)
        for k in range(p.pick(0, 2, 2)):
            ridge = [(-0.75 + 0.1 * k, 0.45 + 0.12 * k), (-0.3, 0.53 + 0.1 * k), (0.2, 0.52 + 0.08 * k)]
            p.stroke(ridge, shade(skin, 0.8), 0.07)
    else:
        p.stroke(smooth([(-0.92, 0.3), (-0.7, 0.38), (-0.5, 0.3)], False), belly, 0.09, True)
    reach = p.between(0.3, 0.5)
    fin = [(-0.28, 0.34), (0.0, 0.36), (0.18, 0.38 + reach), (-0.02, 0.42 + reach * 0.8)]
    p.fill(smooth(fin, steps=3), shade(skin, 0.8))
    _eye(p, -0.5, 0.14 if boxy else 0.18, p.between(0.08, 0.12))


def octopus(p: Pen) -> None:
    skin = p.colour("red", "orange", "purple", "pink", "magenta", "teal", "brown", "blue")
    dark, arms, wide, tall = shade(skin, 0.8), p.pick(6, 6, 8), p.between(0.4, 0.56), p.between(0.5, 0.66)
    thick, curl = p.between(0.11, 0.14), p.between(90, 190)
    spread = p.between(0.85, 1.1)
    ways = []
    for i in range(arms):
        t = 2 * i / (arms - 1) - 1  # from left to right
        side = 1 if t > 0 else -1
        out = abs(t)
        heading = 90 - side * (12 + 78 * out * spread) + p.between(-6, 6)
        bend = side * (p.between(15, 55) if out > 0.3 else p.between(-35, 10))
        turn = -side * curl * p.between(0.8, 1.1) if p.chance(0.8) else side * curl * 0.8
        length = p.between(1.0, 1.25) if out > 0.3 else p.between(0.75, 0.9)
        ways.append((out, _curl(t * wide * 0.85, 0.08, length, heading, bend, turn)))
    for i, way in enumerate(sorted(ways, reverse=True)):
        p.fill(band(way[1], [thick - (thick - 0.06) * k / 12 for k in range(13)]), dark if i % 4 > 1 else skin)
    top, lean = 0.2 - 2 * tall, p.between(-0.15, 0.15)
    right = [(0.7, top + 0.12), (1, top + tall * 0.6), (0.72, -0.2), (0.9, 0.15), (0.4, 0.3)]
    right = [(wide * x, y) for x, y in right]
    outline = smooth([(0, top), *right, (0, 0.32), *mirrored(right)[::-1]], steps=4)
    p.fill([(px - lean * min(0.0, py), py) for px, py in outline], skin)
    r = p.between(0.09, 0.16)
    for side in (-1, 1):
        _eye(p, side * wide * 0.42, p.between(-0.25, -0.2), r)
    if p.chance(0.45):
        p.stroke(ellipse(0, -0.02, 0.13, p.between(0.06, 0.1), end=180, steps=6), shade(skin, 0.4), 0.08, True)
    if p.chance(0.35):
        for px, py in ((-0.4, 0.3), (0.05, 0.2), (0.42, 0.36)):
            p.dot(px * wide + lean * 0.6, top + py, 0.07, shade(skin, 0.6))


def _claw(x: float, y: float, size: float, turn: float, side: int) -> list[Point]:
    """A pincer open towards `turn`, its root at (x, y)."""
    thumb, finger = [(0.95, 0.12), (0.55, 0.36), (0.15, 0.32), (-0.1, 0.12)], [(0.15, -0.44), (0.6, -0.5), (1.0, -0.16)]
    shape = [(-0.1, -0.12), *finger, (0.45, -0.06), *thumb]
    return moved([(px, py * side) for px, py in shape], x, y, turn, size)


def crab(p: Pen) -> None:
    skin = p.colour("red", "red", "orange", "orange", "blue", "brown", "teal", "purple", "tan")
    wide, tall, legs = p.between(0.46, 0.62), p.between(0.3, 0.42), p.count(3, 4)
    up, size, big = p.between(-0.55, -0.35), p.between(0.46, 0.58), p.pick(0, 0, 0, -1, 1)
    for side in (-1, 1):
        for i in range(legs):
            y = 0.1 + 0.45 * i / legs
            knee = (side * (wide + p.between(0.22, 0.32) - 0.06 * i), y - 0.1 + 0.07 * i)
            foot = (side * (0.98 - 0.13 * i), y + 0.32 + 0.06 * i)
            p.stroke([(side * wide * 0.7, y), knee, foot], shade(skin, 0.85), p.between(0.09, 0.12))
        elbow, hand = (side * (wide + 0.22), -0.06), (side * p.between(0.62, 0.8), up + 0.05)
        p.stroke([(side * wide * 0.8, 0.0), elbow, hand], skin, 0.16)
        much = size * (1.35 if side == big else 0.7 if big else 1)
        p.fill(_claw(*hand, much, -90 + side * p.between(-30, 0), side), skin)
    stalk = p.pick(0.0, 0.12, 0.2)
    r = p.between(0.1, 0.14)
    for side in (-1, 1) if stalk else ():
        p.stroke([(side * 0.17, 0), (side * 0.2, -tall + 0.1 - stalk)], skin, 0.1)
        p.fill(ellipse(side * 0.2, -tall + 0.06 - stalk, r + 0.02, r + 0.02, steps=10), p.colour("white", "cream"))
        p.dot(side * 0.2, -tall + 0.06 - stalk, r * 0.6, p.colour("black"))
    if p.chance(0.6):
        right = [(wide * 0.6, -tall + 0.15), (wide, 0.1), (wide * 0.65, tall + 0.1)]
        body = smooth([(0, -tall + 0.12), *right, (0, tall + 0.18), *mirrored(right)[::-1]], steps=4)
    else:  # a shield
        right = [(wide * 0.7, -tall + 0.1), (wide + 0.1, -0.02), (wide * 0.5, tall + 0.15)]
        body = [*right, *mirrored(right)[::-1]]
    p.fill(body, skin)
    if not stalk:
        for side in (-1, 1):
            _eye(p, side * 0.2, -0.02, r)
    if p.chance(0.6):
        p.stroke(ellipse(0, 0.2, p.between(0.15, 0.25), 0.12, end=180, steps=6), shade(skin, 0.4), 0.08, True)
    else:
        for x in (-0.22, 0, 0.22):
            p.dot(x, 0.22 + 0.06 * (x == 0), 0.07, shade(skin, p.pick(0.55, 1.5)))


def starfish(p: Pen) -> None:
    skin = p.colour("orange", "orange", "red", "pink", "purple", "tan", "yellow", "blue", "brown")
    arms, waist, thick = p.pick(5, 5, 5, 5, 5, 5, 5, 6), p.between(0.3, 0.4), p.between(0.1, 0.15)
    twist, bump = p.between(-22, 22), p.pick(0.0, 0.0, 0.03)
    outline, spines = [], []
    for i in range(arms):
        turn = -90 + 360 * i / arms + p.between(-7, 7)
        bent = twist + p.between(-14, 14)
        reach = p.between(0.86, 1.03)
        root = 180 / arms
        for along, half in ((0.6, -1.25), (0.86, -1.05), (1.0, -0.4), (1.0, 0.4), (0.86, 1.05), (0.6, 1.25)):
            angle = math.radians(turn + bent * along**2)
            x, y = along * reach, half * thick + bump * (-1) ** round(along * 10)
            outline.append((x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)))
        notch = math.radians(turn + root)
        outline.append((waist * math.cos(notch), waist * math.sin(notch)))
        ways = [(d, math.radians(turn + bent * d * d)) for d in (0.4, 0.62, 0.84)]
        spines.append([(d * reach * math.cos(a), d * reach * math.sin(a)) for d, a in ways])
    p.fill(smooth(outline, steps=3), skin)
    pale, face = shade(skin, p.pick(0.55, 1.6)), p.chance(0.3)
    marking = p.pick("dots", "dots", "dots", "lines", "rows")
    for spine in spines:
        if marking == "lines":
            p.stroke(spine if face else [(0, 0), *spine], pale, 0.09, True)
            continue
        for (x, y), r in zip(spine, (0.085, 0.075, 0.06), strict=True):
            p.dot(x, y, r if marking == "dots" else 0.06, pale)
    if face:
        for side in (-1, 1):
            _eye(p, side * 0.15, -0.08, 0.11)
        p.stroke(ellipse(0, 0.1, 0.14, 0.09, end=180, steps=6), shade(skin, 0.4), 0.08, True)
    elif marking == "dots":
        p.dot(0, 0, p.between(0.08, 0.13), pale)


def jellyfish(p: Pen) -> None:
    skin = p.colour("pink", "purple", "sky", "magenta", "teal", "orange", "white", "blue")
    trail = p.pick(skin, shade(skin, 0.7), p.colour("pink", "purple", "sky", "cream"))
    wide, top, rim = p.between(0.6, 0.9), -p.between(0.9, 1.0), p.between(-0.2, 0.05)
    many, sway, drift = p.count(4, 6), p.between(0.05, 0.11), p.between(-0.3, 0.3)
    beat, waves = p.pick(-1, 1), p.between(5, 9)
    low = p.between(0.75, 1.0)

    def strand(x: float, end: float, swing: float) -> list[Point]:
        ts = [i / 12 for i in range(13)]
        xs = [x + drift * t * t + beat * swing * math.sin(waves * t) * t**0.4 for t in ts]
        return [(x, rim - 0.05 + (end - rim) * t) for x, t in zip(xs, ts, strict=True)]

    if p.chance(0.6):  # frilly arms in the middle
        for x in p.pick((0,), (-0.16, 0.16)):
            way = strand(x, low * 0.75, sway * 1.2)
            p.fill(band(way, [0.14 - 0.008 * i + 0.045 * (-1) ** i for i in range(len(way))]), shade(skin, 0.85))
    for i in range(many):
        t = 2 * i / (many - 1) - 1
        end = low * (1 - p.between(0, 0.35) * (i % 2))
        p.stroke(strand(t * wide * 0.8, end, sway), trail, p.between(0.07, 0.1))
    bell = ellipse(0, rim, wide, rim - top, start=180, end=360, steps=16)
    scallops, hem = p.count(3, 5), []
    deep = p.pick(0.12, 0.12, 0.0, -0.1)
    for i in range(scallops if deep > 0 else 1):
        x0, step = wide - 2 * wide * i / scallops, 2 * wide / scallops
        hem += [(x0 - step * k / 4, rim + deep * math.sin(math.pi * k / 4)) for k in range(1, 4 + (i < scallops - 1))]
    if deep <= 0:
        hem = [(wide * math.cos(math.pi * k / 8), rim + (deep or 0.1) * math.sin(math.pi * k / 8)) for k in range(1, 8)]
    p.fill(bell + hem, skin)
    marking = p.pick("shine", "ribs", "rings", "dots", "hem")
    if marking == "shine":
        shine = ellipse(0, rim, wide * 0.68, (rim - top) * 0.68, start=200, end=265, steps=6)
        p.stroke(shine, shade(skin, 1.5), 0.12, True)
    elif marking == "ribs":
        for t in (-0.5, 0, 0.5):
            rib = [(t * wide * 0.5, top + 0.2), (t * wide * 0.9, (top + rim) / 2), (t * wide * 1.1, rim - 0.1)]
            p.stroke(smooth(rib, False, 3), shade(skin, 0.6), 0.08, True)
    elif marking == "rings":
        for x in (-0.45, 0, 0.45):
            y = (top + rim) / 2 + 0.1 - 0.2 * (x == 0)
            p.stroke(ellipse(x * wide, y, 0.12, 0.14, start=-90, end=269, steps=9), shade(skin, 1.5), 0.07, True)
    elif marking == "dots":
        for x, y in ((-0.45, 0.45), (0, 0.35), (0.45, 0.45), (-0.2, 0.7), (0.25, 0.7)):
            p.dot(x * wide, rim - y * (rim - top) * 0.95, 0.09, shade(skin, 1.6))
    else:
        p.stroke([(-wide * 0.93, rim - 0.12), (0, rim - 0.02), (wide * 0.93, rim - 0.12)], shade(skin, 0.6), 0.09, True)


def seahorse(p: Pen) -> None:
    skin = p.colour("orange", "yellow", "gold", "tan", "red", "pink", "purple", "teal", "brown", "lime")
    trim, fat, snout = p.pick(shade(skin, 0.7), p.colour(*BRIGHT)), p.between(0.24, 0.34), p.between(0.38, 0.5)
    belly, coil = p.between(-0.2, 0.0), p.between(0.19, 0.24)
    # the way of the body: neck, belly, tail, and a curl forward
    way = [(0.16, -0.72), (0.24, -0.45), (0.08 + belly * 0.4, -0.1), (0.06, 0.25), (0.22, 0.5)]
    centre = (0.22 - coil - 0.02, 0.7)
    for k, a in ((1.1, 0.3), (1, 1.4), (1, 2.6), (0.9, 3.7), (0.5, 4.9)):
        way.append((centre[0] + coil * k * math.cos(a), centre[1] + coil * k * 1.05 * math.sin(a)))
    halves = [0.2, 0.19, fat, fat * 0.85, 0.15, 0.11, 0.1, 0.09, 0.08, 0.07]
    line = smooth(way, False, 3)
    wide = [x for x, _ in smooth([(h, 0.0) for h in halves], False, 3)]
    back = 0.06 + fat * 0.7
    fin = [(0, -0.3), (0.3, -0.28), (0.36, -0.02), (0.2, 0.16), (-0.05, 0.12)]
    p.fill(smooth([(back + x, y) for x, y in fin], steps=3), trim)
    crown = p.pick("spikes", "spikes", "mane", "none")
    if crown == "spikes":
        for x, y, turn in ((0.0, -0.9, -25), (0.2, -0.92, 5), (0.36, -0.78, 40)):
            p.fill(moved([(-0.09, 0.08), (0, -p.between(0.14, 0.24)), (0.09, 0.08)], x, y, turn), trim)
    elif crown == "mane":
        for x, y in ((0.1, -0.96), (0.33, -0.82), (0.4, -0.58), (0.4, -0.36)):
            p.fill(ellipse(x, y, 0.11, 0.11, steps=8), trim)
    p.fill(band(line, wide), skin)
    tip = (0.1 - snout, p.between(-0.6, -0.5))
    nose = band([(0.1, -0.72), (tip[0] * 0.3, -0.65), tip, (tip[0] - 0.09, tip[1] + 0.03)], [0.2, 0.11, 0.08, 0.13])
    p.fill(nose, skin)
    p.fill(ellipse(0.14, -0.74, p.between(0.23, 0.27), 0.22, turn=20, steps=12), skin)
    _eye(p, 0.08, -0.76, p.between(0.08, 0.12))
    stripes = p.pick("ribs", "ribs", "ribs", "belly", "dots")
    dark = shade(skin, p.pick(0.6, 0.6, 1.5))
    if stripes == "ribs":
        for i in (5, 7, 9, 11):
            (x, y), w = line[i], wide[i]
            p.stroke([(x - w * 0.8, y + 0.0), (x + w * 0.55, y + 0.03)], dark, 0.08, True)
    elif stripes == "belly":
        p.stroke([(x - w * 0.45, y) for (x, y), w in zip(line[4:12], wide[4:12], strict=True)], dark, 0.16, True)
    else:
        for i, off in ((4, 0), (6, -0.4), (7, 0.4), (9, -0.2), (11, 0.2)):
            p.dot(line[i][0] + wide[i] * off, line[i][1], 0.07, dark)


def _hammerhead(p: Pen, skin: Colour) -> None:
    """Seen from above."""
    wide, bar = p.between(0.2, 0.27), p.between(0.5, 0.62)
    fin = [(0.1, -0.3), (0.75, 0.15), (0.72, 0.27), (0.1, 0.1)]
    end = p.pick(-1, 1)
    for side in (list, mirrored):
        p.fill(side(fin), shade(skin, 0.85))
        p.fill(side([(0.05, 0.42), (0.3, 0.58), (0.05, 0.6)]), shade(skin, 0.85))
    body = [(0.12, -0.8), (wide, -0.4), (wide, 0.0), (0.12, 0.5), (0.05, 0.85)]
    p.fill([(0, 0.6), (end * 0.42, 1.02), (end * 0.1, 0.92), (-end * 0.2, 1.0)], skin)
    p.fill(smooth(body, False, 3) + smooth(mirrored(body), False, 3)[::-1], skin)
    head = [(0, -0.98), (bar * 0.6, -0.96), (bar, -0.86), (bar * 0.95, -0.64), (bar * 0.5, -0.7), (0.1, -0.66)]
    p.fill(head + mirrored(head)[::-1], skin)
    for side in (-1, 1):
        p.dot(side * bar * 0.82, -0.8, 0.08, p.colour("white", "black"))
    p.fill([(-0.06, 0.12), (0, -0.28), (0.06, 0.12)], shade(skin, 0.5), True)


def shark(p: Pen) -> None:
    skin, belly = p.colour("grey", "grey", "dark grey", "blue", "sky", "navy", "silver", "teal"), p.colour(*PALE)
    if p.chance(0.15):
        _hammerhead(p, skin)
        return
    high, peak, lean = p.between(0.26, 0.37), p.between(0.68, 0.88), p.between(0.15, 0.35)
    nose, upper, lower = p.between(-0.12, 0.02), p.between(0.55, 0.75), p.between(0.28, 0.42)
    dark = shade(skin, 0.8)
    tail = [(0.62, -0.1), (0.96, -upper), (1.05, -upper + 0.03), (0.9, 0.02), (1.0, lower), (0.9, lower), (0.62, 0.12)]
    p.fill(tail, skin)
    fin = [(-0.3, -high * 0.8), (-0.12 + lean * 0.5, -peak * 0.8), (lean, -peak), (0.1 + lean, -peak)]
    p.fill([*smooth(fin, False, 3), (0.12 + lean * 0.6, -peak * 0.7), (0.2 + lean * 0.5, -high * 0.5)], skin)
    if p.chance(0.7):
        p.fill([(0.42, 0.08), (0.58, 0.36), (0.66, 0.08)], dark)
        p.fill([(0.45, -0.08), (0.62, -0.3), (0.66, -0.06)], dark)
    top = [(-1, nose), (-0.7, -high * 0.75), (-0.2, -high), (0.3, -high * 0.62), (0.76, -0.08)]
    under = [(0.76, 0.08), (0.3, high * 0.72), (-0.25, high), (-0.7, high * 0.72)]
    p.fill(smooth([*top, *under], steps=4), skin)
    mouth = p.pick("open", "open", "teeth", "line")
    if p.chance(0.65):
        pale = [(-0.6, high * 0.35), (-0.2, high * 0.3), (0.3, high * 0.25), (0.65, 0.04)]
        p.fill([*pale, (0.3, high * 0.62), (-0.25, high * 0.88), (-0.6, high * 0.75)], belly, True)
    if mouth == "open":  # a wedge cut out of the head, with teeth
        gape = [(-0.92, nose * 0.5 + 0.07), (-0.5, 0.03), (-0.72, high * 0.95), (-0.95, high * 0.8)]
        p.fill(gape, p.colour("dark brown", "red", "black"), True)
        for k in (0.1, 0.45):
            a = (-0.92 + 0.4 * k, nose * 0.5 + 0.07 - 0.02 * k)
            p.fill([a, (a[0] + 0.13, a[1]), (a[0] + 0.07, a[1] + 0.14)], p.colour("white"))
    elif mouth == "teeth":
        jaws = [(-0.88 + 0.08 * i, 0.1 + 0.02 * i + 0.07 * (i % 2)) for i in range(5)]
        p.stroke(jaws, p.colour("white"), 0.07, True)
    else:
        p.stroke([(-0.85, 0.12), (-0.68, 0.14), (-0.58, 0.08)], shade(skin, 0.4), 0.08, True)
    for k in range(p.pick(0, 2, 3)):
        p.stroke([(-0.38 + 0.12 * k, -high * 0.4), (-0.35 + 0.12 * k, high * 0.25)], shade(skin, 0.45), 0.07, True)
    reach = p.between(0.5, 0.72)
    p.fill([(-0.28, high * 0.45), (0.08, high * 0.5), (0.12 + lean * 0.6, reach), (0.02 + lean * 0.6, reach)], dark)
    p.dot(-0.7, -high * 0.3, p.between(0.07, 0.09), p.colour("black", "white"))


DRAWINGS = {
    "fish": fish, "whale": whale, "octopus": octopus, "crab": crab, "starfish": starfish, "jellyfish": jellyfish,
    "seahorse": seahorse, "shark": shark,
}  # fmt: skip

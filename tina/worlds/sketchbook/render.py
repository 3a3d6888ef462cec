"""From the marks of a drawing to a picture: pose, style, background, clutter, occlusion, noise.

Everything random comes from the `Random` handed in, so that a picture is the same on every machine.
"""

from __future__ import annotations

import colorsys
import math
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tina.worlds.sketchbook.pen import Colour, Drawing, Fill, Pen, Point, Stroke, ellipse, rgb
from tina.worlds.sketchbook.shapes import crossings

SIZE = 32
OVERSAMPLE = 4
STYLES = ("filled", "inked", "outlined", "crayon", "blueprint", "silhouette")


def picture(drawing: Drawing, random: Random, size: int = SIZE, style: str | None = None) -> NDArray[np.uint8]:
    """One picture of a drawing.

    Args:
        drawing: puts marks on a pen.
        random: everything that is left to chance comes from it.
        size: of the picture.
        style: one of `STYLES` (default: any).

    Returns:
        uint8, size x size x 3.
    """
    pen = Pen(random)
    drawing(pen)
    style = style or pen.pick(*STYLES)
    edge = size * OVERSAMPLE
    sheet = _Sheet(pen, style, edge, _body(pen.marks))
    sheet.background()
    sheet.draw(pen.marks, _pose(pen, edge))
    if pen.chance(0.2):
        sheet.occlude()
    small = sheet.image.resize((size, size), Image.Resampling.BOX)
    return _photograph(small, random, pen)


def _pose(pen: Pen, edge: int) -> tuple[float, ...]:
    """An affine map from the sheet's square to pixels: turned, leaning, stretched, off centre, sometimes mirrored."""
    turn = math.radians(pen.random.gauss(0, 8) if pen.chance(0.92) else pen.between(-40, 40))
    scale = edge / 2 * pen.between(0.76, 1.0)
    stretch, lean = pen.between(0.88, 1.14), pen.random.gauss(0, 0.06)
    cos, sin = math.cos(turn), math.sin(turn)
    xx, xy, yx, yy = cos * stretch, lean * cos - sin, sin * stretch, lean * sin + cos
    if pen.chance(0.5):
        xx, yx = -xx, -yx
    room = 1.0 - scale / (edge / 2)
    centre_x = edge / 2 * (1 + pen.between(-1, 1) * (room + 0.04))
    centre_y = edge / 2 * (1 + pen.between(-1, 1) * (room + 0.04))
    return scale * xx, scale * xy, scale * yx, scale * yy, centre_x, centre_y


def _grey(colour: Colour) -> float:
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def _body(marks: list[Fill | Stroke]) -> Colour:
    """The colour of the largest mark."""

    def extent(mark: Fill | Stroke) -> float:
        xs, ys = [x for x, _ in mark.points], [y for _, y in mark.points]
        return (max(xs) - min(xs) + 0.1) * (max(ys) - min(ys) + 0.1)

    return max(marks, key=extent).colour


class _Sheet:
    def __init__(self, pen: Pen, style: str, edge: int, body: Colour):
        self.pen, self.style, self.edge = pen, style, edge
        self.line = edge / 128 * pen.between(1.6, 4.6)
        # a palette of its own: natural, all hues turned, or washed out
        self.hue_shift = 0.0 if pen.chance(0.6) else pen.random.random()
        self.wash = pen.between(0.35, 1.0)
        grey = _grey(self._dyed(body))
        for _ in range(6):  # a thing that has the colour of its paper cannot be seen
            self.paper = self._paper()
            self.ink = self._ink()
            drawn = grey if style in ("filled", "crayon") else _grey(self.ink)
            if abs(drawn - _grey(self.paper)) > 65:
                break
        self.image = Image.new("RGB", (edge, edge), self.paper)
        self.canvas = ImageDraw.Draw(self.image)

    def _paper(self) -> Colour:
        pen, hue = self.pen, self.pen.random.random()
        if self.style == "blueprint":  # light lines on blue, green, black or sepia paper
            return self._rgb(*pen.pick((0.6, 0.7, 0.5), (0.42, 0.5, 0.3), (0.6, 0.1, 0.15), (0.07, 0.5, 0.35)))
        if self.style == "outlined":
            return self._rgb(hue, pen.between(0, 0.25), pen.between(0.75, 1))
        if self.style == "crayon":
            return self._rgb(hue, pen.between(0, 0.2), pen.pick(pen.between(0.8, 1), pen.between(0.1, 0.3)))
        return self._rgb(hue, pen.between(0, 0.75), pen.between(0.15, 1))

    def _ink(self) -> Colour:
        pen, hue = self.pen, self.pen.random.random()
        if _grey(self.paper) < 120:
            return self._rgb(hue, pen.between(0, 0.45), pen.between(0.8, 1))
        return self._rgb(hue, pen.between(0, 0.8), pen.between(0, 0.45))

    @staticmethod
    def _rgb(hue: float, saturation: float, value: float) -> Colour:
        return rgb(255 * c for c in colorsys.hsv_to_rgb(hue % 1, min(1, saturation), min(1, value)))

    def near(self, colour: Colour, spread: float) -> Colour:
        shift = self.pen.between(-spread, spread)
        return rgb(min(255, max(0, c + shift + self.pen.between(-spread, spread) / 2)) for c in colour)

    # -- what lies behind ---------------------------------------------------------------------------------------------
    def background(self) -> None:
        pen, edge = self.pen, self.edge
        kind = pen.pick(
            "plain", "gradient", "ruled", "grid", "dots", "patches", "horizon", "scribble", "texture", "texture"
        )
        if kind == "gradient":
            self._soft(2, 60)
        elif kind == "texture":
            self._soft(pen.count(4, 9), 38)
        elif kind in ("ruled", "grid"):
            step, colour = edge / pen.count(4, 9), self.near(self.paper, 60)
            width = max(1, int(edge / 128 * pen.between(1, 4)))
            at = pen.between(0, step)
            while at < edge:
                self.canvas.line([(0, at), (edge, at)], fill=colour, width=width)
                if kind == "grid":
                    self.canvas.line([(at, 0), (at, edge)], fill=colour, width=width)
                at += step
        elif kind == "dots":
            colour = self.near(self.paper, 70)
            for _ in range(pen.count(8, 22)):
                self._blot(pen.between(0.02, 0.05), colour)
        elif kind == "patches":
            for _ in range(pen.count(4, 9)):
                self._blot(pen.between(0.1, 0.35), self.near(self.paper, 60))
        elif kind == "horizon":
            height = edge * pen.between(0.45, 0.85)
            self.canvas.rectangle([0, height, edge, edge], fill=self.near(self.paper, 90))
        elif kind == "scribble":
            colour = self.near(self.paper, 80)
            for _ in range(pen.count(3, 7)):
                points = [(pen.between(0, edge), pen.between(0, edge)) for _ in range(3)]
                self.canvas.line(points, fill=colour, width=max(1, int(self.line)))
        if pen.chance(0.3):  # clutter in full colour
            for _ in range(pen.count(1, 3)):
                self._scrap(self._rgb(pen.random.random(), pen.between(0.1, 0.8), pen.between(0.2, 1)))

    def _soft(self, cells: int, strength: float) -> None:
        """A smooth random field over the paper."""
        random = self.pen.random
        levels = [c + random.uniform(-strength, strength) for _ in range(cells * cells) for c in self.paper]
        field = bytes(min(255, max(0, int(level))) for level in levels)
        small = Image.frombytes("RGB", (cells, cells), field)
        self.image.paste(small.resize((self.edge, self.edge), Image.Resampling.BILINEAR))

    def _blot(self, radius: float, colour: Colour) -> None:
        pen, edge = self.pen, self.edge
        x, y, r = pen.between(0, edge), pen.between(0, edge), radius * edge
        self.canvas.ellipse([x - r, y - r * pen.between(0.6, 1), x + r, y + r], fill=colour)

    def _scrap(self, colour: Colour) -> None:
        """A piece of something else: a stick, a ring, a triangle, a blot."""
        pen, edge = self.pen, self.edge
        x, y, r = pen.between(0, edge), pen.between(0, edge), edge * pen.between(0.05, 0.16)
        kind = pen.pick("stick", "ring", "triangle", "blot")
        if kind == "stick":
            angle = pen.between(0, math.tau)
            dx, dy = 2 * r * math.cos(angle), 2 * r * math.sin(angle)
            self.canvas.line([(x - dx, y - dy), (x + dx, y + dy)], fill=colour, width=max(1, int(self.line)))
        elif kind == "ring":
            self.canvas.ellipse([x - r, y - r, x + r, y + r], outline=colour, width=max(1, int(self.line)))
        elif kind == "triangle":
            self.canvas.polygon([(x + pen.between(-r, r), y + pen.between(-r, r)) for _ in range(3)], fill=colour)
        else:
            self._blot(r / edge, colour)

    def occlude(self) -> None:
        """Something passes in front: a bar or a blot, never over the middle of the sheet."""
        pen, edge = self.pen, self.edge
        colour = self._rgb(pen.random.random(), pen.between(0, 0.8), pen.between(0.15, 1))
        angle, distance = pen.between(0, math.tau), edge * pen.between(0.3, 0.5)
        x, y = edge / 2 + distance * math.cos(angle), edge / 2 + distance * math.sin(angle)
        if pen.chance(0.5):
            dx, dy = -edge * math.sin(angle), edge * math.cos(angle)
            width = int(edge * pen.between(0.04, 0.12))
            self.canvas.line([(x - dx, y - dy), (x + dx, y + dy)], fill=colour, width=width)
        else:
            r = edge * pen.between(0.06, 0.16)
            self.canvas.polygon(ellipse(x, y, r, r * pen.between(0.6, 1), steps=9), fill=colour)

    # -- the thing itself ---------------------------------------------------------------------------------------------
    def draw(self, marks: list[Fill | Stroke], pose: tuple[float, ...]) -> None:
        a, b, c, d, cx, cy = pose
        shake = self.edge * 0.012 if self.style == "crayon" else 0.0
        random = self.pen.random.random
        body, gap = self._silhouette()
        for mark in marks:
            points = [(cx + a * x + b * y, cy + c * x + d * y) for x, y in mark.points]
            if shake:
                points = [(x + shake * (random() - 0.5), y + shake * (random() - 0.5)) for x, y in points]
            colour = self._dyed(mark.colour)
            if isinstance(mark, Fill):
                self._fill(points, colour, mark.detail, body, gap)
            else:
                width = max(self.line, mark.width * self.edge / 2 * 0.8)
                if self.style in ("outlined", "blueprint"):
                    colour, width = self.ink, min(width, 2 * self.line)
                elif self.style == "silhouette":
                    colour = gap if mark.detail else body
                self._line(points, colour, width)

    def _silhouette(self) -> tuple[Colour, Colour]:
        return self.ink, self.near(self.paper, 25)

    def _dyed(self, colour: Colour) -> Colour:
        if not self.hue_shift and self.wash > 0.95:
            return colour
        hue, saturation, value = colorsys.rgb_to_hsv(*(c / 255 for c in colour))
        return self._rgb(hue + self.hue_shift, saturation * self.wash, value)

    def _fill(self, points: list[Point], colour: Colour, detail: bool, body: Colour, gap: Colour) -> None:
        if self.style == "silhouette":
            self.canvas.polygon(points, fill=gap if detail else body)
        elif self.style in ("outlined", "blueprint"):
            self.canvas.polygon(points, fill=self.paper)
            self._line(points + points[:1], self.ink, self.line)
        elif self.style == "inked":
            self.canvas.polygon(points, fill=colour)
            self._line(points + points[:1], self.ink, self.line)
        elif self.style == "crayon":
            self._hatch(points, colour)
        else:
            self.canvas.polygon(points, fill=colour)

    def _line(self, points: list[Point], colour: Colour, width: float) -> None:
        self.canvas.line(points, fill=colour, width=max(1, round(width)), joint="curve" if width > 5 else None)

    def _hatch(self, points: list[Point], colour: Colour) -> None:
        """Colour rubbed on in strokes: paper shines through between them, a rough rim around."""
        light = rgb((c + 2 * p) // 3 for c, p in zip(colour, self.paper, strict=True))
        self.canvas.polygon(points, fill=light)
        xs, ys = [x for x, _ in points], [y for _, y in points]
        step = self.line * 2.2
        if max(xs) - min(xs) > 2 * step:
            slope = 0.5
            y = min(ys) - slope * (max(xs) - min(xs))
            while y < max(ys):
                y += step
                cut = crossings(points, slope, y - slope * min(xs))
                for left, right in zip(cut[::2], cut[1::2], strict=False):
                    self.canvas.line([left, right], fill=colour, width=max(1, round(step * 0.6)))
        self._line(points + points[:1], colour, self.line)


def _photograph(image: Image.Image, random: Random, pen: Pen) -> NDArray[np.uint8]:
    """Light, contrast and grain, as if the sheet had been photographed with a cheap camera."""
    pixels = np.asarray(image, np.float32)
    contrast, light = pen.between(0.8, 1.15), pen.between(-25, 20)
    grain = np.random.Generator(np.random.PCG64(random.getrandbits(64)))
    noise = grain.standard_normal(pixels.shape, np.float32) * pen.between(1, 9)
    return np.clip(127.5 + light + contrast * (pixels - 127.5) + noise, 0, 255).astype(np.uint8)

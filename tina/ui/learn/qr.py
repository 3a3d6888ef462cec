"""A QR code of a link, made here: byte mode, error correction M, versions 1 to 14 (up to 362 bytes). ISO/IEC 18004."""

from __future__ import annotations

from itertools import product

from tina.errors import UserError

# Version -> error correction bytes a block, then (number of blocks, data bytes of each) once or twice.
BLOCKS = {
    1: (10, (1, 16)), 2: (16, (1, 28)), 3: (26, (1, 44)), 4: (18, (2, 32)), 5: (24, (2, 43)), 6: (16, (4, 27)),
    7: (18, (4, 31)), 8: (22, (2, 38), (2, 39)), 9: (22, (3, 36), (2, 37)), 10: (26, (4, 43), (1, 44)),
    11: (30, (1, 50), (4, 51)), 12: (22, (6, 36), (2, 37)), 13: (22, (8, 37), (1, 38)), 14: (24, (4, 40), (5, 41)),
}  # fmt: skip
ALIGN = {
    1: (), 2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34), 7: (6, 22, 38), 8: (6, 24, 42), 9: (6, 26, 46),
    10: (6, 28, 50), 11: (6, 30, 54), 12: (6, 32, 58), 13: (6, 34, 62), 14: (6, 26, 46, 66),
}  # fmt: skip
MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)

EXP = [1] * 512
for _i in range(1, 512):
    EXP[_i] = EXP[_i - 1] << 1 ^ (0x11D if EXP[_i - 1] & 0x80 else 0)
LOG = {EXP[i]: i for i in range(255)}

Grid = list[list[int]]


def matrix(text: str) -> Grid:
    """Rows of 0 and 1, without the quiet border."""
    content = text.encode()
    version = next((v for v in BLOCKS if len(content) + (2 if v < 10 else 3) <= _capacity(v)), None)
    if version is None:
        raise UserError("This link is too long for a QR code.")
    base, fixed = _patterns(version)
    _fill(base, fixed, _codewords(content, version))
    return min((_masked(base, fixed, number) for number in range(8)), key=_penalty)


def svg(text: str) -> str:
    """The code as one path, with its quiet border of four modules."""
    rows = matrix(text)
    size = len(rows) + 8
    path = "".join(f"M{x + 4} {y + 4}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return (
        f'<svg viewBox="0 0 {size} {size}" role="img" aria-label="QR code of this link" shape-rendering="crispEdges">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    )


def _capacity(version: int) -> int:
    """Data bytes, the header included."""
    return sum(count * size for count, size in BLOCKS[version][1:])


def _codewords(content: bytes, version: int) -> list[int]:
    bits = "0100" + format(len(content), "08b" if version < 10 else "016b") + "".join(f"{b:08b}" for b in content)
    room = 8 * _capacity(version)
    bits += "0" * min(4, room - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = [int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)]
    data += [(0xEC, 0x11)[i % 2] for i in range(_capacity(version) - len(data))]
    extra, *groups = BLOCKS[version]
    blocks, at = [], 0
    for count, size in groups:
        for _ in range(count):
            blocks.append(data[at : at + size])
            at += size
    checks = [_correction(block, extra) for block in blocks]
    longest = max(map(len, blocks))
    mixed = [block[i] for i in range(longest) for block in blocks if i < len(block)]
    return mixed + [check[i] for i in range(extra) for check in checks]


def _correction(data: list[int], count: int) -> list[int]:
    """Reed-Solomon over GF(256)."""
    generator = [1]
    for i in range(count):
        shifted = [*generator, 0]
        for j, value in enumerate(generator):
            shifted[j + 1] ^= EXP[LOG[value] + i] if value else 0
        generator = shifted
    rest = [*data, *[0] * count]
    for i in range(len(data)):
        if factor := rest[i]:
            for j, value in enumerate(generator):
                rest[i + j] ^= EXP[LOG[value] + LOG[factor]] if value else 0
    return rest[-count:]


def _patterns(version: int) -> tuple[Grid, Grid]:
    """What every code of a version has, and where it stands; format bits are kept free."""
    size = 17 + 4 * version
    grid, fixed = ([[0] * size for _ in range(size)] for _ in range(2))

    def put(y: int, x: int, dark: bool) -> None:
        if 0 <= y < size and 0 <= x < size:
            grid[y][x], fixed[y][x] = int(dark), 1

    for i in range(size):
        put(6, i, i % 2 == 0)
        put(i, 6, i % 2 == 0)
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        for y, x in product(range(-1, 8), repeat=2):
            ring = max(abs(y - 3), abs(x - 3))
            put(top + y, left + x, ring not in (2, 4))
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for y, x in product(ALIGN[version], repeat=2):
        if (y, x) not in corners:
            for dy, dx in product(range(-2, 3), repeat=2):
                put(y + dy, x + dx, max(abs(dy), abs(dx)) != 1)
    for i in range(9):
        for y, x in ((8, i), (i, 8), (8, size - 1 - i), (size - 1 - i, 8)):
            if not fixed[y][x] and (i < 8 or (y, x) == (8, 8)):
                put(y, x, False)
    put(size - 8, 8, True)
    if version >= 7:
        bits = _bch(version, 12, 0x1F25)
        for i in range(18):
            put(i // 3, size - 11 + i % 3, bool(bits >> i & 1))
            put(size - 11 + i % 3, i // 3, bool(bits >> i & 1))
    return grid, fixed


def _fill(grid: Grid, fixed: Grid, codewords: list[int]) -> None:
    """Two columns at a time from the right, up and down in turn."""
    size = len(grid)
    bits = iter("".join(f"{word:08b}" for word in codewords))
    columns = [x for x in range(size - 1, 0, -2) if x > 6] + [5, 3, 1]
    for turn, right in enumerate(columns):
        for y in range(size) if turn % 2 else range(size - 1, -1, -1):
            for x in (right, right - 1):
                if not fixed[y][x]:
                    grid[y][x] = int(next(bits, "0"))


def _masked(base: Grid, fixed: Grid, number: int) -> Grid:
    size = len(base)
    found = [
        [value if fixed[y][x] else value ^ MASKS[number](y, x) for x, value in enumerate(row)]
        for y, row in enumerate(base)
    ]
    bits = _bch(number, 10, 0x537) ^ 0x5412  # level M is 00
    for i in range(15):
        dark = bits >> i & 1
        across = (8, size - 1 - i) if i < 8 else (8, 15 - i if i == 8 else 14 - i)
        down = (i if i < 6 else i + 1, 8) if i < 8 else (size - 15 + i, 8)
        for y, x in (across, down):
            found[y][x] = dark
    return found


def _bch(value: int, extra: int, generator: int) -> int:
    rest = value << extra
    while rest.bit_length() >= generator.bit_length():
        rest ^= generator << (rest.bit_length() - generator.bit_length())
    return value << extra | rest


def _penalty(grid: Grid) -> int:
    """What makes a code hard to read: long runs, blocks, false finders, more of one colour than of the other."""
    size, total = len(grid), 0
    lines = ["".join(map(str, row)) for row in grid] + ["".join(map(str, column)) for column in zip(*grid, strict=True)]
    for line in lines:
        runs = [len(run) for run in line.replace("01", "0 1").replace("10", "1 0").split()]
        total += sum(run - 2 for run in runs if run >= 5)
        total += 40 * sum(line.startswith(p, i) for p in ("10111010000", "00001011101") for i in range(size))
    for y, x in product(range(size - 1), repeat=2):
        total += 3 * (grid[y][x] == grid[y][x + 1] == grid[y + 1][x] == grid[y + 1][x + 1])
    dark = 100 * sum(map(sum, grid)) / size**2
    return total + 10 * int(abs(dark - 50) // 5)

"""The engine's modules are of the source beside them, small, and the same when they are built again."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from tina.classifier.webpage import FILES, MODULES

BUILD = runpy.run_path(str(FILES / "build.py"))
ABOUT = json.loads((FILES / "engine.json").read_text("utf-8"))
LARGEST = 30_000  # bytes of a module


def test_the_modules_are_of_this_source() -> None:
    assert ABOUT["source_sha256"] == BUILD["digest"]((FILES / "engine.c").read_bytes()), "make engine"
    assert tuple(BUILD["KINDS"]) == tuple(ABOUT["sha256"]) == MODULES
    for kind in MODULES:
        module = (FILES / f"engine-{kind}.wasm").read_bytes()
        assert BUILD["digest"](module) == ABOUT["sha256"][kind]
        assert module.startswith(b"\0asm")
        assert len(module) <= LARGEST
        assert " ".join(BUILD["KINDS"][kind]) in ABOUT["commands"][kind]


def test_they_are_the_same_when_they_are_built_again(tmp_path: Path) -> None:
    """To the byte with the compiler that they are of; another one has to make the same functions of this source."""
    compilers = BUILD["compilers"]()
    same = [compiler for compiler in compilers if BUILD["version"](compiler) == ABOUT["compiler"]]
    for compiler in (same or compilers)[:1]:
        made = BUILD["build"](compiler, tmp_path)
        assert "simd" in made
        for kind, digest in made.items():
            if same:
                assert digest == ABOUT["sha256"][kind]
            ours, theirs = ((folder / f"engine-{kind}.wasm").read_bytes() for folder in (FILES, tmp_path))
            assert exports(ours) == exports(theirs)


def exports(module: bytes) -> set[str]:
    """The names that a module gives away, which are in its section 7."""
    at = 8
    while at < len(module):
        section, (size, at) = module[at], number(module, at + 1)
        if section == 7:
            count, at = number(module, at)
            names = set()
            for _ in range(count):
                length, at = number(module, at)
                names.add(module[at : at + length].decode())
                _, at = number(module, at + length + 1)
            return names
        at += size
    return set()


def number(module: bytes, at: int) -> tuple[int, int]:
    """A LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = module[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at


@pytest.mark.parametrize("kind", MODULES)
def test_a_module_has_what_the_program_calls(kind: str) -> None:
    names = exports((FILES / f"engine-{kind}.wasm").read_bytes())
    assert {"memory", "take", "back", "pack", "turn", "unpack", "conv", "depthwise", "resample"} <= names

"""Verbs of what there is: worlds, checkpoints, encoders."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tina.errors import UserError
from tina.verbs.result import Result

if TYPE_CHECKING:
    from tina.worlds import World


def worlds(args: argparse.Namespace) -> Result:
    """List the worlds, or describe one and draw its contact sheet."""
    from tina.storage import check_place, write_atomically
    from tina.worlds import WORLDS, load_world

    if args.sheet and not args.world:
        raise UserError("Which world? For example: python -m tina worlds sketchbook --sheet out.png")
    if args.sheet:
        check_place(args.sheet)
    found = [load_world(id) for id in ([args.world] if args.world else WORLDS)]
    rows = [_world_row(world) for world in found]
    if args.sheet:
        from tina.worlds.sheet import contact_sheet

        with write_atomically(args.sheet) as temporary:
            contact_sheet(found[0]).quantize(64).save(temporary, _picture_format(args.sheet), optimize=True)
    if not args.json:
        for row in rows:
            where = "on this machine" if row["present"] else f"not here; at home at {row['home']}"
            pictures = ", ".join(f"{n:,} {split}" for split, n in row["pictures"].items())
            print(
                f"{row['id']:14} {row['seen']:4} seen + {row['unseen']:3} unseen classes  {pictures or '-':42}  {where}"
            )
        if args.sheet:
            print(f"contact sheet: {args.sheet}")
    return {"worlds": rows} | ({"sheet": str(args.sheet)} if args.sheet else {})


def _picture_format(file: Path) -> str:
    from PIL import Image

    kind = Image.registered_extensions().get(file.suffix.lower())
    if kind not in ("PNG", "GIF", "TIFF", "BMP"):
        raise UserError(f"A sheet is a PNG, GIF, TIFF or BMP file, and not {file.name!r}.")
    return kind


def _world_row(world: World) -> Result:
    return {
        "id": world.id,
        "title": world.title,
        "classes": len(world.names),
        "seen": len(world.seen),
        "unseen": len(world.unseen),
        "pictures": world.counts(),
        "present": world.present,
        "licence": world.licence,
        "home": world.home,
    }


def checkpoints(args: argparse.Namespace) -> Result:
    """List the Tinas that ship."""
    from tina.generator.checkpoint import blueprint_of
    from tina.paths import CHECKPOINTS, shipped

    rows = []
    for name in shipped():
        about = json.loads((CHECKPOINTS / name / "config.json").read_text("utf-8"))
        size = sum(file.stat().st_size for file in (CHECKPOINTS / name).iterdir())
        blueprint = blueprint_of(about)
        rows.append({"checkpoint": name, "world": about["world"], "blueprint": blueprint, "bytes": size})
        if not args.json:
            print(f"{name:20} world {about['world']}, blueprint {blueprint}, {size / 1e6:.1f} MB")
    return {"checkpoints": rows}


def encoder(args: argparse.Namespace) -> Result:
    """Describe an encoder, or export one that comes from a package as an open_clip folder."""
    from tina.encoder.encoder import Encoder
    from tina.encoder.loading import encoder_folder
    from tina.encoder.packaged import PACKAGES, write_folder
    from tina.encoder.towers import to_pair

    id = args.encoder
    if args.export and id not in PACKAGES:
        raise UserError(
            f"The encoder {id!r} is an open_clip folder already: {encoder_folder(id)}"
            if encoder_folder(id)
            else f"Only {', '.join(PACKAGES)} can be exported; open_clip fetches {id!r} itself."
        )
    found = Encoder(id)
    row: Result = {
        "encoder": id,
        "hash": found.hash,
        "dim": found.dim,
        "size": to_pair(found.model.visual.preprocess_cfg["size"])[-1],
        "parameters": sum(weight.numel() for weight in found.model.parameters()),
    }
    if args.export:
        write_folder(id, args.export)
        row["export"] = str(args.export)
    if not args.json:
        print(
            f"{id}: {row['dim']} numbers, pictures of {row['size']} x {row['size']}, "
            f"{row['parameters'] / 1e6:.1f} M parameters, hash {row['hash']}"
        )
        if args.export:
            print(f"saved: {args.export}")
    return row


def adopt(args: argparse.Namespace) -> Result:
    """Make a Tina on any open_clip encoder, in minutes and without a photograph."""
    from tina.encoder.hub import download_size
    from tina.storage import check_place
    from tina.training.tower.adopt import MINUTES
    from tina.training.tower.adopt import adopt as run

    check_place(args.out, folder=True)
    size = download_size(args.encoder)
    if size:
        print(f"{args.encoder}: {size / 1e6:,.0f} MB to fetch", file=sys.stderr)
    minutes = MINUTES if args.minutes is None else args.minutes
    folder = run(args.encoder, args.out, minutes, _progress(), args.seed)
    about = json.loads((folder / "config.json").read_text("utf-8"))
    held = sum(file.stat().st_size for file in folder.iterdir())
    if not args.json:
        print(f"{folder}: {held / 1e6:.1f} MB, without the encoder; --checkpoint {folder} uses it")
    return {
        "checkpoint": str(folder),
        "encoder": args.encoder,
        "encoder_hash": about["encoder_hash"],
        "tower_hash": about["tower_hash"],
        "bytes": held,
        "fetched": size,
    }


def _progress() -> Callable[[str, float], None]:
    """Says on stderr what is being done: on a terminal in one line with its share, elsewhere once."""
    last = ""

    def progress(doing: str, share: float) -> None:
        nonlocal last
        told = f"{doing}, {share:.0%}" if sys.stderr.isatty() and 0 < share < 1 else doing
        if told != last:
            line = {"end": "\x1b[K" + "\n" * (share == 1)} if sys.stderr.isatty() else {}
            print("\r" * bool(line) + told, file=sys.stderr, flush=True, **line)
            last = told

    return progress

"""Verbs of bringing Tina to others: the page, and what is published on the Hugging Face Hub."""

from __future__ import annotations

import argparse
import sys

from tina.errors import UserError
from tina.verbs.result import Result


def app(args: argparse.Namespace) -> Result:
    """Start the web page."""
    from tina.ui.server import gpu  # noqa: F401  # first: a GPU that is lent is asked for before CUDA is touched
    from tina.ui.page import launch  # isort: skip

    launch(args.host, args.port, args.checkpoint)
    return {}


def publish(args: argparse.Namespace) -> Result:
    """Upload the page as a Space, or a Tina as a model, to the Hugging Face Hub."""
    from tina import publishing

    if args.what == "space":
        if args.checkpoint:
            raise UserError("A Space has the Tinas that ship: --checkpoint is for `publish checkpoint`.")
        files = publishing.space_files(args.name, args.zero_gpu)
    else:
        if args.zero_gpu:
            raise UserError("--zero-gpu is for `publish space`.")
        files = publishing.checkpoint_files(args.checkpoint or publishing.DEFAULT)
    sizes = {path: publishing.size(content) for path, content in files.items()}
    if not args.json:
        for path, count in sizes.items():
            print(f"{count:12,} {path}")
        print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB")
    url = None
    if not args.dry_run:
        hardware = publishing.ZERO_GPU if args.zero_gpu else None
        url, note = publishing.upload(files, args.name, args.what, private=args.private, hardware=hardware)
        if note:
            print(note, file=sys.stderr)
        if not args.json:
            print(f"uploaded: {url}")
    return {"files": [{"path": path, "bytes": count} for path, count in sizes.items()], "url": url}

"""A server that is told to end (SIGTERM): what runs is finished, who waits is told, nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import gradio as gr

from tina.ui.server.turns import FairQueue


@contextmanager
def own_temporary_folder() -> Iterator[None]:
    """For all temporary files of this process, and of Gradio in it: gone afterwards, whatever was begun."""
    before, folder = tempfile.tempdir, tempfile.mkdtemp(prefix="tina-page-")
    said = os.environ.get("GRADIO_TEMP_DIR")
    tempfile.tempdir = folder
    os.environ.setdefault("GRADIO_TEMP_DIR", os.path.join(folder, "gradio"))
    try:
        yield
    finally:
        tempfile.tempdir = before
        if said is None:
            os.environ.pop("GRADIO_TEMP_DIR", None)
        shutil.rmtree(folder, ignore_errors=True)


def serve_until_told(page: gr.Blocks, grace: float) -> None:
    """Stays until Ctrl-C or SIGTERM; then ends the server, and gives what runs so many seconds."""
    told = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        told.set()

    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    else:  # where signals are somebody else's
        before = {}
    while not told.wait(0.5):
        if not page.is_running:
            break
    for number, handler in before.items():
        signal.signal(number, handler)  # whoever is impatient says it again
    if isinstance(page._queue, FairQueue):
        page._queue.end(grace)
    page.close(verbose=False)

"""How far something is that is fetched once for everybody."""

from __future__ import annotations

from markupsafe import Markup

from tina.ui.markup import note
from tina.ui.server.jobs import JobState
from tina.ui.templates import render


def progress(state: JobState) -> Markup:
    """A bar and what is being done, or the sentence why it came to nothing."""
    return note(state.error, "wrong-note") if state.error else render("progress.html", state=state)

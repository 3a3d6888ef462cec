"""Long work that is done once for all visitors, in a thread of its own: whoever asks watches the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event, Thread

from tina.errors import UserError

POLL_SECONDS = 0.5


@dataclass
class JobState:
    """How far it is."""

    doing: str = "beginning"
    share: float = 0.0
    error: str = ""  # a sentence, where it came to nothing


class Job:
    """Begins at once, and goes on when nobody watches."""

    def __init__(self, work: Callable[[JobState], None]):
        """
        Args:
            work: says in the state that it gets what it is doing; a `UserError` of it becomes the state's sentence.
        """
        self.state, self._work, self._ended = JobState(), work, Event()
        self._failure: BaseException | None = None
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._work(self.state)
        except UserError as error:
            self.state.error = str(error)
        except BaseException as error:  # raised where it is watched
            self._failure = error
        finally:
            self._ended.set()

    @property
    def over(self) -> bool:
        """Whether it has ended, well or not."""
        return self._ended.is_set()

    def watch(self) -> Iterator[JobState]:
        """The state, again and again until the end; the last one is the end's. What was no `UserError` is raised."""
        while not self._ended.wait(POLL_SECONDS):
            yield self.state
        if self._failure is not None:
            raise self._failure
        yield self.state

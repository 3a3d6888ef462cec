"""Errors whose message is one sentence for the person who caused them. The command line prints it and exits with 2."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


LONGEST_WORD, LONGEST_MESSAGE = 200, 1500  # characters; a stranger's word in a message may be of millions


class UserError(Exception):
    """Something a user can put right; the message says how. It is one line, and no word in it is endless."""

    def __init__(self, message: str = ""):
        """
        Args:
            message: one sentence, with whatever it quotes.
        """
        super().__init__(_in_short(message))


def _in_short(message: str) -> str:
    """One line, in which no word is endless and no character half."""
    line = re.sub(r"\s*[\r\n]+\s*", " ", message[: 4 * LONGEST_MESSAGE]).encode("utf-8", "replace").decode()
    line = re.sub(rf"\S{{{LONGEST_WORD},}}", lambda word: f"{word[0][: LONGEST_WORD // 2]}…", line)
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}…"


class MissingData(UserError):
    """Data that is neither on this machine nor to be had from where we are."""


class BadPicture(UserError):
    """A file that is not a picture we can read; the message names the file."""


class NotWritten(UserError, OSError):
    """A file that could not be written; the message names it and says why."""


REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "no more of the disk may be used",
    errno.EFBIG: "it is larger than a file may be",
    errno.EACCES: "that is not allowed",
    errno.EPERM: "that is not allowed",
    errno.EROFS: "the disk can only be read",
    errno.EISDIR: "there is a folder of that name",
    errno.ENOTDIR: "a part of its path is a file",
    errno.EEXIST: "a part of its path is a file",
    errno.ENAMETOOLONG: "its name is too long",
}


def reason(error: OSError) -> str:
    """Why the system refused, in words."""
    return REASONS.get(error.errno or 0) or error.strerror or str(error)


def exit_on_user_error(run: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a program does, or one line on stderr and exit code 2 where its user is wrong, or the system refuses."""
    try:
        return run(*args, **kwargs)
    except UserError as error:
        sentence = str(error)
    except OSError as error:
        if error.errno is None:  # not the system's
            raise
        where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes | os.PathLike) else ""
        sentence = str(UserError(f"{where}{reason(error)}."))
    print(f"tina: {sentence}", file=sys.stderr)
    sys.exit(2)

"""Errors whose message is one sentence for the person who caused them. The command line prints it and exits with 2."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class UserError(Exception):
    """Something a user can put right; the message says how."""


class MissingData(UserError):
    """Data that is neither on this machine nor to be had from where we are."""


class BadPicture(UserError):
    """A file that is not a picture we can read; the message names the file."""


def exit_on_user_error(run: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a program does, or one line on stderr and exit code 2 where its user is wrong."""
    try:
        return run(*args, **kwargs)
    except UserError as error:
        print(f"tina: {error}", file=sys.stderr)
        sys.exit(2)

"""Errors whose message is one sentence for the person who caused them. The command line prints it and exits with 2."""


class UserError(Exception):
    """Something a user can put right; the message says how."""


class MissingData(UserError):
    """Data that is neither on this machine nor to be had from where we are."""


class BadPicture(UserError):
    """A file that is not a picture we can read; the message names the file."""

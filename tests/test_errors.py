"""What a user is told is one line, however long the word was that it quotes."""

from tina.errors import BadPicture, UserError


def test_a_message_is_short_and_one_line() -> None:
    message = str(UserError(f"There is no world {'x' * 10**7!r}:\n  it is one of these."))
    assert message == f"There is no world '{'x' * 99}…"
    assert str(UserError(f"no {'y' * 250} here")) == f"no {'y' * 100}… here"
    assert len(str(BadPicture("word " * 10**6))) < 2000
    assert str(UserError("first\n  second")) == "first second"
    assert str(UserError("two  spaces.png: no")) == "two  spaces.png: no"


def test_half_a_character_can_be_printed() -> None:
    assert str(UserError("\ud800.png: there is no such file.")).encode() == b"?.png: there is no such file."

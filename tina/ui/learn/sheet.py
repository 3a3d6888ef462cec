"""The sheet to print: a page of A4 for each part, with lines to write on, in black on white."""

from __future__ import annotations

from markupsafe import Markup

from tina.ui.learn import lesson
from tina.ui.learn.languages import Words
from tina.ui.templates import render
from tina.ui.theme import STATIC


def page(words: Words) -> Markup:
    """Questions and boxes to tick, without any answer."""
    style = Markup((STATIC / "sheet.css").read_text("utf-8"))
    return render("sheet.html", words=words, parts=lesson.PARTS, quiz=list(lesson.QUIZ), style=style)

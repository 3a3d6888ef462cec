"""What people ask for in a sentence: "tell cats from dogs", "find all mushrooms", or a paragraph that names things.

    classes_asked("is it a mug or a glass?")                              # ["mug", "glass"]
    classes_asked("find all mushrooms")                                   # ["mushroom", "something else"]
    classes_asked("On my walk I saw a heron, two ducks and a squirrel.")  # ["heron", "duck", "squirrel"]

A list of names, a description and "things that fly" are none of these.
"""

from __future__ import annotations

import re

from tina.prompts.known_words import is_thing, our_families, our_names, singular, singular_in, tells_something
from tina.prompts.something_else import SOMETHING_ELSE
from tina.prompts.text import BULLET, COLON, COMMA, JOINT, clean, key_of, lines_of, quotes_in


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LONGEST = 300  # characters of a request; a paragraph may be longer
PLEASE = r"(?:(?:please|can you|could you|i want to|i would like to|i'd like to|help me(?: to)?|learn to|to)\s+)*"
FROM = re.compile(rf"^{PLEASE}(?:tell|distinguish|separate|differentiate)\s+(.+?)\s+from\s+(.+)$", re.IGNORECASE)
APART = re.compile(
    rf"^{PLEASE}(?:tell\s+apart|tell(?=.*\sapart[.?!]*$)|distinguish(?:\s+between)?|differentiate(?:\s+between)?|separate|"
    r"sort|classify|compare)\s+(.+?)(?:\s+apart)?$",
    re.IGNORECASE,
)
QUESTION = re.compile(r"^(?:is|are|was)\s+(?:it|this|that|these|those|they|there)\s+(.+)$", re.IGNORECASE)
FIND = re.compile(rf"^{PLEASE}(?:find|detect|spot|look\s+for|watch\s+for)\s+(?:me\s+)?(.+)$", re.IGNORECASE)
WHERE = re.compile(r"\s+(?:in|on|at|among)\s.+$", re.IGNORECASE)
ARTICLE = re.compile(
    r"^(?:(?:all|every|any|each)(?:\s+(?:of\s+)?the)?|an?|the|some|either|whether|between)\s+", re.IGNORECASE
)
RELATIVE = re.compile(r"\b(?:that|which|who|whose|with|without|if|how|what|when|where|of)\b", re.IGNORECASE)
MOST_WORDS = 4  # of a thing that is asked for

TOLD = re.compile(  # somebody tells something: "I saw", "my sister often draws"
    r"\b(?:(?:i|we|you|he|she|they|there)(?:['’](?:m|ve|d|re|s|ll))?|(?:my|our|his|her|their)\s+\w+)\s+"
    r"(?:(?:just|also|often|always|sometimes|really|have|had)\s+)?"
    r"(?:(?:see|want|need|like|love|own|keep|take|buy|grow|collect|sell|eat|bring|draw|paint|use|live)s?|"
    r"saw|seen|met|found|spotted|noticed|watched|was|were|is|are|am|have|had|has|got|took|bought|photographed|heard|"
    r"passed|counted|would|will|went|ate|brought|drew|painted|lived)\b",
    re.IGNORECASE,
)
BEGINNING = re.compile(  # so does a list of names not begin
    r"(?:i|we|you|he|she|they|there|today|yesterday|tonight|when|while|last|once|then|one\s+\w+|the\s+other\s+\w+|"
    r"this\s+(?:morning|afternoon|evening|week|year|summer|winter)|can|could|please|hello|hi|dear|in|on|at|near|by|under|"
    r"behind|during|before|after|along|from|(?:my|our|his|her|their)\s+\w+\s+(?:likes?|loves?|wants?|has|have|draws?))\b",
    re.IGNORECASE,
)
SENTENCES = re.compile(r"\w[.!?]\s+[A-Z]")  # one after the other
SENTENCE = re.compile(r"[A-Z][^.!?]*[.!]$")  # from its capital to its full stop
SHORTEST = 7  # words of a paragraph
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[.,;!?()]")
OPENING = _words(
    "a an the my your his her its our their this that these those some several many few two three four five "
    "six seven eight nine ten another each every any both no lots"
)
JOINING = frozenset((",", "and", "or"))
PLACING = _words(  # what follows says where, when or how, and is not what was seen
    "in on at near by under over behind beside into through along to across around towards toward inside "
    "outside during before after from onto past off upon against between for until like as"
)
HOLDING = _words("has have had contains contain shows show is are was were")  # what stands before is where things are
TELLING = _words("i we you he she it they there who that which")
ADJECTIVES = 3  # words between "a" and the thing


def classes_asked(text: str) -> list[str] | None:
    """The labels that a request or a paragraph asks for, in its order.

    Args:
        text: what a person typed.

    Returns:
        Two labels or more; None for lists, descriptions, and sentences such as "things that fly".
    """
    lines = lines_of(text)
    if not lines or any(BULLET.match(line) or COLON.search(line) for line in lines):
        return None
    if len(lines) == 1 and len(lines[0]) <= LONGEST and not quotes_in(lines[0]):
        asked = _asked(lines[0].rstrip(" .?!"))
        if asked:
            return asked
    return _told(" ".join(lines))


def _asked(line: str) -> list[str] | None:
    """The labels of a request in one line."""
    if match := FROM.match(line):
        items = [*_items(match[1]), *_items(match[2])]
        return _labels(items)
    if match := APART.match(line):
        return _labels(_items(match[1]), known=True)
    if match := QUESTION.match(line):
        items = _items(WHERE.sub("", match[1]))
        return _labels(items, known=len(items) == 1, alone=True) if ARTICLE.match(match[1]) or len(items) > 1 else None
    if match := FIND.match(line):
        return _labels(_items(WHERE.sub("", match[1])), alone=True)
    return None


def _items(text: str) -> list[str]:
    """The things that a list names, without articles."""
    parts = [part for piece in COMMA.split(text) for part in JOINT.split(f" {piece} ")]
    bare = (clean(re.sub(r"^(?:and|or)\s+", "", part.strip(), flags=re.IGNORECASE)) for part in parts)
    return [ARTICLE.sub("", ARTICLE.sub("", part)) for part in bare if part]


def _labels(items: list[str], known: bool = False, alone: bool = False) -> list[str] | None:
    """Labels of what was asked for, in the singular; None where they are no short names.

    Args:
        items: as they were typed.
        known: whether every one of them has to have a known word.
        alone: whether one is enough, with "something else" beside it.
    """
    if not items or any(len(item.split()) > MOST_WORDS or RELATIVE.search(item) for item in items):
        return None
    if known and not all(map(tells_something, items)):
        return None
    labels = _unrepeated([singular(item) for item in items])
    if len(labels) > 1:
        return labels
    return [*labels, SOMETHING_ELSE] if alone else None


def _told(text: str) -> list[str] | None:
    """The things that a paragraph names. Where something was ("in the park", "our kitchen has") counts only if little
    else is named."""
    if len(text.split()) < SHORTEST or quotes_in(text) or not (_is_speech(text) or _is_sentence(text)):
        return None
    found = _things_in(WORD.findall(clean(text)))
    seen = [name for name, is_place in found if not is_place]
    labels = _unrepeated(seen if len(seen) > 1 else [name for name, _ in found])
    return labels if len(labels) > 1 else None


def _is_speech(text: str) -> bool:
    return bool(TOLD.search(text) and (BEGINNING.match(text) or SENTENCES.search(text)))


def _is_sentence(text: str) -> bool:
    """From a capital to a full stop, with more between two commas than the name of a thing."""
    longest = max(len(part.split()) for part in COMMA.split(text))
    return bool(SENTENCE.match(text)) and longest > MOST_WORDS and not RELATIVE.search(text)


def _things_in(words: list[str]) -> list[tuple[str, bool]]:
    """Each thing that is named after "a", "two" or "my", or in the plural; and whether it only says where."""
    found: list[tuple[str, bool]] = []
    room, place, listed, at = 0, False, False, 0
    while at < len(words):
        word = words[at].casefold()
        size = 0
        if word in OPENING:
            room = 1 + ADJECTIVES
        elif word in JOINING:
            room, place = int(listed), False
        elif word == "to" and at + 1 < len(words) and words[at + 1].casefold() not in OPENING:
            room, at = 0, at + 1  # past its verb
        elif word in PLACING:
            room, place, listed = 0, True, False
        elif word in TELLING or not word[0].isalpha():
            room, place, listed = 0, False, False
        else:
            after_verb = at and words[at - 1].casefold() in TELLING
            size = 0 if after_verb else _thing_at(words, at, plural_only=not room)
            listed, room = bool(size), max(0, room - 1)
        if size:
            holds = at + size < len(words) and words[at + size].casefold() in HOLDING
            found.append((singular(" ".join(words[at : at + size])), place or holds))
            room, place = 0, False
        at += max(size, 1)
    return found


def _thing_at(words: list[str], at: int, plural_only: bool) -> int:
    """How many words from there on are the name of a thing; 0 where none is."""
    for size in (4, 3, 2):
        name = " ".join(words[at : at + size])
        if at + size <= len(words) and singular_in(name, our_names() | our_families()) and _fits(name, plural_only):
            return size
    size = 0
    while at + size < len(words) and _is_thing(words[at + size]):
        size += 1
    return size if size and _fits(words[at + size - 1], plural_only) else 0


def _is_thing(word: str) -> bool:
    plain = word.casefold() not in OPENING | JOINING | PLACING | TELLING
    return plain and (is_thing(word) or bool(singular_in(word, our_families())))


def _fits(name: str, plural_only: bool) -> bool:
    return not plural_only or singular(name) != name


def _unrepeated(labels: list[str]) -> list[str]:
    return list({key_of(label): label for label in reversed(labels)}.values())[::-1]

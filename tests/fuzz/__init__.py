"""Files, words and numbers from strangers, made up: each gets an answer or one sentence, and little memory.

attacks.py      zips and pictures that did harm once, by name
cases.py        random ones, of nine kinds
memory.py       how much a call takes
__main__.py     `python -m tests.fuzz --cases 100000`: as many as one wants, with their times
"""

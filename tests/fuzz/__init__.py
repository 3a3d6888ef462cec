"""Files, words and numbers from strangers, made up: each gets an answer or one sentence, and little memory.

attacks.py      zips that did harm once, by name
cases.py        random ones, of eleven kinds
memory.py       how much a call takes
besides.py      what attacks cost a server that runs, and others at it: `python -m tests.fuzz.besides`
__main__.py     `python -m tests.fuzz --cases 100000`: as many as one wants, with their times
"""

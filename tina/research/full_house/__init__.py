"""A full house, made up: many visitors at once, of the page and of the API, and what they got (tina/research/load.py).

answers.py     what is asked, and whether what came back is right, and the visitor's own
visitors.py    one visitor of the API, one of the page
server.py      a server of one's own: its memory, its temporary files, its end
"""

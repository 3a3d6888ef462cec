"""The judge: how good Tina's classifiers are, beside everything else one could do with the same words and zoo.

`splits.py` says which tasks are asked, `methods.py` how each rival answers them, `table.py` scores the answers on
held-out pictures (python -m tina table), and `figures.py` draws what the page and the README show of it.
"""

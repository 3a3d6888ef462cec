"""The judge: how good Tina's classifiers are, beside everything else one could do with the same words and zoo.

`splits.py` says which tasks are asked, `methods.py` lists the rivals, `table.py` scores their answers on held-out
pictures (python -m tina table), and `figures.py` draws what the page and the README show of it. How each rival works is
in a module named for what it is made of: `of_generic.py`, `of_zoo.py`, `experts.py`, `by_encoder.py`, `fine_tuned.py`;
all of them work with the same `workbench.py`.
"""

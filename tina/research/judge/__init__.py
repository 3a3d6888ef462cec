"""The judge: how good Tina's classifiers are, beside everything else one could do with the same words and zoo.

`splits.py` has the tasks, `method.py` what a rival is, `methods.py` all of them; `table.py` scores them on held-out
pictures (python -m tina table), and `report.py` makes text of that. How each rival works is in a module named for what
it is made of: `of_generic.py`, `of_zoo.py`, `experts.py`, `by_encoder.py`, `fine_tuned.py`, `by_tina.py`, and
`ablations.py`, which is Tina with one part switched off. All of them work with the same `workbench.py`.
"""

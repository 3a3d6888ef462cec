"""A Tina of one's own photographs, on an image tower: a folder of one sub-folder per class becomes a checkpoint.

photos.py     what the tower makes of every picture, kept in the folder of the result
rows.py       closed form: one logistic regression over all classes
zoo.py        classifiers of some of the classes each, and tasks for the transformer that are made of them
course.py     the stages, how long each takes, and how long there is to go
plan.py       what will be done
work.py       each stage
make.py       all of it, one after the other
table.py      how good it is, beside what else one could do
card.py       its README.md
"""

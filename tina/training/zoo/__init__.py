"""The zoo: thousands of classifiers fine-tuned on random tasks, which the generator learns to write.

`tasks.py` draws what a classifier is to tell apart, `bank.py` holds the pictures, `finetune.py` trains many classifiers
at once, `store.py` keeps them on disk, and `build.py` (python -m tina.zoo) does all of it.
"""

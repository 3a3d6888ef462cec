"""python -m tina.train: trains a generator on a zoo (`tina/training/train.py`)."""

from tina import cli
from tina.training.train import main

if __name__ == "__main__":
    cli.guard(main)

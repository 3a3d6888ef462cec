"""python -m tina.zoo: builds a zoo of fine-tuned classifiers (`tina/training/zoo/build.py`)."""

from tina import cli
from tina.training.zoo.build import main

if __name__ == "__main__":
    cli.guard(main)

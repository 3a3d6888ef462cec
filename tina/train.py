"""python -m tina.train: trains a generator on a zoo (`tina/training/train.py`)."""

from tina.errors import exit_on_user_error
from tina.training.train import main

if __name__ == "__main__":
    exit_on_user_error(main)

"""python -m tina.zoo: builds a zoo of fine-tuned classifiers (`tina/training/zoo/build.py`)."""

from tina.errors import exit_on_user_error
from tina.training.zoo.build import main

if __name__ == "__main__":
    exit_on_user_error(main)

"""Tina writes the weights of a small classifier for the classes you name, in a fraction of a second."""

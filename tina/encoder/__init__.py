"""Texts and pictures into one space: one unit vector each."""

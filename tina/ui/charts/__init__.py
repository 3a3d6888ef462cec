"""Figures: pure functions from numbers to SVG or HTML."""

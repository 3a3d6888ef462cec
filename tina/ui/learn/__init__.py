"""The lesson, and what a projector adds."""

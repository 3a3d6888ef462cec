"""Recipes: the programs that built what ships in `checkpoints/`, from scratch."""

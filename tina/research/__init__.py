"""How good it is, and how what ships was made: tables of rivals, curves, figures, recipes, timings."""

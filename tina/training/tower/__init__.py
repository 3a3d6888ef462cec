"""How a Tina on an image tower is made: what closed form knows is fitted, then the transformer is trained on tasks."""

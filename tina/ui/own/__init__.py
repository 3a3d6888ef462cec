"""/world: a Tina of a visitor's own photographs."""

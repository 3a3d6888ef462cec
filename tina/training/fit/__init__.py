"""Everything that is estimated before the transformer is trained, in closed form."""

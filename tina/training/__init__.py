"""What builds a Tina: the zoo, the parts fitted in closed form, and the training of the transformer."""

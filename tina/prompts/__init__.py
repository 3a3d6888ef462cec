"""What was typed or uploaded, understood: text and pictures in, an ordered list of classes out."""

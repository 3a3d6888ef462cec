"""What comes out: a classifier that predicts, is scored, and is saved in forms that run without Tina."""

"""Rows for any class at all, on a pretrained image tower: from names, from descriptions, from the pictures shown."""

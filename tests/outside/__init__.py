"""Tina outside of its checkout: installed, published, on a Space, in a container."""

"""The generator: from prompt vectors to the weights of a classifier, as a set of tokens in which order does not matter.

`normalise.py` makes weights numbers of about one, `diffusion.py` puts noise onto tokens and takes it off again, and
`transformer.py` is the network that knows how: noisy tokens and prompt vectors in, clean tokens out.
"""

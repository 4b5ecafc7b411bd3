"""Which element of a page a target means: the structured notation strictly, plain words by scoring. No I/O, no guessing."""

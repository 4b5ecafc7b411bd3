"""Learning: what a model planned once and was proved is done again without one, on the site where it was learned."""

"""Finding a step's element again on a page that has changed since the step was recorded, and only when it is beyond doubt.

`Healer` is asked about every target of a plan that was done before (`roles.Healer`); `Prints` is what it knows of that; `Rewritten`
makes the healed script and its diff. Nothing here acts or guesses: two that could be meant are `ambiguous`, and what stands where
the element stood without being called alike needs a person's yes.
"""

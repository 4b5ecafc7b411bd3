"""The one way out of the browser: a proxy that lets granted origins through, tapes what passes, or answers from a tape."""

"""Models as planners ask them: one small port, and what stands behind it: servers, recordings, fakes, limits."""

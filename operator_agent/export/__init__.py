"""A recorded run as something else that does the same: a Playwright test, a skill, a scenario."""

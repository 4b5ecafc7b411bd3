"""The browser surface, on Playwright and Chromium."""

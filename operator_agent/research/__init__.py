"""Answers to questions from pages that were really read; `inquiry.research` gives them."""

"""Crafts for apps, for reading values and for small reasoning."""

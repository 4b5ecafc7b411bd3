"""Doing a recorded run again: on the live application, without network and model, or differently from one of its steps on."""

"""Searching settings: a space, trials on Ray Tune with Optuna, and what they found.

Loads neither Ray nor Keras when imported: `search.py` and `trial.py` do, when a sweep is carried out.
"""

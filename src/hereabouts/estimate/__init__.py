"""Noisy measurements in, estimates with errors out. Nothing here sees an exact number."""

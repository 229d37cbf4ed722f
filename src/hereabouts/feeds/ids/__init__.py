"""Devices: one canonical id for each, and the keyed pseudonyms that stand in for it."""

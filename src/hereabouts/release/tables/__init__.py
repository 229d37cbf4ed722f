"""The tables of a release: which estimated rows are published, and how they are written."""

"""Each statistic: its domain, its per-device contribution, its bound, and the proof beside it."""

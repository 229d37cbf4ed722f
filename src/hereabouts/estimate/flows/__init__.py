"""Flows: from noisy scaled trips to estimates of every resolution and period."""

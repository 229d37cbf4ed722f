"""Visitors: from noisy scaled counts of distinct devices to estimates of every resolution and period."""

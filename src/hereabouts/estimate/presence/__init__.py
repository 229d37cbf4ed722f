"""Presence: from noisy hourly counts to estimates of every resolution and period."""

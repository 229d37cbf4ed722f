"""Measuring a plan: one module a statistic; exact contributions pass through unopened."""

"""Attacks on a release, by its owner: what somebody who knows much already could learn from it."""

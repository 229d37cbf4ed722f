"""The logistic regression against one that is solved to the end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from hereabouts.risk.attack.logistic import trained


def test_it_finds_the_least_penalised_loss() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(3.0, 2.0, (300, 5))
    label = rng.random(300) < special.expit(features[:, 0] - 3.0)
    inputs = (features - features.mean(axis=0)) / features.std(axis=0)

    def loss(parts: np.ndarray) -> float:
        """Weights as differences of two positive parts, so that the penalty is smooth."""
        weight, shift = parts[:5] - parts[5:10], parts[10]
        score = inputs @ weight + shift
        return float((np.logaddexp(0, score) - label * score).mean() + 0.02 * parts[:10].sum())

    best = optimize.minimize(loss, np.zeros(11), bounds=[(0, None)] * 10 + [(None, None)], tol=1e-12)
    found = trained(features, label, penalty=0.02, steps=500)
    assert found.weight == pytest.approx(best.x[:5] - best.x[5:10], abs=2e-3)
    assert found.intercept == pytest.approx(best.x[10], abs=2e-3)


def test_what_says_nothing_gets_no_weight() -> None:
    rng = np.random.default_rng(2)
    features = np.column_stack([rng.normal(0, 1, 500), rng.normal(0, 1, 500), np.ones(500)])
    label = features[:, 0] > 0
    found = trained(features, label, penalty=0.05)
    assert found.weight[1:] == pytest.approx(np.zeros(2))
    assert found.scores(features)[label].min() > found.scores(features)[~label].max() - 1.0

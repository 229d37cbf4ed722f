"""Logistic regression with an L1 penalty, by accelerated proximal gradients (Beck and Teboulle 2009, FISTA)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


class Classifier(NamedTuple):
    """A linear score of features that are first put to mean 0 and deviation 1, as in training."""

    mean: Floats
    deviation: Floats
    weight: Floats
    intercept: float

    def scores(self, features: Floats) -> Floats:
        """The higher, the rather in; shape (samples,)."""
        return np.asarray((features - self.mean) / self.deviation @ self.weight + self.intercept)


def trained(features: Floats, label: NDArray[np.bool_], penalty: float = 0.01, steps: int = 150) -> Classifier:
    """Fit ``mean log loss + penalty |weight|_1``.

    Parameters
    ----------
    features
        Shape (samples, features).
    label
        Which samples are in, shape (samples,).
    penalty
        Of the absolute weights; the intercept has none.
    steps
        Of descent.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    inputs = np.column_stack([(features - mean) / deviation, np.ones(len(features))])
    # The loss bends by at most a quarter of the largest eigenvalue of the inputs' second moments.
    step = 4.0 * len(inputs) / np.linalg.norm(inputs, 2) ** 2
    weight = ahead = np.zeros(inputs.shape[1])
    momentum = 1.0
    for _ in range(steps):
        gradient = inputs.T @ (special.expit(inputs @ ahead) - label) / len(inputs)
        moved = ahead - step * gradient
        moved[:-1] = np.sign(moved[:-1]) * np.maximum(np.abs(moved[:-1]) - step * penalty, 0.0)
        following = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        ahead = moved + (momentum - 1.0) / following * (moved - weight)
        weight, momentum = moved, following
    return Classifier(mean, deviation, weight[:-1], float(weight[-1]))

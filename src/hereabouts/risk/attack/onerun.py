"""What canaries prove: a lower bound on epsilon from one run, and whether they show more than was claimed.

A canary is a made-up device that is easy to find, put in or left out by the toss of a coin. Two tests:

- **One-run audit** (Steinke, Nasr and Jagielski 2023, theorem 5.2 and appendix D): of `m` canaries an attacker guesses
  the coins of `r` and is right `v` times. With ``q = 1 / (1 + exp(-epsilon))``, an (epsilon, delta)-private release
  gives that many with probability at most ``beta + 2 m delta max over i <= v of P[v - i <= Bin(r, q) < v] / i``,
  ``beta = P[Bin(r, q) >= v]``. Rigorous, however canaries bear on one another: coins are fair, and guesses see nothing
  but what was let out. Of little power against too little noise; but what takes no noise at all, a threshold on exact
  counts, is found by it. Several runs, each with coins of its own, are one run of as many canaries more.
- **Mean score**: in Gaussian noise a score along the canary moves by at most ``mu`` deviations. If the canaries that
  are in score higher by clearly more, then noise is too small, a bound is missing, or somebody is counted twice.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

_MOST_EPSILON = 50.0


def p_value(canaries: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """With which probability, at most, an (epsilon, delta)-private release gives so many right guesses or more."""
    q = share_right(epsilon)
    # P[Bin(guesses, q) >= v] is an incomplete beta function of v; of v = 0 it is 1.
    fewer = np.arange(1, right)
    tail = np.concatenate([[1.0], special.betainc(fewer, guesses - fewer + 1, q)])[:right]
    beta = float(special.betainc(right, guesses - right + 1, q)) if right else 1.0
    worst = float(((tail - beta) / np.arange(right, 0, -1)).max(initial=0.0))
    return min(1.0, beta + 2 * canaries * delta * worst)


def share_right(epsilon: float) -> float:
    """How often at most a fair coin is guessed by what is epsilon-private: ``1 / (1 + exp(-epsilon))``."""
    return 1.0 / (1.0 + math.exp(-epsilon))


def epsilon_from_one_run(canaries: int, guesses: int, right: int, delta: float, confidence: float = 0.95) -> float:
    """The largest epsilon that is refuted with this confidence; 0 where none is.

    Parameters
    ----------
    canaries
        How many were put in or left out, each by a fair coin of its own.
    guesses, right
        For how many of them the coin was guessed, and how often rightly.
    """
    low, high = 0.0, _MOST_EPSILON
    if p_value(canaries, guesses, right, low, delta) > 1.0 - confidence:
        return 0.0
    for _ in range(50):
        middle = (low + high) / 2.0
        if p_value(canaries, guesses, right, middle, delta) <= 1.0 - confidence:
            low = middle
        else:
            high = middle
    return low


def right_guesses(inside: Floats, outside: Floats, guesses: int) -> int:
    """How often it is right to guess "in" for the highest half of so many scores, and "out" for the lowest half."""
    scores = np.concatenate([inside, outside])
    was_in = np.arange(scores.size) < inside.size
    order = np.argsort(scores)
    half = guesses // 2
    return int((~was_in[order[:half]]).sum() + was_in[order[scores.size - half :]].sum())


def excess_of_means(inside: Floats, outside: Floats, mu: float) -> float:
    """By how many standard errors canaries that are in score higher than `mu` deviations above those that are out.

    The deviation is the scores' own, within each group: noise at half its scale doubles the distance. Of a release as
    claimed this is standard normal or less; ``inf`` where scores have no noise at all, and tell.

    Parameters
    ----------
    inside, outside
        Scores of canaries, shapes (canaries in,) and (canaries out,).
    mu
        What was claimed: the canaries' length in deviations of the noise.
    """
    n, m = inside.size, outside.size
    found = distance(inside, outside)
    if math.isinf(found):
        return found
    return (found - mu) / math.sqrt(1 / n + 1 / m + found**2 / (2 * (n + m)))


def distance(inside: Floats, outside: Floats) -> float:
    """How far apart the means of two groups are, in deviations within them; infinite where these have none."""
    within = float(((inside - inside.mean()) ** 2).sum() + ((outside - outside.mean()) ** 2).sum())
    apart, deviation = float(inside.mean() - outside.mean()), math.sqrt(within / (inside.size + outside.size - 2))
    # What is left of none by rounding is none.
    if deviation <= 1e-9 * abs(apart):
        return math.inf if apart > 0 else -math.inf
    return apart / deviation


def means_flagged(inside: Floats, outside: Floats, mu: float, alpha: float = 0.01) -> bool:
    """Whether the mean scores show more than was claimed, wrongly so with probability `alpha`."""
    return excess_of_means(inside, outside, mu) > -float(special.ndtri(alpha))


def needed(mu: float, least: int = 1_000, most: int = 200_000) -> int:
    """How many canaries show noise at half its scale, or a device that counts twice, but once in 100,000 times.

    Either doubles the distance. Half of N canaries in and half out: it stands out by ``mu sqrt(N) / 2`` errors, less
    the 2.3 of the test's own level. (N = 200 / mu squared: 7.1 - 2.3 = 4.7 errors.)
    """
    return min(max(math.ceil(200.0 / mu**2), least), most)


def guesses_needed(epsilon: float, least: int = 1_000, most: int = 20_000) -> int:
    """How many guesses, all of them right, an epsilon gives but once in 100 million times: ``q**n < exp(-20)``."""
    return min(max(math.ceil(20.0 * (1.0 + math.exp(min(epsilon, _MOST_EPSILON)))), least), most)

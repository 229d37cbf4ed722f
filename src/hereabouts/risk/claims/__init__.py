"""Report cards: what somebody said of a data set, held against what is measured of it (CLAIMS).

:mod:`~hereabouts.risk.claims.vocabulary` has the claims that can be tested. Each has a definition, a threshold with its
source, a measurement, which is one of :mod:`hereabouts.risk.audit` or a count by the gate of
:mod:`hereabouts.feeds.checks`, and one of three verdicts: it holds, it fails, or it cannot be told from these data.
"""

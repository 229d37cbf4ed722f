"""What could still be found out: audits of data sets, attacks on releases, checks of claims.

Everything here computes with single traces in memory, and gives figures about whole data sets alone: see
:mod:`hereabouts.risk.figures`. No figure is about fewer devices than :data:`hereabouts.rules.fewest.FEWEST`, and
nothing here keeps, prints or names an identifier or a place.
"""

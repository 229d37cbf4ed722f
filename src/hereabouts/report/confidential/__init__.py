"""Pages for the owner of a data set alone: audits, attacks, report cards of claims.

They are computed on exact data and are not differentially private, and every section says so. One file each, without a
script, that opens offline and loads nothing. :mod:`~hereabouts.report.confidential.page` is the shell,
:mod:`~hereabouts.report.confidential.plots` draws, and there is one module for each kind of page.
"""

"""Feeds: from a supplier's file to checked pings, with a count by reason of what was left out.

Modules are imported by name: :mod:`~hereabouts.feeds.profile` (which column means what),
:mod:`~hereabouts.feeds.formats.readers` (files to raw batches), :mod:`~hereabouts.feeds.checks` (raw batches to
accepted pings), :mod:`~hereabouts.feeds.ids.identifiers` (canonical ids and pseudonyms). What becomes of a row
is decided by that row, its profile and the store's gate, and by no other row.
"""

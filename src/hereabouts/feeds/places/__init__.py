"""Sensitive places (SL-LIST, SL-BLOCK): the list, the gate that keeps pings at them out, and how a list is built.

Modules are imported by name: :mod:`~hereabouts.feeds.places.listing` (the list and its files),
:mod:`~hereabouts.feeds.places.gate` (which pings are at a listed place),
:mod:`~hereabouts.feeds.places.cells` (which cells a list touches), :mod:`~hereabouts.feeds.places.osm` and
:mod:`~hereabouts.feeds.places.venues` (lists from OpenStreetMap and from tables of venues),
:mod:`~hereabouts.feeds.places.canaries` (pings that must not pass).
"""

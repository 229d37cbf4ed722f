"""Migrations of the state database, run by :func:`hereabouts.state.database.open_state`."""

from __future__ import annotations

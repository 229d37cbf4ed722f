"""Audit: how identifying a data set is, in figures about the whole of it.

=============  ======================================================================
module         knows
=============  ======================================================================
points         how points of a trace are drawn, and who else has them
unicity        in which share of traces few points single one out, by grain
hours          in which cells devices are, in which hours of the week
linkability    whether two periods can be joined under fresh pseudonyms
night_and_day  whether the most visited cells by night and day are unique; guessing
questions      WP29's three questions, each with a control
precision, sampling, sensitive, sizes   what the data set is like
result, run    what comes out, and the order in which it is worked out
=============  ======================================================================
"""

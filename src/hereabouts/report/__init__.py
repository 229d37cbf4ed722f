"""The report of a release: one HTML file for the person who has to decide something.

It sees what the public sees: the released tables and the manifest. :func:`write_report` is the whole
interface.

=============  ======================================================================
module         knows
=============  ======================================================================
manifest       which facts the manifest holds
levels, slots  how a table falls into levels, and which moments a level has
geometry       where cells lie
land, towns    what is drawn under and beside them
words          how numbers, areas and periods are said
findings, spending, tables   what the page tells without a map
packing, payload, palette    what the page's script draws, and in which colours
page, write    the template, its policy, the file
=============  ======================================================================
"""

from __future__ import annotations

from hereabouts.report.write import write_report

__all__ = ["write_report"]

"""How many devices a count must be about, to be told even to a store's owner.

Receipts are confidential, and yet of a file that is one person's, or a list that names one, a count by category or
window says where somebody was. The same limit holds for audits (design: data-set-level figures alone).
"""

from __future__ import annotations

FEWEST = 20

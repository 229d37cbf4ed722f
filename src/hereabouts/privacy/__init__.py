"""Units, sensitivity, mechanisms, accounting: the only place where noise is drawn."""

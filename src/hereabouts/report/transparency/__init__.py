"""The transparency report: what was asked of a store and what was let out, made from its public log alone."""

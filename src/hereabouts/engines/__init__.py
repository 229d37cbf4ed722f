"""Who carries batches to the kernels. No semantics here."""

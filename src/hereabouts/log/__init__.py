"""The transparency log: static files that anyone can check, signed checkpoints, proofs that an entry is in it."""

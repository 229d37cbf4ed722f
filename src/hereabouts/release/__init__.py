"""Plans, what is published of them, the manifest, and checking it. Public facts and noisy numbers only."""

"""Windows and buckets on disk, keys, and what is kept of a sealed window."""

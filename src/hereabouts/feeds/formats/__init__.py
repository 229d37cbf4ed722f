"""Feeds as files: from Parquet, CSV, JSON Lines and JSON documents to batches of raw columns."""

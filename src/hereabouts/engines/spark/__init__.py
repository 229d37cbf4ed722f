"""The distributed engine: Apache Spark carries the same work to the same kernels, on many machines (docs/scale.md)."""

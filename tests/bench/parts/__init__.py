"""What the benchmarks are made of: servers, the load on them, and a database of a given size."""

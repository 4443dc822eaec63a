"""Side-by-side measurements that anyone can run. Knows clocks; no test depends on it."""

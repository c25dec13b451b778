"""Learning a real line by probe calls: its extension, its profile, its carrier's timings."""

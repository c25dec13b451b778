"""The order API over accounts that have everything, for tests that go over every operation."""

"""What operators watch: what waits, what providers answer, whether the clock still ticks."""

"""`lab drill`: ask, reveal, grade, in the terminal."""

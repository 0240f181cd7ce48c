"""A group's list of people: its columns, reading it, checking its rows, and writing it back."""

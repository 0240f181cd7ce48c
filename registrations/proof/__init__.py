"""Shows that nothing of an erased person is left: in any column, any index, any file of a table."""

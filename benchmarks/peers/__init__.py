"""What the engine is measured beside, in a database and under settings of their own."""

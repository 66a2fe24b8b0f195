"""Plans: types, operators and expressions as plain data, read from JSON."""

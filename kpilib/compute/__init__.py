"""From a definition and a slice to numbers: SQL, cubes, values and intervals."""

"""How inner loops are compiled, for every package that has some."""

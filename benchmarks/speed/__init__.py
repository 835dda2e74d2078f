"""How fast the hot paths are: ``make bench``; read the ratios of one run, not times of two machines."""

"""How a synthetic city is drawn: river, main roads, grids, old town, districts and names."""

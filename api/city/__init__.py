"""What a city is: names, zones, merchants, streets, and the clock."""

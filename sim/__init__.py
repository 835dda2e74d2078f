"""The pretend world in SimPy: riders, kitchens and customers who use the same commands as the API."""

"""Compiled inner loops; each is plain Python that numba compiles, and gives the same without it."""

"""Scenario files and their catalogue, and importers of public benchmarks."""

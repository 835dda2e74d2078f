"""The street network: graphs of cities, travel times, street paths and the nearest edge."""

"""The words of the business: ids, orders, riders, plans, commands, events and errors; no other package."""

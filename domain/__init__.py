"""The words of the business: ids, orders, riders, plans, commands, events and errors; standard library only."""

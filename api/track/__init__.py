"""What a customer may see of one order, by an unguessable link."""

"""Events for other systems and for people: what became of a deployment, and of the budget."""

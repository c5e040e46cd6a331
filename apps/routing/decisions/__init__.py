"""Pure rules of routing: the walk over the layers, the nearest office, turns in a queue, document checks."""

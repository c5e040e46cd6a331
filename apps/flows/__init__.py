"""Flows: the verbs that cross stages, one module each. The only place that knows an order of steps."""

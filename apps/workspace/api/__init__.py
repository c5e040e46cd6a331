"""The REST API's doors: they read a request, ask one action or query, and write its answer."""

"""Pages of the chat: the visitor's, open to everybody, and those of the people who answer."""

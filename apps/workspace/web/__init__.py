"""The coordinators' pages: plain views, forms and addresses. They read by queries and write by flows."""

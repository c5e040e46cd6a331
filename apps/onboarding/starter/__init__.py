"""What ships with the product for a new tenant: message templates that wait for approval, and steps of stages."""

"""The JSON interface: complaints in, their state out, remedies to billing and back."""

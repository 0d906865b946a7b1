"""Agents, manufacturers and providers: contracts and sanctions."""

"""Measurement server and client (ndt7, v0.11.0): a process of its own, without Django."""

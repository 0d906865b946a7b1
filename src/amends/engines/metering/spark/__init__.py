"""Counting usage on Spark: the steps of `advance` on parcels of columns. No Django here."""

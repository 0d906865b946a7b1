"""Files people bring: CSV, Excel, JSON lines, Parquet; any encoding, any order of columns."""

"""What was owed, computed again from usage, charges, orders and changes.

Nothing here reads the reminder engine, its state or its output: a rule that was switched off, or an
engine outage hides nothing. Whole periods are recomputed as columns; the engine counts
record by record. Both read the same dated duties (`rules/duties.py`) and name a notice by the same
key (`rules/keys.py`), and meet nowhere else.
"""

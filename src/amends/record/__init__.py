"""Facts in a verifiable ledger, their kinds, and the catalogue of offers."""

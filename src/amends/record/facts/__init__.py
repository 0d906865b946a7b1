"""The pure vocabulary of evidence: kinds of facts, their canonical bytes, their leaf hashes."""

"""Offers as facts and catalogues tell them: key facts, and TM Forum's form of them."""

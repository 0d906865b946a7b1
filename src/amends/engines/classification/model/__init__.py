"""How a complaint text becomes a code: folding, phrases, features, a linear model, learning.

The door is `amends.engines.classification.classify`; the parts here are pure and use NumPy only
(`learning` also SciPy), so they run as well inside a batch job as inside a request.
"""

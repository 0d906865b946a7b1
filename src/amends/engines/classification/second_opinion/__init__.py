"""The second opinion: a small head on sentence vectors, for texts in unfamiliar words.

The vectors come from multilingual-e5-small (Wang et al. 2024) as the extra `amends[semantic]`
brings it (`amends.engines.classification.second_opinion`). Without the extra nothing here is used.
"""

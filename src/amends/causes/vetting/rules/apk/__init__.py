"""Readers of Android packages: archive, manifest, resources, code, signatures.

Each reader is given bytes or an open archive and never trusts a length, an offset or a reference of
the file: whatever is out of bounds raises `UnableToReadApk`.
"""

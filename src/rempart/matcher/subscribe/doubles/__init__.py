"""Owners of lists to try a matcher with: small servers of each shape, with drawn entries, changes, and faults on demand.

Nothing they publish was made from a picture.
"""

"""Scanning what a platform stores already: folders, archives, manifests of millions; on all cores or on a cluster.

Everything is planned first, in a folder of its own beside the report; each piece of the plan is done once, whoever is killed.
"""

"""Repairs to moto: each makes one answer what AWS answers.

A repair is a function that changes moto's classes in place; its docstring names the call, what moto 5.2.5 does and
what AWS does (source: the service's API reference unless said otherwise).  docs/simulator-gaps.md lists them all.
"""

from . import apis, cache, cloudfront, compute, controls, database, edge, identity, messaging, network, observability, storage


def apply():
    """Apply every repair; returns the control endpoints: name -> function(given JSON) -> JSON."""
    for room in (network, compute, database, cache, edge, cloudfront, identity, messaging, observability, storage, apis):
        for repair in room.REPAIRS:
            repair()
    return controls.install()

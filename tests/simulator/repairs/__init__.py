"""Repairs to moto: each makes one answer what AWS answers.

A repair is a function that changes moto's classes in place; its docstring names the call, what moto 5.2.5 does and
what AWS does (source: the service's API reference unless said otherwise).  docs/simulator-gaps.md lists them all.
"""

import importlib
import pkgutil

from . import controls


def apply():
    """Apply the REPAIRS of every file here; returns the control endpoints: name -> function(given JSON) -> JSON."""
    for room in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        for repair in getattr(importlib.import_module(f"{__name__}.{room}"), "REPAIRS", ()):
            repair()
    return controls.install()

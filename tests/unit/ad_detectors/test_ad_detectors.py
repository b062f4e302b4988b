"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import ad_detectors

MODULES = [module.name for module in pkgutil.walk_packages(ad_detectors.__path__, "ad_detectors.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_every_module_hold(name) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0

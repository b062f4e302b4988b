"""How fast the detection engine is as it is run; `benchmarks/engine/__main__.py` lists what is measured."""

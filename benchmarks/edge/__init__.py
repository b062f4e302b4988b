"""How fast the edge is as it is run; `benchmarks/edge/__main__.py` lists what is measured."""

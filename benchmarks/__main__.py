"""All benchmarks, one after the other: `python -m benchmarks [--quick]`."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    """Exit code 1 when one of them missed a must."""
    names = sorted(
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in {"__main__", "figures"}
    )
    failed = []
    for name in names:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n== {name}", flush=True)
        if module.main():
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

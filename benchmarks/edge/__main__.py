import sys

from benchmarks.edge import main

sys.exit(main())
